/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_TOPOLOGY_POLICY_H
#define EVENKEEL_TESTS_BENCH_TOPOLOGY_POLICY_H

#include "planner/vcpu/settings.h"
#include "tests/sim/shape_record.h"

/* Policies on hosts with a shape, all of them on the simulated host. */
struct topology_policy {
    const char *name;
    enum { POLICY_FLOATING, POLICY_PRODUCT, POLICY_VSCHED } kind;
    enum pin_level level; /* of the product */
    size_t layers;        /* of VSched */
};
extern const struct topology_policy topology_policies[];
extern const size_t n_topology_policies;

/* Plays a scene of tests/sim/shapes, by its file's name without .json; the last quarter counts.
 * Ends the program where it cannot be played. */
struct shape_result topology_policy_play(const struct topology_policy *policy, const char *scene,
                                         int seed);

#endif
