/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_SPEED_H
#define EVENKEEL_PLANNER_VCPU_SPEED_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/sample.h"

/* pCPUs differ: cores of two kinds, siblings that share a core, clocks, neighbours of a machine
 * that is itself a guest. The same work then fills one pCPU more than another, and what a vCPU
 * seems to want changes with its place: equal guests, two by two, look uneven for ever, and
 * swapping them helps nothing. So every move is also a trial. What a vCPU wanted before and what it
 * wants after tells how the two pCPUs compare; what those that stayed beside it want now tells what
 * else changed (they all have more room). Half of the first trial is believed, two thirds of two,
 * and so on.
 *
 * Before any trial, speeds are suspected where all vCPUs of one pCPU want the same, all of another
 * as well, and the two differ as pCPUs may. To swap such vCPUs can wait: it is tried after ten
 * minutes, or at once where a pCPU has more to do than it can. */
struct pcpu_speed {
    unsigned id;
    double log_cost; /* of the time that the same work takes, beside the others */
    unsigned votes;
    double mean;    /* of what the vCPUs pinned to it want, where they are alike; 0: they are not */
    double alike_s; /* for how long they have been */
};

/* A vCPU in the interval in which some vCPU was pinned to another pCPU. Start from {0}. */
struct vcpu_trial {
    bool waited;   /* for its pCPU, before */
    int from, to;  /* pCPUs, the same for one that stayed; -1: several */
    double before; /* what it wanted, 0..1; 0: there is no trial */
};

/* The speeds of the sample's pCPUs as they are known before it. before [n_before] is sorted. */
void speed_carry(const struct pcpu_speed *before, size_t n_before, const struct vcpu_sample *sample,
                 struct pcpu_speed *ret);
/* Learns from the trials [n] that were open in the interval before, each with what that vCPU wanted
 * in this one, a whole interval on its pCPU; 0 where that is not known. A vCPU that is idle, or
 * that would fill a pCPU alone, tells nothing. */
void speed_learn(struct pcpu_speed *speeds, size_t n_speeds, const struct vcpu_trial *trials,
                 const double *after, size_t n);
/* Notes where vCPUs are alike; demand [n_vcpus] is 0 where it is not known well. */
void speed_compare(struct pcpu_speed *speeds, const struct vcpu_sample *sample,
                   const double *demand, double elapsed_s);
/* Fills cost [n]: the time that the same work takes on each pCPU, 1 on the fastest that guests may
 * use, and on those that are about as fast. */
void speed_costs(const struct pcpu_speed *speeds, const struct vcpu_sample *sample, double *cost);

/* Beside whom pCPUs are told to be slow: the fastest of those of which enough is known, because they were
 * tried often, or vCPUs are alike there. One that looks fast after a single trial makes no other one
 * slow. */
struct speed_yardstick {
    double least_mean, fastest;
};
struct speed_yardstick speed_yardstick(const struct pcpu_speed *speeds,
                                       const struct vcpu_sample *sample);
/* The time that the same work takes on a pCPU, 1 where not enough is known. */
double speed_cost_to_tell(const struct speed_yardstick *yardstick, const struct pcpu_speed *speeds,
                          const struct vcpu_sample *sample, size_t pcpu);

#endif
