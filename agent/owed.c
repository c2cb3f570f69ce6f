/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/owed.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/state_folder.h"
#include "agent/base/stop_job.h"
#include "agent/reload.h"
#include "agent/restore.h"
#include "agent/returned.h"

enum { MAX_PATH_BYTES = 4096, MAX_NAMED = 10, RETRY_MS = 1000, MIN_QUESTIONS = 8 };

static const char *resource_of(const struct options *options)
{
    return options->program == PROGRAM_VCPU ? "vcpus" : "memory";
}

static int open_journal(struct session *session, struct err *err)
{
    const struct options *options = session->options;
    char folder[MAX_PATH_BYTES];

    if (state_folder_usual(options->state, folder, sizeof(folder)) < 0)
        return err_set(err, -ENOENT, "--state: there is no home for a journal, name a folder");
    host_real_boot(options->connect, session->boot);
    return journal_open(folder, resource_of(options), session->identity, session->boot,
                        &session->log, &session->journal, &session->originals, err);
}

/* What the service found is not ours to read, and so it is not known whether anything is owed. */
static bool is_hidden(const struct options *options)
{
    return !options->state && geteuid() != 0 &&
           strcmp(options->connect, options_usual_connection) == 0 &&
           journal_is_there(state_folder_of_services, resource_of(options)) != 0;
}

bool owed_is_nothing(const struct options *options)
{
    char folder[MAX_PATH_BYTES];

    return options->restore && options->once && !session_is_virtual(options) &&
           !is_hidden(options) &&
           (state_folder_usual(options->state, folder, sizeof(folder)) < 0 ||
            journal_is_there(folder, resource_of(options)) == 0);
}

/* NULL: there is none any more. */
static void tell_trouble(struct session *session, const struct err *trouble)
{
    const char *text = trouble ? trouble->text : "";

    if (strcmp(session->journal_trouble, text) == 0)
        return;
    if (trouble)
        log_line(&session->log, LOG_WARNING,
                 "%s; nothing is changed before what is found can be written down", text);
    else
        log_line(&session->log, LOG_NOTICE, "what is found can be written down again");
    snprintf(session->journal_trouble, sizeof(session->journal_trouble), "%s", text);
    control_tell_state(session->control, text);
}

