/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_SET_BUILD_H
#define EVENKEEL_PLANNER_VCPU_SET_BUILD_H

#include "planner/vcpu/build.h"

/* Builds the problem of one interval above level pcpu. What runs on a set beside its items is its
 * background: other programs, vCPUs that are left where they are, and a part of guests that are spread
 * over several sets. Guests that fit into no set are given a node first: that is a problem of its own,
 * of all guests on the nodes, whose answer for the small ones is not used. The level's plan is proven
 * for the nodes that were chosen.
 *
 * 0 or -ENOMEM, or what the solver failed with. vcpu_build_done() is due in each case. */
int set_build_new(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                  const struct vcpu_tracks *tracks, enum topology_level level,
                  struct vcpu_build *ret);

#endif
