/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_RUN_METRICS_H
#define EVENKEEL_AGENT_FLEET_RUN_METRICS_H

#include <jansson.h>
#include <stdint.h>

#include "planner/base/err.h"

/* What `run` tells Prometheus, as a file for node_exporter's textfile collector. evenkeel(7) lists it. */

enum run_result {
    RUN_NOTHING,
    RUN_DONE,
    RUN_PARTLY,
    RUN_PLANNED,
    RUN_REFUSED,
    RUN_FAILED, /* it gave no answer */
    N_RUN_RESULTS,
};
enum run_move { RUN_ARRIVED, RUN_NOT_ARRIVED, RUN_UNDER_WAY, N_RUN_MOVES };

struct run_metrics {
    uint64_t rounds[N_RUN_RESULTS], moves[N_RUN_MOVES], changed;
    int64_t at_s; /* of the last round that had an answer; 0: there was none */
    json_t *last; /* owned: the last answer that knows of a plan, or NULL */
};

/* An answer of `apply --json`, or NULL: the round failed. */
void run_metrics_take(struct run_metrics *metrics, json_t *answer, int64_t now_s);
/* malloc'ed; NULL without memory. */
char *run_metrics_text(const struct run_metrics *metrics);
/* Beside the file and then in its place, in a folder that nobody else may write to. */
int run_metrics_write(const struct run_metrics *metrics, const char *path, struct err *err);
/* Nobody is to read for ever what was once so. */
void run_metrics_remove(const char *path);
void run_metrics_done(struct run_metrics *metrics);

#endif
