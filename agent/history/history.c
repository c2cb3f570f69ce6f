/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/history/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "agent/base/owned_file.h"
#include "agent/base/state_folder.h"
#include "agent/history/changes.h"
#include "agent/history/state.h"

enum { MIB = 1 << 20, MINUTE_S = 60, HOUR_S = 3600 };
/* A host of 100 guests and 64 pCPUs writes 1.7 KiB a minute, which is 16.3 MiB in 7 days, and 100 bytes
 * for each change and 150 for its interval (build/bench_history). */
static const uint64_t max_file_bytes[] = {
    [HISTORY_CHANGES] = 12 * MIB, [HISTORY_MINUTES] = 20 * MIB};
static const size_t max_ring_bytes[] = {
    [HISTORY_CHANGES] = 4 * MIB, [HISTORY_MINUTES] = 4 * MIB, [HISTORY_INTERVALS] = 16 * MIB};
static const char *const kinds[] = {"changes", "minutes", "intervals"};

enum history_kind history_kind_of(const char *text)
{
    int kind = 0;

    while (kind < HISTORY_KINDS && strcmp(kinds[kind], text) != 0)
        kind++;
    return (enum history_kind)kind;
}

const char *history_stem(enum program program)
{
    return program == PROGRAM_VCPU ? "history-vcpus" : "history-memory";
}

struct history *history_new(enum program program)
{
    struct history *history = calloc(1, sizeof(*history));

    if (!history)
        return NULL;
    history->program = program;
    history->folder = history->lock_fd = -1;
    pthread_mutex_init(&history->lock, NULL);
    for (int kind = 0; kind < HISTORY_KINDS; kind++)
        history->rings[kind] = (struct ring){
            .max_age_s = kind == HISTORY_INTERVALS ? HOUR_S : CHAPTER_DAYS * 24 * HOUR_S,
            .max_bytes = max_ring_bytes[kind],
            .thins = kind == HISTORY_INTERVALS,
            .next = 1};
    return history;
}

/* Two programs must not write the same files. */
static int take_lock(struct history *history, const char *stem)
{
    char name[64];
    int fd;

    snprintf(name, sizeof(name), "%s.lock", stem);
    fd = openat(history->folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd >= 0)
        owned_file_give(history->folder, fd);
    else if (errno == EEXIST)
        fd = openat(history->folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == EACCES) /* somebody else's, as root's; it is a lock all the same */
        fd = openat(history->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        return -EBUSY;
    }
    history->lock_fd = fd;
    return 0;
}

/* Minutes are written from the beginning on, so without a change there is none before them. */
static int64_t since_of_files(const struct history *history)
{
    bool is_full, ignored;
    int64_t changes = chapter_since(&history->chapters[HISTORY_CHANGES], &is_full);
    int64_t minutes = chapter_since(&history->chapters[HISTORY_MINUTES], &ignored);

    if (changes && (is_full || !minutes || changes < minutes))
        return changes;
    return minutes;
}

int history_keep(struct history *history, const char *folder, int64_t now_s, struct err *err)
{
    const char *stem = history_stem(history->program);
    struct chapter_aside aside = {0};
    int r;

    history->folder = state_folder_open(folder, err);
    if (history->folder < 0)
        return history->folder;
    r = take_lock(history, stem);
    if (r < 0) {
        close(history->folder);
        history->folder = -1;
        return err_set(err, r, "the history is in memory only: '%s/%s.lock': %s", folder, stem,
                       r == -EBUSY ? "another process writes there" : strerror(-r));
    }
    for (int kind = 0; kind < HISTORY_INTERVALS; kind++) {
        snprintf(history->name[kind], sizeof(history->name[kind]), "%s-%s", stem, kinds[kind]);
        chapter_open(history->folder, history->name[kind], max_file_bytes[kind], now_s,
                     &history->chapters[kind], &aside);
    }
    history->since_s = history->oldest_s = since_of_files(history);
    if (history->since_s > now_s)
        history->since_s = now_s;
    if (aside.n_ahead)
        return err_set(err, -EINVAL, CHAPTER_AHEAD " ('%s')", aside.n_ahead, folder);
    if (aside.n_damaged)
        return err_set(err, -EINVAL, "%zu files of the history in '%s' are damaged and set aside",
                       aside.n_damaged, folder);
    return 0;
}

int64_t history_since(struct history *history, bool *ret_is_kept)
{
    const struct ring *ring = &history->rings[HISTORY_CHANGES];
    int64_t since_s;

    pthread_mutex_lock(&history->lock);
    *ret_is_kept = history->lock_fd >= 0 && !history->is_failing;
    since_s = history->since_s;
    if (history->lock_fd < 0 && ring->n > 0 && ring_at(ring, 0)->number > 1)
        since_s = ring_at(ring, 0)->t_s;
    pthread_mutex_unlock(&history->lock);
    return since_s;
}

/* A trouble is told once until there is none. */
static int write_line(struct history *history, enum history_kind kind, int64_t t_s,
                      struct names *names, const char *text, struct mark *ret, struct err *err)
{
    int r = chapter_add(&history->chapters[kind], t_s, names, text, ret, err);
    bool is_news = r == CHAPTER_IS_ASIDE || (r < 0 && !history->is_failing);

