/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_EXPLAIN_SETS_H
#define EVENKEEL_PLANNER_VCPU_EXPLAIN_SETS_H

#include "planner/vcpu/build.h"

/* Plans above level pcpu in operator's terms. Writes pin->reason. */
void explain_set_pin(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i,
                     struct vcpu_pin *pin);

/* Guests whose other threads are heavy, and those that are all that moves. */
void explain_helpers(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                     struct vcpu_plan *plan);
/* Appends to the note which level it is and why, and who is left alone. */
void explain_sets(const struct vcpu_sample *sample, const struct vcpu_build *build,
                  struct vcpu_plan *plan);

#endif
