/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_CORNERS_H
#define EVENKEEL_PLANNER_VCPU_CORNERS_H

#include "planner/vcpu/build.h"

/* Guests that may use a part of a set only, by their definition or a mask that somebody gave them,
 * share that corner of it, and the model counts the whole set as theirs. Where a placement fills a
 * corner beyond what it gets done, one of its guests is barred from the set, so that the next solution
 * puts it elsewhere. Whether one was. The problem must be one of set_build.h. */
bool corners_bar(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks,
                 struct vcpu_build *build, const int *bin_of);

#endif