/* What was read counts for the host as well. Where that fails there is no journal. */
static int take_up(struct session *session, struct err *err)
{
    if (host_real_bind(&session->host, &session->originals) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    originals_expire(&session->originals, clock_real_s(), clock_monotonic_ns());
    session->has_journal = true;
    session->n_synced = session->originals.n;
    return 0;
}

int owed_open(struct session *session, struct err *err)
{
    const struct options *options = session->options;
    struct err trouble = {0};
    int r;

    control_tell_state(session->control, "");
    if (!session->identity[0] || !options_may_change(options))
        return 0;
    session->is_journal_due = true;
    session->originals.gone = &session->gone;
    r = open_journal(session, &trouble);
    if (r >= 0)
        return take_up(session, err);
    if ((options->restore || options->state) && !session->is_served) {
        session->bad_argument = true;
        return err_set(err, r, "%s", trouble.text);
    }
    tell_trouble(session, &trouble);
    return 0;
}

/* A folder that was full or read-only may have become another one. */
static void try_again(struct session *session)
{
    struct err trouble = {0};

    if (open_journal(session, &trouble) >= 0 && take_up(session, &trouble) >= 0)
        tell_trouble(session, NULL);
    else
        tell_trouble(session, &trouble);
}

/* What was written once may have been taken away since. */
static bool is_lost(const struct session *session)
{
    return session->has_journal && (session->originals.n || session->gone.n) &&
           journal_is_lost(&session->journal);
}

static void look_after(struct session *session)
{
    struct err told = {0};

    if (!session->has_journal)
        try_again(session);
    else if (is_lost(session))
        owed_sync(session, &told);
}

static void meet_again(struct session *session, size_t n_returned)
{
    if (n_returned && host_real_bind(&session->host, &session->originals) < 0)
        log_line(&session->log, LOG_WARNING, "out of memory for what limits guests that returned");
}

void owed_meet_vcpus(struct session *session, struct vcpu_sample *sample)
{
    if (!session->is_journal_due)
        return;
    look_after(session);
    meet_again(session,
               returned_meet_vcpus(&session->originals, &session->host, sample, &session->log));
}

void owed_meet_memory(struct session *session, struct memory_sample *sample)
{
    if (!session->is_journal_due)
        return;
    look_after(session);
    returned_meet_memory(&session->originals, &session->host, sample, &session->log);
}

bool owed_is_kept(const struct session *session)
{
    return options_may_change(session->options) &&
           (session->options->restore || session->is_journal_due ||
            session->options->vcpu.level != PIN_PCPU);
}

static int write_all(struct session *session, struct err *err)
{
    struct originals *originals = &session->originals;
    size_t n_new = originals->n > session->n_synced ? originals->n - session->n_synced : 0;

    if (!session->has_journal)
        return err_set(err, -EROFS, "%s", session->journal_trouble);
    if (n_new)
        restore_forget(originals, &session->host, MIN_QUESTIONS + 2 * n_new);
    originals_expire(originals, clock_real_s(), clock_monotonic_ns());
    return journal_write(&session->journal, originals, err);
}

int owed_sync(struct session *session, struct err *err)
{
    struct originals *originals = &session->originals;
    struct err trouble = {0};
    int r;

    if (!session->is_journal_due || !(originals->is_changed || is_lost(session)))
        return 0;
    r = write_all(session, &trouble);
    if (r < 0)
        originals_forget_unwritten(originals);
    else
        originals_are_written(originals);
    session->n_synced = originals->n;
    originals->is_changed = r < 0;
    tell_trouble(session, r < 0 ? &trouble : NULL);
    return r < 0 ? err_set(err, r, "%s", trouble.text) : 0;
}

bool owed_is_all(const struct session *session)
{
    return session->options->restore && session->options->once && owed_is_kept(session);
}

/* To one guest, or to all (NULL). */
static size_t count_owed(const struct session *session, const char *guest)
{
    const struct originals *originals = &session->originals;
    size_t n = 0;

    for (size_t i = 0; i < originals->n; i++)
        n += original_is_of(originals->list[i], guest);
    return n;
}

static void name_owed(struct session *session, const char *guest)
{
    const struct originals *originals = &session->originals;
    const struct guest_id *last = NULL;
    size_t named = 0;

    for (size_t i = 0; i < originals->n && named < MAX_NAMED; i++) {
        const struct original *original = originals->list[i];

        if (!original_is_of(original, guest) ||
            (last && guest_compare(&original->guest, last) == 0))
            continue;
        log_line(&session->log, LOG_WARNING,
                 "guest '%s' does not have back what was found at first", original->guest.name);
        last = &original->guest;
        named++;
    }
    log_line(&session->log, LOG_WARNING, "%zu changes are still to be put back%s",
             count_owed(session, guest),
             session->has_journal ? ": --restore --once does it when it can be done" : "");
    session->owes = true;
}

/* One attempt, which the history has. */
static int put_back(struct session *session, const char *guest, const struct log *log,
                    struct tally *tally, struct err *err)
{
    struct err trouble = {0};
    char at[CLOCK_TEXT_SIZE];
    int r;

    *tally = (struct tally){.changes = json_array()};
    r = session->put_back(session, guest, log, tally, err);
    clock_text(at);
    if (history_add_put_back(session->history, tally->changes, tally->failed + tally->gone, at,
                             clock_real_s(), &trouble) < 0)
        log_line(&session->log, LOG_WARNING, "%s", trouble.text);
    tally->changes = NULL;
    return r;
}

void owed_release(struct session *session)
{
    char guest[PAUSE_NAME_SIZE];
    struct control_result result = {0};
    struct tally tally = {0};
    struct err err = {0};
    int r = 0;

    if (!control_take_release(session->control, guest))
        return;
    result.only_looks = !options_may_change(session->options);
    if (!result.only_looks)
        r = put_back(session, guest[0] ? guest : NULL, &session->log, &tally, &err);
    if (r < 0)
        result.trouble = err.text;
    if (!result.only_looks && r != -ENOENT && control_pause(session->control, guest, 0) < 0)
        result.trouble = "too many pauses: what was put back may be changed again; resume some";
    result.done = tally.done;
    result.owed = count_owed(session, guest[0] ? guest : NULL);
    session->originals.is_changed |= !result.only_looks;
    if (owed_sync(session, &err) < 0)
        result.trouble = err.text;
    if (!result.only_looks)
        log_line(&session->log, LOG_NOTICE, "asked to release %s%s: put back %zu %s, %zu are left",
                 guest[0] ? "guest " : "all guests", guest, tally.done, session->things,
                 result.owed);
    control_released(session->control, &result);
}

static bool is_release_due(const struct session *session)
{
    const struct options *options = session->options;

    return options->restore || (options->release_on_stop && session_was_asked(session) &&
                                !(session->is_served && stop_job_is_restart()));
}

void owed_ask(const struct session *session)
{
    const struct options *options = session->options;

    if (!session->summary || !session->has_journal || !session->originals.n ||
        reload_is_due(session))
        return;
    fprintf(session->summary, "  %s were left; evenkeelctl release%s%s%s%s puts them back\n",
            options->program == PROGRAM_VCPU ? "pins" : "sizes", options->state ? " --state " : "",
            options->state ? options->state : "",
            strcmp(options->connect, options_usual_connection) == 0 ? "" : " --connect ",
            strcmp(options->connect, options_usual_connection) == 0 ? "" : options->connect);
}

void owed_put_back(struct session *session)
{
    const char *guest = session->options->guest;
    struct err err = {0};
    struct tally tally;
    size_t done = 0;
    bool is_first = true;
    int r;

    if (reload_is_due(session))
        return;
    session_begin_restore(session);
    if (!owed_is_kept(session) || !is_release_due(session))
        return;
    for (;; is_first = false) {
        r = put_back(session, guest, is_first ? &session->log : NULL, &tally, &err);
        done += tally.done;
        if ((r >= 0 && !tally.failed) || r == -ENOENT || !session_may_wait(session, RETRY_MS))
            break;
    }
    if (r < 0)
        log_line(&session->log, LOG_ERR, "%s: %s",
                 done ? "not all was put back" : "nothing was put back", err.text);
    else
        log_line(&session->log, LOG_INFO, "put back %zu %s, %zu failed", done, session->things,
                 tally.failed);
    session->originals.is_changed = true;
    owed_sync(session, &err);
    if (count_owed(session, guest))
        name_owed(session, guest);
    session->owes |= r == -ENOENT;
    if (owed_is_all(session) && is_hidden(session->options)) {
        log_line(&session->log, LOG_WARNING,
                 "what the service found is in '%s', which is not ours to read: be root, or name a "
                 "folder with --state",
                 state_folder_of_services);
        session->owes = true;
    }
}
