/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_VCPU_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_VCPU_FIXTURE_H

#include "models/solve/workspace.h"

/* Small vCPU problems with everything that the steps of a solve need, and the truth by exhaustion.
 */
enum { KIT_VCPUS = 10, KIT_BINS = 4 };

struct kit {
    int demand[KIT_VCPUS], current[KIT_VCPUS], price[KIT_VCPUS * KIT_BINS];
    bool allowed[KIT_VCPUS * KIT_BINS];
    int capacity[KIT_BINS], background[KIT_BINS], group[KIT_VCPUS];
    struct placement_problem problem;
    struct balance balance;
    struct instance in;
    struct work work;
    struct workspace ws; /* everybody at home is the incumbent */
};

/* Everything on bin 0, every price 10, kappa 5. */
void kit_plain(struct kit *kit, int n, int m);
/* Masks, prices per bin, capacities, backgrounds, floating vCPUs; the seed decides which. */
void kit_random(struct kit *kit, unsigned seed, enum placement_objective objective);
/* The same, with about half of the vCPUs confined to some of the bins, in one group or in two that
 * may overlap. */
void kit_confined(struct kit *kit, unsigned seed, enum placement_objective objective);
/* Builds the steps' data for what the problem says now. */
void kit_up(struct kit *kit);
void kit_down(struct kit *kit);

/* Calls visit for every allowed placement of the instance's vCPUs. */
void kit_every_plan(struct kit *kit, void (*visit)(struct kit *kit, const int *bin_of, void *arg),
                    void *arg);
/* F of a placement of the instance, and the least of all. */
int64_t kit_objective(struct kit *kit, const int *bin_of);
int64_t kit_optimum(struct kit *kit);

#endif
