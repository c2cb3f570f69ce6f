/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_LOOP_FIXTURE_H
#define EVENKEEL_TESTS_BENCH_LOOP_FIXTURE_H

#include "planner/vcpu/planner.h"
#include "tests/model/random.h"

/* A host in steady state, for studies of policy over hundreds of intervals of 2 s: single-vCPU
 * guests with uniform demands that load the pCPUs 60 % on average, all placed at random first.
 *
 * Every interval each demand is its level times 1 + noise, where the noise wanders (first-order
 * autoregressive, 0.7 from one interval to the next). A level changes for good with probability
 * 0.5 % per interval; and every 100 intervals one vCPU in eight gets a new level at the same
 * moment. On a full pCPU the vCPUs share fairly and wait for the rest.
 *
 * Not the simulated host of the product: that one is made of guests with a life of their own and
 * runs minutes, this one of numbers and runs hours. */
struct world {
    int n, m;
    double noise; /* standard deviation, relative */
    double *level, *wander, *demand;
    int *place;
    uint64_t *ran_ns, *waited_ns;
    uint64_t interval;
    struct random random;
};
struct world world_new(int n, int m, double noise, uint64_t seed);
void world_done(struct world *world);

/* New demands, and everybody runs an interval where it is placed. */
void world_advance(struct world *world);
/* What libvirt would tell now. vcpu_sample_done() is the caller's. */
struct vcpu_sample world_sample(const struct world *world);

/* What the planner decides on what the world shows, applied; returns the number of moves. */
int world_obey(struct world *world, struct vcpu_planner *planner, enum placement_method *method);

/* Of the demands of this interval, in points. */
double world_sigma(const struct world *world);
double world_deviation(const struct world *world);

/* Heaviest first onto the emptiest pCPU, as if nothing were placed; then the pCPUs' names are dealt
 * so that what stays weighs most. Returns the number of moves. */
int world_replace_from_scratch(struct world *world);

#endif
