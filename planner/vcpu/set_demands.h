/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_SET_DEMANDS_H
#define EVENKEEL_PLANNER_VCPU_SET_DEMANDS_H

#include "planner/vcpu/build.h"

/* Whether vCPUs are planned with their part of what their guest as a whole is expected to want. On cores
 * they are placed one by one, as on pCPUs. */
bool set_demands_are_guests(const struct vcpu_settings *settings, enum topology_level level);

/* Fills in what vCPUs and other programs are expected to want, for levels above pcpu. */
void set_demands_fill(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                      const struct vcpu_tracks *tracks, struct vcpu_build *build);

#endif
