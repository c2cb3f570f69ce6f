/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_FLEET_H
#define EVENKEEL_PLANNER_FLEET_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/base/work.h"
#include "models/lp/lp.h"
#include "models/lp/solver.h"
#include "models/placement/problem.h"
#include "planner/base/err.h"

/* A cluster, as one picture at one instant: who is where, what each wants, what may be done. It knows
 * no engine. Whoever makes it owns it and all that it points at; a plan keeps indices into it, no
 * pointers.
 *
 * CPU is shared: loads are evened out, and a host may be asked for more than it has. All other
 * resources are hard: sizes of the guests of a host never exceed its room. Units are the adapter's
 * choice for each resource, whole numbers (memory: MiB). */
enum { FLEET_NOWHERE = -1 };

struct fleet_host {
    const char *name;       /* ties between equally good plans are broken by the order of names */
    bool is_open;           /* else nobody may come, and whoever runs here has to leave */
    const char *why_closed; /* "standby", "offline"; NULL while open */
    int64_t cpu_milli;      /* thousandths of a pCPU that guests may use, > 0 */
    const int64_t *room;    /* [n_resources] less what the host needs itself, >= 0 */
};

struct fleet_guest {
    const char *name;
    int home; /* index of the host where it runs, FLEET_NOWHERE: stopped, and to be started */
    int64_t load_milli;  /* thousandths of a pCPU: what it is planned with, its mean */
    int64_t peak_milli;  /* its 95th percentile: told, not planned with */
    const int64_t *size; /* [n_resources] >= 0 */
    const bool *
        allowed; /* [n_hosts], or NULL: everywhere. Its home may be missing: then it has to leave */
    const bool *restart; /* [n_hosts] likewise after the loss of its host, or NULL: as `allowed` */
    const char *why_unjudged; /* nobody knows whether it can be restarted then; NULL unless so */
    int together; /* guests of the same number, 0 .. n_guests - 1, are on one host; FLEET_NOWHERE: any */
    int price; /* of migrating it, 1 .. FLEET_MOST_PRICE: 1 + its memory in GiB. Starting costs nothing */
    bool is_fixed;    /* stays where it is whatever the rules say; stopped: stays stopped */
    bool may_restart; /* fixed only while it runs: after the loss of its host like the others */
    const char *why_fixed; /* "not managed"; NULL unless fixed */
};
enum { FLEET_MOST_PRICE = 1000 };

struct fleet {
    size_t n_hosts, n_guests, n_resources;
    const char *const *resource; /* [n_resources] "memory", "cpu": its name in sentences */
    struct fleet_host *hosts;    /* [n_hosts] */
    struct fleet_guest *guests;  /* [n_guests] */
    /* Sets of guests of which no two are on one host: set s has the guests apart_guest[k], with k
     * from apart_first[s] to apart_first[s + 1] - 1. */
    size_t n_apart;
    const int *apart_first; /* [n_apart + 1] */
    const int *apart_guest;
};

/* What if: the host is closed. A lost one takes its guests with it, so they are stopped; from one
 * that goes to maintenance they are migrated. A fixed guest of a lost host stays stopped, unless it
 * may be restarted. */
enum fleet_closing { FLEET_LOST, FLEET_MAINTENANCE };
void fleet_close_host(struct fleet *fleet, size_t host, enum fleet_closing how);

struct fleet_settings {
    /* A point (percent of a host's CPU) of the largest deviation from the fair share is worth this
     * many mean prices on a host, times the open hosts. Default: 0.04. */
    double point_prices;
    size_t
        max_moves; /* in one round, 0: no limit. What has to move counts, and moves all the same */
    size_t whole_hosts;   /* up to so many open hosts are planned as one; default 32 */
    size_t group_hosts;   /* beyond, groups of at most so many; default 16 */
    size_t restart_moves; /* N-1: with at most so many moves of others; default 2 */
    bool keep_lp;         /* the compact model beside the plan, where it is planned as one */
    struct work limits;   /* of the whole plan */
};
void fleet_settings_default(struct fleet_settings *settings);

struct fleet_move {
    size_t guest;
    int from, to;     /* from FLEET_NOWHERE: it is started */
    int cost;         /* 0: it is started */
    char reason[200]; /* one clause in operator's terms */
};

