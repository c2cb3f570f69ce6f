/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_SIM_SHAPE_RECORD_H
#define EVENKEEL_TESTS_SIM_SHAPE_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"

/* What a policy did on a simulated host that has a shape, from a second on. */
struct shape_result {
    double ran, waited; /* guests' vCPUs together, in pCPUs */
    double worked;      /* the work they got done, in pCPUs that nothing slows */
    double lost;        /* what they ran and waited beyond that: waiting, siblings, far memory */
    double remote_pct;  /* of their memory's use */
    double helpers_ran,
        helpers_remote_pct; /* of all other threads: pCPUs, and of their memory's use */
    double caches;          /* last-level caches that a guest ran on, on average */
    double deviation;       /* of the busiest or idlest cache from all, in points of a cache */
    unsigned pins;          /* calls since the start */
    unsigned moves;         /* of those, vCPUs that left a set of pCPUs; since the start */
    double last_pin_s;      /* of those, when the last one was made */
    size_t floating;        /* guests with a vCPU that may run on all pCPUs, at the end */
    /* By the formula of planner/vcpu/waiting.h, for the affinities at the end; with what else runs. */
    double formula_lost, formula_worked;
    bool formula_is_exact; /* affinities are equal or apart; else the least that is possible */
};

/* The host must still be at its beginning. Takes the world's one watcher. */
struct shape_record *shape_record_new(struct simulated *world, double from_s);
/* At the end, while the world is still there; destroys. */
struct shape_result shape_record_end(struct shape_record *record);

#endif
