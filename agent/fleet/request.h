/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_REQUEST_H
#define EVENKEEL_AGENT_FLEET_REQUEST_H

#include "agent/fleet/cluster.h"

/* evenkeel-fleet(8): what the command line asks for, and what is looked at then. */

/* Exit statuses. */
enum {
    REQUEST_DONE = 0,
    REQUEST_REFUSED = 1,
    REQUEST_MOVES = 2,
    REQUEST_PARTLY = 3,
    REQUEST_UNCONFIRMED = 4
};
enum { REQUEST_MOST_CLOSED = 16, REQUEST_WINDOW_S = 60 };
enum { REQUEST_WAIT_S = 1800, REQUEST_EVERY_S = 600 };
/* Where nobody says: a person who calls apply wants it done, run wants reasons. */
enum { APPLY_HOLD_S = 600, RUN_HOLD_S = 3600, RUN_THRESHOLD_PCT = 5, RUN_MARGIN_PCT = 10 };

struct request_closed {
    const char *host;
    enum fleet_closing how;
};

enum request_deed { REQUEST_LOOK, REQUEST_APPLY, REQUEST_RUN };

/* What apply and run heed. */
struct request_act {
    double
        wait_s; /* for guests to arrive; wishes end by themselves after twice that and a minute */
    double hold_s;                    /* a guest that has moved is not moved again for so long */
    double threshold_pct, margin_pct; /* planner/fleet/may_act.h */
    bool is_dry;                      /* all but writing */
    double every_s;                   /* run: from one round to the next */
    const char *metrics_file;         /* run: or NULL */
};

/* How much memory a guest counts with: nobody says so, floors of definitions, or all. */
enum request_memory { REQUEST_USUAL, REQUEST_FLOORS, REQUEST_MAXIMUM };

/* Strings are borrowed from argv. */
struct request {
    bool is_plan; /* else a check */
    enum request_deed deed;
    struct request_act act;
    bool json;
    const char *cib;     /* file, "-": standard input; NULL: the running cluster's */
    const char *hosts;   /* file, or NULL */
    const char *stats;   /* file, or NULL */
    const char *emit_lp; /* file, "-", or NULL */
    const char *out;     /* file for the document with the plan in it, "-", or NULL */
    enum request_memory memory;
    double window_s;
    size_t max_moves; /* 0: no limit */
    struct request_closed closed[REQUEST_MOST_CLOSED];
    size_t n_closed;
};

/* What was read: the cluster, and the text that it is of where an engine has one. */
struct scene {
    struct cluster cluster;
    struct hosts *hosts; /* or NULL */
    char *text;
    size_t n_text;
};

/* 0, or a negative errno with a sentence; scene_done() is due where it is 0. */
int scene_open(const struct request *request, struct scene *ret, struct err *err);
void scene_done(struct scene *scene);
/* The engine's document again, with the demand that was measured before. The same. */
int scene_again(const struct request *request, struct scene *scene, struct err *err);

struct engine_says;
/* The plan, made until the engine would do it exactly. 0, or a negative errno with a sentence;
 * fleet_plan_done() and engine_says_done() are due in any case. */
int request_plan(const struct request *request, struct scene *scene, struct fleet_plan *plan,
                 struct engine_says *says, struct err *err);

/* Does it all and returns the exit status. */
int request_run(const struct request *request);

#endif
