/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CONFIRM_H
#define EVENKEEL_PLANNER_VCPU_CONFIRM_H

#include <stdbool.h>

#include "planner/vcpu/build.h"

/* Whether a plan made now might be made twice. While guests wake up one after the other, a plan
 * made for all of them is applied as soon as it helps those that are awake. Other plans are applied
 * when they were worth it twice, or are evident, or, on a host that is known, do not rest on demands
 * that have just jumped. */
struct confirm {
    const struct vcpu_settings *settings;
    const struct vcpu_tracks *tracks;
    const struct vcpu_build *build;
    const int *bin_of;  /* [build's items] the plan */
    double gain_points; /* what a plan has to save beyond its price */
    bool plan_seen;     /* the interval before had a plan that waits */
};
/* 0 or -ENOMEM. */
int confirm_must_wait(const struct confirm *confirm, bool *ret);

#endif