    pthread_mutex_lock(&history->lock);
    history->is_failing = r < 0;
    pthread_mutex_unlock(&history->lock);
    return is_news ? (r < 0 ? r : -EINVAL) : 0;
}

/* Adds a line to what is in memory and on disk. Takes the text over; NULL: there was no memory. */
static int add_line(struct history *history, enum history_kind kind, int64_t t_s,
                    struct names *names, char *text, struct err *err)
{
    struct mark mark = {0, 0};
    int64_t since_s = history->since_s;
    int r = 0, kept;

    if (!text)
        return err_set(err, -ENOMEM, "out of memory: the history misses something");
    if (history->lock_fd >= 0 && kind < HISTORY_INTERVALS) {
        int64_t start_s = history->chapters[kind].start_s;

        r = write_line(history, kind, t_s, names, text, &mark, err);
        if (history->chapters[kind].start_s != start_s) { /* the oldest may have gone */
            int64_t oldest_s = since_of_files(history);

            if (history->oldest_s && oldest_s > history->oldest_s && oldest_s > since_s)
                since_s = oldest_s;
            history->oldest_s = oldest_s;
        }
    }
    pthread_mutex_lock(&history->lock);
    history->since_s = since_s && since_s < t_s ? since_s : t_s; /* the clock may have been wrong */
    kept = ring_add(&history->rings[kind], t_s, mark, names, text);
    pthread_mutex_unlock(&history->lock);
    return kept < 0 ? err_set(err, kept, "out of memory: the history misses something") : r;
}

static int end_minute(struct history *history, struct err *err)
{
    struct figures *minute = &history->minute;
    int64_t t_s = minute->t_s - minute->t_s % MINUTE_S;
    int r;

    if (!minute->sum)
        return 0;
    r = add_line(history, HISTORY_MINUTES, t_s, minute->names, figures_line(minute, t_s, false),
                 err);
    figures_done(minute);
    return r;
}

static int add_to_minute(struct history *history, const struct figures *figures, struct err *err)
{
    int r = 0, added;

    if (history->minute.sum && history->minute.t_s / MINUTE_S != figures->t_s / MINUTE_S)
        r = end_minute(history, err);
    added = figures_add(&history->minute, figures);
    return added < 0 ? err_set(err, added, "out of memory: the history misses a minute") : r;
}

/* Takes the figures over. */
static int add_figures(struct history *history, struct figures *figures, struct err *err)
{
    int r = add_to_minute(history, figures, err), kept = 0;

    names_free(history->names);
    history->names = figures->names;
    history->names->refs++;
    if (ring_wants(&history->rings[HISTORY_INTERVALS]))
        kept = add_line(history, HISTORY_INTERVALS, figures->t_s, figures->names,
                        figures_line(figures, figures->t_s, true), err);
    figures_done(figures);
    return r < 0 ? r : kept;
}

/* Whether changes are worth a line: a dry run's, where they are others than before. */
static bool are_news(struct history *history, const struct interval *interval, uint64_t hash)
{
    bool is_same = interval->dry_run && hash == history->shown;

    history->shown = interval->dry_run ? hash : 0;
    return hash && !is_same;
}

int history_add_vcpus(struct history *history, const struct vcpu_sample *sample,
                      const struct vcpu_plan *plan, const struct interval *interval, int64_t now_s,
                      struct err *err)
{
    struct figures figures;
    int r = 0, added = -ENOMEM;

    if (!history)
        return 0;
    if (are_news(history, interval, changes_vcpus_hash(plan)))
        r = add_line(history, HISTORY_CHANGES, now_s, NULL, changes_vcpus(plan, interval, now_s),
                     err);
    added = observe_vcpus(sample, plan, now_s, history->names, &history->counters, &figures);
    if (added == 0)
        added = add_figures(history, &figures, err);
    return r < 0 ? r : added;
}

int history_add_memory(struct history *history, const struct memory_sample *sample,
                       const struct memory_plan *plan, const struct interval *interval,
                       int64_t now_s, struct err *err)
{
    struct figures figures;
    int r = 0, added = -ENOMEM;

    if (!history)
        return 0;
    if (are_news(history, interval, changes_memory_hash(plan)))
        r = add_line(history, HISTORY_CHANGES, now_s, NULL, changes_memory(plan, interval, now_s),
                     err);
    added = observe_memory(sample, plan, now_s, history->names, &figures);
    if (added == 0)
        added = add_figures(history, &figures, err);
    return r < 0 ? r : added;
}

int history_add_put_back(struct history *history, json_t *changes, size_t failed, const char *at,
                         int64_t now_s, struct err *err)
{
    if (history && json_array_size(changes))
        return add_line(history, HISTORY_CHANGES, now_s, NULL,
                        changes_put_back(changes, failed, at, now_s), err);
    json_decref(changes);
    return 0;
}

void history_free(struct history *history)
{
    struct err err;

    if (!history)
        return;
    end_minute(history, &err);
    for (int kind = 0; kind < HISTORY_INTERVALS; kind++)
        chapter_close(&history->chapters[kind]);
    for (int kind = 0; kind < HISTORY_KINDS; kind++)
        ring_done(&history->rings[kind]);
    counters_done(&history->counters);
    names_free(history->names);
    if (history->lock_fd >= 0)
        close(history->lock_fd);
    if (history->folder >= 0)
        close(history->folder);
    pthread_mutex_destroy(&history->lock);
    free(history);
}
