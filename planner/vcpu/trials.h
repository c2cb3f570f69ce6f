/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_TRIALS_H
#define EVENKEEL_PLANNER_VCPU_TRIALS_H

#include "planner/vcpu/delta.h"
#include "planner/vcpu/track.h"

/* What moves tell of how fast pCPUs are (speed.h): takes what came of the trials of the interval before,
 * and opens others where somebody moved. The vCPUs' own tracks are complete. usage [n_vcpus]. 0 or
 * -ENOMEM. */
int trials_next(const struct vcpu_tracks *before, const struct vcpu_sample *sample,
                const struct vcpu_usage *usage, struct vcpu_tracks *now);

#endif
