/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SESSION_H
#define EVENKEEL_AGENT_SESSION_H

#include <jansson.h>

#include "agent/base/apply.h"
#include "agent/base/clock.h"
#include "agent/base/event.h"
#include "agent/base/host.h"
#include "agent/base/log.h"
#include "agent/base/main_loop.h"
#include "agent/base/options.h"
#include "agent/base/progress.h"
#include "agent/base/ticker.h"
#include "agent/control/control.h"
#include "agent/history/history.h"
#include "agent/host/host_real.h"
#include "agent/journal.h"
#include "agent/metrics/metrics_file.h"
#include "agent/record/record.h"
#include "agent/record/replay.h"
#include "agent/report/emit.h"
#include "agent/report/output.h"
#include "agent/report/report.h"

struct reload; /* agent/reload.h */

/* What outlives a session; any but the loop may be NULL. */
enum { SESSION_TROUBLES = 3 };
struct session_links {
    struct main_loop *loop;
    struct reload *reload;
    struct control *control;
    struct history *history;
    struct metrics *metrics;
    struct event_hour *hour;
    struct err *trouble; /* [SESSION_TROUBLES]: why nobody can ask, and why pauses and history are
                            not kept; said once */
};

/* What both programs hold while they run: the world that the options name, and everything that
 * surrounds a decision. The decision itself is in vcpu_loop.c and memory_loop.c. */
struct session {
    struct options *options; /* borrowed */
    struct log log;
    struct main_loop *loop;            /* borrowed; NULL: no signal asks for anything */
    struct reload *reload;             /* borrowed; NULL: nothing is read again */
    struct control *control;           /* borrowed; NULL: nobody can ask, and nothing is paused */
    struct history *history;           /* borrowed; NULL: nothing is remembered */
    struct metrics *metrics;           /* borrowed; NULL: none are kept */
    struct event_hour *hour;           /* borrowed; NULL: nobody gathers */
    struct metrics_file *metrics_file; /* NULL unless --metrics-file */
    struct host host;
    struct ticker ticker;
    struct progress progress; /* of what has an end: a simulation, a replay */
    struct backstop backstop;
    struct emit emit;
    struct recorder *recorder;        /* NULL unless --record */
    struct replay *replay;            /* NULL unless --replay */
    struct originals originals, gone; /* what is owed to owners, and what was to guests that have
                                         ended; see owed.h */
    /* One attempt to put back what is owed, to a guest by name or UUID or to all (NULL), and what things
     * that are; of the program. */
    int (*put_back)(struct session *session, const char *guest, const struct log *log,
                    struct tally *tally, struct err *err);
    const char *things;
    void (*woken)(struct session *session); /* between intervals: an operator asked for something */
    struct journal journal;
    size_t n_synced;
    char journal_trouble[sizeof(((struct err *)0)->text)]; /* why nothing is changed; or empty */
    struct output output;
    FILE *text;                        /* where the report goes, or NULL */
    FILE *summary;                     /* where the closing summary goes, or NULL */
    struct stop asked;                 /* a signal, whatever the session does now */
    uint64_t restore_until_ns;         /* its budget */
    uint64_t intervals;                /* begun */
    uint64_t decided;                  /* with a plan */
    uint64_t first_at_ns;              /* time of the first sample */
    uint64_t began_ns, solve_began_ns; /* of the interval */
    double solve_began_cpu_s;
    unsigned hands;           /* what else moves guests, as it was seen last ... */
    uint64_t hands_ns;        /* ... at this time; 0: never */
    char at[CLOCK_TEXT_SIZE]; /* of the sample: the time of day; empty in virtual time */
    uint64_t failed_in_a_row;
    char last_failure[sizeof(((struct err *)0)->text)];
    char identity[HOST_IDENTITY_SIZE]; /* of the real host; may be empty */
    char boot[HOST_IDENTITY_SIZE];     /* likewise */
    int lock_fd;                       /* 0: none is held */
    bool restoring;
    bool is_paused;    /* this interval changes nothing: an operator has asked for that */
    bool has_put_back; /* since the last sample: what changed since is nobody else's doing */
    bool is_reload_told;
    bool is_served;      /* a service manager listens, and time is real */
    bool is_journal_due; /* nothing may be changed that is not written down first */
    bool has_journal;
    bool owes;         /* something was to be put back and is not */
    bool bad_argument; /* session_open() failed at what an option names */
    bool finished;     /* --once has had its decision */
    bool emit_failed;  /* said once */
    bool has_evidence; /* kept once */
};

/* In virtual time nobody is kept waiting by a slow reader. */
static inline bool session_is_virtual(const struct options *options)
{
    return options->simulate || options->replay;
}

/* Opens the world, and under a service manager waits for a hypervisor that is not there; fills in the options' stop callbacks and, in a replay, the recorded settings. 0,
 * or a negative errno with the sentence. session_close() is due in both cases. The session must not
 * be moved: callbacks point into it. */
int session_open(struct session *ret, struct options *options, const struct session_links *links,
                 struct err *err);
void session_close(struct session *session);
/* Tells whoever waits for it that the options are in force. */
void session_is_ready(struct session *session);

/* 1 for the next interval, 0 to stop or to go on with another configuration (reload.h), or a negative
 * errno. */
int session_wait(struct session *session, struct err *err);
/* Whether a signal asked to stop, or putting back has used up its time; arg is the session, as struct work and others want
 * it. */
bool session_is_stopping(void *arg);

/* The plan and the hour, for the journal under systemd; changes of it were planned. */
void session_tell_journal(struct session *session, enum verdict verdict, size_t changes,
                          double objective, double bound, double gap,
                          const struct interval *interval);
/* What becomes of an interval that returned r: a failure is logged (again only when it changes) and
 * survived. Only the very first interval may end a program in the foreground, because it is the
 * rehearsal. Returns
 * the code to end with, or 0. */
int session_survive(struct session *session, int r, const struct err *err);

/* Around the planner's step: looks at the clock, arms the backstop, and measures. */
void session_begin_solve(struct session *session);
struct interval session_end_solve(struct session *session, uint64_t at_ns);
/* What the program has taken until now; the planner's step stays as it is. */
void session_measure(struct session *session, struct interval_cost *cost);
/* An interval that failed, or is spent waiting, as those see it who ask. */
void session_tell_trouble(struct session *session, const char *text);
/* Takes a verdict down; with --once it is the last, unless it only waited. */
void session_decided(struct session *session, enum verdict verdict);

/* From here on a pending signal interrupts nothing more: putting things back is worth a wait of
 * SESSION_RESTORE_S, which has to be less than the units' TimeoutStopSec. */
enum { SESSION_RESTORE_S = 10 };
void session_begin_restore(struct session *session);
/* Waits so long where the budget allows; false where it does not, or in virtual time. */
bool session_may_wait(const struct session *session, unsigned ms);
/* Whether a signal asked to stop, whatever the session does now. */
bool session_was_asked(const struct session *session);

/* Side products: none of them can stop a decision. A full disk is said once. */
void session_emit(struct session *session, const struct lp *lp);
/* Models that contradict each other, as files for a report: in the service's state folder or in
 * /var/tmp, and only the first of a run. */
void session_keep_evidence(struct session *session, const struct lp *lp, const struct lp *lp_given);
void session_record_failed(struct session *session, const struct err *err); /* ends the recording */
void session_write_json(struct session *session, json_t *object); /* takes the reference over */

#endif