struct fleet_stopped {
    size_t guest;
    bool
        must_leave; /* it runs on a closed host, or where it may not, and there is no room elsewhere */
    char reason[200];
};

/* Rules that cannot all be kept. The guests that they are about are left where they are. */
struct fleet_conflict {
    size_t guest; /* one of them */
    char text[300];
};

/* Largest distance of a host's share of CPU from the fair share, in points of its own CPU. */
struct fleet_deviation {
    double plain_pct; /* of loads as they are */
    size_t host;      /* where */
    double
        cut_pct; /* with guests above the fair share cut (models/placement/water_level.h): planned by */
};

/* After the loss of a host, with the guests that ran there. */
enum fleet_n1_answer {
    FLEET_SAFE,        /* all can be restarted, and nobody else moves */
    FLEET_WITH_MOVES,  /* all can be restarted after n_moves moves of others */
    FLEET_UNPROTECTED, /* proven: not all, without moves; `unprotected` would stay stopped */
    FLEET_UNKNOWN,     /* a limit of work came first: `unprotected` is the best that was found */
    FLEET_NOT_JUDGED,  /* all but `unjudged` can be restarted, and nobody else moves */
};
const char *fleet_n1_text(enum fleet_n1_answer answer); /* "safe", "with-moves", ... */

struct fleet_n1 {
    size_t host;
    enum fleet_n1_answer answer;
    size_t n_moves;
    size_t *unprotected; /* [n_unprotected] owned, guests */
    size_t n_unprotected;
    size_t
        *unjudged; /* [n_unjudged] owned, guests that nobody knows about; none of `unprotected` */
    size_t n_unjudged;
};

enum fleet_verdict {
    FLEET_PLAN_MOVES,    /* there is something to do: moves, or starts */
    FLEET_PLAN_NOTHING,  /* changing nothing is best, or the best that was found */
    FLEET_PLAN_CONFLICT, /* too many rules cannot be kept for guests that run; the note names one */
    FLEET_PLAN_UNSAFE,   /* the independent checker refused the plan; the note says why */
};
const char *fleet_verdict_text(enum fleet_verdict verdict); /* "moves", "nothing", ... */

struct fleet_plan {
    enum fleet_verdict verdict;
    char note
        [2000]; /* sentences for people: what was left out, what cannot be, limits; may be empty */
    int *host_of; /* [n_guests] after the plan, FLEET_NOWHERE: stopped, or has to leave in vain */
    size_t n_guests;
    struct fleet_conflict *conflicts; /* [n_conflicts] */
    size_t n_conflicts;
    bool *is_at_odds;         /* [n_guests] those of the conflicts: they stay where they are */
    struct fleet_move *moves; /* the difference to the picture, by name of guest; starts included */
    size_t n_moves, n_starts; /* n_starts of them are starts */
    struct fleet_stopped *stopped; /* by name of guest; fixed ones that are stopped are left out */
    size_t n_stopped, least_stopped; /* equal: no plan stops fewer */
    char certificate
        [1000]; /* why not fewer: who competes, and for what; "" where nobody is stopped */
    /* Each from the fair share of what runs then on open hosts. */
    struct fleet_deviation before, after;
    /* In price units: kappa * cut deviation in points + prices of moves. hold_objective is INFINITY
     * where something has to be done. */
    int kappa;
    int64_t price;
    double objective, bound, gap, hold_objective;
    enum solve_status status; /* OPTIMAL: proven, FEASIBLE: gap > 0 */
    enum placement_method method;
    size_t n_groups, n_groups_proven; /* 1: planned as one */
    struct fleet_n1 *n1_before, *n1;  /* [n_n1] open hosts: as it is, and after the plan */
    size_t n_n1;
    struct lp *lp; /* owned, or NULL */
    struct work work;
};

/* 0, -ENOMEM, or -EINVAL with a sentence about numbers that make no sense. *ret is set only on 0.
 * No plan leaves here that fleet_check() (check.h) has not accepted. */
int fleet_plan_make(const struct fleet *fleet, const struct fleet_settings *settings,
                    struct fleet_plan *ret, struct err *err);
void fleet_plan_done(struct fleet_plan *plan);

/* Only how it is: deviation and N-1 of the present, host_of as it is, verdict FLEET_PLAN_NOTHING. */
int fleet_look(const struct fleet *fleet, const struct fleet_settings *settings,
               struct fleet_plan *ret, struct err *err);

#endif
