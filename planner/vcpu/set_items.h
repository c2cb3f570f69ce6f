/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_SET_ITEMS_H
#define EVENKEEL_PLANNER_VCPU_SET_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/sample.h"
#include "planner/vcpu/role.h"
#include "planner/vcpu/sets.h"
#include "planner/vcpu/track.h"

/* What is placed as a whole above level pcpu. Guests on caches and nodes: their vCPUs talk to each
 * other. vCPUs one by one on cores, and where the owner gave a guest's vCPUs different masks. */
struct set_item {
    size_t first, n;      /* vCPUs of the sample, among them those that do not run */
    size_t n_running;     /* at least one */
    int demand_permille;  /* of one pCPU, of all together with what is reserved for each; it may be
                            many thousand */
    int wanted_permille;  /* without what is reserved */
    int helpers_permille; /* of both, what its other threads want, where it is a whole guest */
    enum vcpu_role role;
    int current;     /* set that holds them, -1: none does */
    bool is_settled; /* it has a set of the level */
    bool is_wide;    /* no set of the level has room: it is placed on a node */
    bool is_large;   /* no node has: it is left to its own layout */
};
struct set_items {
    struct set_item *item; /* in the sample's order */
    size_t n;
    size_t n_large, large; /* guests larger than a node are left alone; the first vCPU of one */
};

/* [sample's vCPUs] What each is expected to want, and what it is planned with. */
struct set_wants {
    const int *demand_permille, *charge_permille;
    bool places_wide; /* else guests that are too large for a set float */
};

/* Those that take part. roles [sample's vCPUs]
 * gets everybody's role. 0 or -ENOMEM; *ret is owned. */
int set_items_new(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                  const struct vcpu_sets *sets, const struct set_wants *wants,
                  enum vcpu_role *roles, struct set_items *ret);

/* Whether a set has room for it: a pCPU for each running vCPU, as far as it may use the set, and some
 * more work than it wants. Cores take any vCPU. */
bool set_item_fits(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                   const struct vcpu_sets *sets, const struct set_item *item, size_t set);

/* What a running vCPU may use of a set: what it is pinned to there. */
struct cpuset set_item_mask(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                            const struct vcpu_sets *sets, size_t vcpu, size_t set);

#endif
