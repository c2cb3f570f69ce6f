/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_HELPERS_H
#define EVENKEEL_PLANNER_VCPU_HELPERS_H

#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/vcpu/track.h"

/* Threads of guests that are no vCPUs: emulators, I/O threads, the kernel's vhost. A guest's work for
 * disks and networks is done there, close to its vCPUs and its memory or far from them. What they run is
 * told as one number for each guest. They matter where a sample has them, on hosts with several nodes;
 * elsewhere they are part of the background. */

/* A guest's in a sample: so many from the first one on. */
struct helper_range {
    size_t first, n;
};
struct helper_range helpers_of(const struct vcpu_sample *sample, const struct guest_id *guest);

/* Whether they all go where their guest goes. Those that their owner or somebody else put elsewhere count
 * there. */
bool helpers_are_free(const struct vcpu_sample *sample, const struct guest_id *guest);

/* Where those of the sample's guest number g may run, all together. */
struct cpuset helpers_mask(const struct vcpu_sample *sample, size_t g);

/* Adds those that count with no guest to the backgrounds [sample's pCPUs]: they run evenly where they may.
 * counted [sample's guests]: what counts elsewhere, and so not here; NULL: nothing does. */
void helpers_add_left(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                      const int *counted, int *background_permille);

/* Writes down what counts with whom: counted as above. 0 or -ENOMEM. */
int helpers_fill(const struct vcpu_sample *sample, const int *counted, struct vcpu_plan *plan);

/* Has them follow a complete plan: where all running vCPUs of a guest are on one node after it, its helpers
 * go to that node's pCPUs that guests may use. Those that their owner pinned, or somebody else since, stay
 * where they are, and those that we pinned are set free once their guest has no node. A plan that changes
 * nothing else may be one to apply then. 0 or -ENOMEM. */
int helpers_follow(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                   const struct vcpu_tracks *tracks, struct vcpu_plan *plan);

#endif
