/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_STARTUP_H
#define EVENKEEL_PLANNER_VCPU_STARTUP_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/vcpu/role.h"
#include "planner/vcpu/track.h"

/* Guests that start to work look alike: for some seconds each wants nearly a whole pCPU (logins,
 * loaders, first passes), and they do not all start at once. What is seen of them then says that
 * they are busy, not how busy they will be. So a vCPU that settles is planned with:
 *
 * - in a surge (those that settle carry a third of all demand or more): the mean of those that
 *   settle. Nothing tells them apart yet, and equal loads give the plan that is right in count.
 *   While the surge comes out of idle, pinned vCPUs that are idle still count as much: they may be
 *   next.
 * - otherwise, one out of idle: its own demand, at most the mean of the settled busy ones. */
struct vcpu_startup {
    bool restless; /* at least one has not been seen to calm down */
    bool surge;
    bool waking; /* a surge out of idle: others may still follow */
    size_t n;    /* vCPUs that settle, floating ones that wait for it included */
    size_t n_waiting;
    double left_s; /* until the last of them has settled */
};

/* demand [tracks->n]: what each vCPU is planned with, 0..1; 0 for those that do not run. */
void vcpu_startup_judge(const struct vcpu_tracks *tracks, const enum vcpu_role *roles,
                        double *demand, struct vcpu_startup *ret);

#endif
