/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/owed.h"

#include <errno.h>

#include "agent/reload.h"
#include "agent/restore.h"

enum { MAX_PATH_BYTES = 4096, MAX_NAMED = 10, RETRY_MS = 1000, MIN_QUESTIONS = 8 };

static int open_journal(struct session *session, struct err *err)
{
    const struct options *options = session->options;
    char folder[MAX_PATH_BYTES];

    if (options->state)
        snprintf(folder, sizeof(folder), "%s", options->state);
    else if (journal_folder(folder, sizeof(folder)) < 0)
        return err_set(err, -ENOENT, "--state: there is no home for a journal, name a folder");
    host_real_boot(options->connect, session->boot);
    return journal_open(folder, options->program == PROGRAM_VCPU ? "vcpus" : "memory",
                        session->identity, session->boot, &session->log, &session->journal,
                        &session->originals, err);
}

int owed_open(struct session *session, struct err *err)
{
    const struct options *options = session->options;
    struct err trouble = {0};
    int r;

    if (!session->identity[0] || options->dry_run)
        return 0;
    r = open_journal(session, &trouble);
    session->has_journal = r >= 0;
    session->n_synced = session->originals.n;
    if (r < 0 && (options->restore || options->state)) {
        session->bad_argument = true;
        return err_set(err, r, "%s", trouble.text);
    }
    if (r < 0)
        log_line(&session->log, LOG_WARNING,
                 "%s; going on, but a crash will leave changes that nobody puts back",
                 trouble.text);
    return host_real_bind(&session->host, &session->originals) < 0
               ? err_set(err, -ENOMEM, "out of memory")
               : 0;
}

bool owed_is_kept(const struct session *session)
{
    return !session->options->dry_run && (session->options->restore || session->has_journal ||
                                          session->options->vcpu.level != PIN_PCPU);
}

int owed_sync(struct session *session, struct err *err)
{
    struct originals *originals = &session->originals;
    size_t n_new = originals->n > session->n_synced ? originals->n - session->n_synced : 0;
    struct err trouble = {0};
    int r;

    if (!originals->is_changed || !session->has_journal)
        return 0;
    if (n_new)
        restore_forget(originals, &session->host, MIN_QUESTIONS + 2 * n_new);
    r = journal_write(&session->journal, originals, &trouble);
    session->n_synced = originals->n;
    originals->is_changed = r < 0;
    if (r < 0 && session->options->restore)
        return err_set(err, r, "%s", trouble.text);
    if (r < 0 && !session->has_journal_failed)
        log_line(&session->log, LOG_WARNING, "%s; going on without", trouble.text);
    session->has_journal_failed = r < 0;
    return 0;
}

bool owed_is_all(const struct session *session)
{
    return session->options->restore && session->options->once && owed_is_kept(session);
}

static void name_owed(struct session *session)
{
    const struct originals *originals = &session->originals;
    size_t named = 0;

    for (size_t i = 0; i < originals->n && named < MAX_NAMED; i++) {
        const struct original *original = &originals->list[i];

        if (i && guest_compare(&original->guest, &originals->list[i - 1].guest) == 0)
            continue;
        log_line(&session->log, LOG_WARNING,
                 "guest '%s' does not have back what was found at first", original->guest.name);
        named++;
    }
    log_line(&session->log, LOG_WARNING, "%zu changes are still to be put back%s", originals->n,
             session->has_journal ? ": --restore --once does it when it can be done" : "");
    session->owes = true;
}

void owed_put_back(struct session *session, const char *what,
                   int (*put_back)(struct session *session, const struct log *log,
                                   struct tally *tally, struct err *err))
{
    struct err err = {0};
    struct tally tally;
    size_t done = 0;
    bool is_first = true;
    int r;

    if (reload_is_due(session))
        return;
    session_begin_restore(session);
    if (!session->options->restore || !owed_is_kept(session))
        return;
    for (;; is_first = false) {
        tally = (struct tally){0};
        r = put_back(session, is_first ? &session->log : NULL, &tally, &err);
        done += tally.done;
        if ((r >= 0 && !tally.failed) || !session_may_wait(session, RETRY_MS))
            break;
    }
    if (r < 0)
        log_line(&session->log, LOG_ERR, "%s: %s",
                 done ? "not all was put back" : "nothing was put back", err.text);
    else
        log_line(&session->log, LOG_INFO, "put back %zu %s, %zu failed", done, what, tally.failed);
    session->originals.is_changed = true;
    if (owed_sync(session, &err) < 0)
        log_line(&session->log, LOG_ERR, "%s", err.text);
    if (session->originals.n)
        name_owed(session);
}
