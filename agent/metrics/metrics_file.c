/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/metrics_file.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/owned_file.h"
#include "agent/base/slice.h"

static const char option[] = "--metrics-file";
enum { REST_MS = 4900 }; /* from one write to the next, at least: collectors come more rarely */
enum { FAREWELL_MS = 300, SLICE_MS = 20 }; /* for what is still to be written at the end */
enum { MAX_PATH_BYTES = 4096 };

struct metrics_file {
    char path[MAX_PATH_BYTES];
    const char *name; /* in path */
    struct metrics *metrics;
    struct log log;
    char said[sizeof(((struct err *)0)->text)]; /* the trouble that was told last */
    pthread_t thread;

    pthread_mutex_t lock; /* for all below */
    pthread_cond_t changed;
    bool has_news, is_ending, is_over, has_ended, is_abandoned;
};

static int open_folder(const struct metrics_file *file, struct err *err)
{
    char folder[MAX_PATH_BYTES];

    snprintf(folder, sizeof(folder), "%.*s", (int)(file->name - file->path), file->path);
    return owned_folder_open(*folder ? folder : ".", false, option, err);
}

static int write_now(const struct metrics_file *file, struct err *err)
{
    int folder = open_folder(file, err), r;
    char *text;

    if (folder < 0)
        return folder;
    text = metrics_text(file->metrics);
    r = text ? owned_file_show(folder, file->name, text) : -ENOMEM;
    free(text);
    close(folder);
    if (r < 0)
        err_set(err, r, "%s: cannot write '%s': %s", option, file->path, strerror(-r));
    return r;
}

/* Again only when it changes. */
static void write_and_tell(struct metrics_file *file)
{
    struct err err = {0};
    int r = write_now(file, &err);

    if (r < 0 && strcmp(file->said, err.text) != 0)
        log_line(&file->log, LOG_WARNING, "%s; going on without", err.text);
    else if (r >= 0 && file->said[0])
        log_line(&file->log, LOG_NOTICE, "%s: '%s' is written again", option, file->path);
    snprintf(file->said, sizeof(file->said), "%s", r < 0 ? err.text : "");
}

static void take_away(const struct metrics_file *file)
{
    struct err err = {0};
    int folder = open_folder(file, &err);

    if (folder < 0)
        return;
    unlinkat(folder, file->name, 0);
    close(folder);
}

static void destroy(struct metrics_file *file)
{
    metrics_free(file->metrics);
    log_done(&file->log);
    pthread_cond_destroy(&file->changed);
    pthread_mutex_destroy(&file->lock);
    free(file);
}

/* Called with the lock held, which is let go meanwhile. */
static void write_news(struct metrics_file *file)
{
    file->has_news = false;
    pthread_mutex_unlock(&file->lock);
    write_and_tell(file);
    pthread_mutex_lock(&file->lock);
}

static void rest(struct metrics_file *file)
{
    uint64_t until_ns = clock_monotonic_ns() + REST_MS * UINT64_C(1000000);

    while (!file->is_ending && clock_monotonic_ns() < until_ns)
        slice_wait(&file->changed, &file->lock, REST_MS);
}

static void *work(void *arg)
{
    struct metrics_file *file = arg;
    bool is_abandoned;

    pthread_mutex_lock(&file->lock);
    while (!file->is_ending) {
        if (!file->has_news) {
            pthread_cond_wait(&file->changed, &file->lock);
            continue;
        }
        write_news(file);
        rest(file);
    }
    if (file->is_over) {
        pthread_mutex_unlock(&file->lock);
        take_away(file);
        pthread_mutex_lock(&file->lock);
    } else if (file->has_news) {
        write_news(file);
    }
    file->has_ended = true;
    pthread_cond_broadcast(&file->changed);
    is_abandoned = file->is_abandoned;
    pthread_mutex_unlock(&file->lock);
    if (is_abandoned)
        destroy(file);
    return NULL;
}

void metrics_file_news(struct metrics_file *file)
{
    if (!file)
        return;
    pthread_mutex_lock(&file->lock);
    file->has_news = true;
    pthread_cond_broadcast(&file->changed);
    pthread_mutex_unlock(&file->lock);
}

struct metrics_file *metrics_file_open(const char *path, struct metrics *metrics,
                                       const struct log *log)
{
    struct metrics_file *file = calloc(1, sizeof(*file));
    const char *slash;

    if (!file)
        return NULL;
    snprintf(file->path, sizeof(file->path), "%s", path);
    slash = strrchr(file->path, '/');
    file->name = slash ? slash + 1 : file->path;
    file->metrics = metrics_share(metrics);
    file->log = log_share(log);
    pthread_mutex_init(&file->lock, NULL);
    slice_condition(&file->changed);
    if (pthread_create(&file->thread, NULL, work, file) == 0)
        return file;
    destroy(file);
    return NULL;
}

void metrics_file_close(struct metrics_file *file, bool is_over)
{
    bool has_ended;

    if (!file)
        return;
    pthread_mutex_lock(&file->lock);
    file->is_ending = true;
    file->is_over = is_over;
    pthread_cond_broadcast(&file->changed);
    for (int ms = 0; !file->has_ended && ms < FAREWELL_MS; ms += SLICE_MS)
        slice_wait(&file->changed, &file->lock, SLICE_MS);
    has_ended = file->has_ended;
    file->is_abandoned = !has_ended;
    if (!has_ended)
        pthread_detach(file->thread);
    pthread_mutex_unlock(&file->lock);
    if (!has_ended)
        return;
    pthread_join(file->thread, NULL);
    destroy(file);
}
