/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_WEIGH_H
#define EVENKEEL_PLANNER_VCPU_WEIGH_H

#include "models/certify/certify.h"
#include "planner/vcpu/build.h"
#include "planner/vcpu/floating.h"

/* Weighs a complete plan against floating, and does what the tracks' course asks for: takes our pins
 * back, or leaves vCPUs floating where their pins are not worth it, or pins only some of them to see
 * how long they wait (*ret_is_part). Then it writes the plan anew. 0 or -ENOMEM. */
int weigh_plan(const struct vcpu_settings *settings, const struct vcpu_floating *floating,
               const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
               struct vcpu_build *build, struct placement_answer *answer, struct vcpu_plan *plan,
               bool *ret_is_part);

#endif
