/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_TRACK_COPY_H
#define EVENKEEL_PLANNER_VCPU_TRACK_COPY_H

#include "planner/vcpu/track.h"

/* Tracks of their own with the same in them. 0 or -ENOMEM. */
int vcpu_tracks_copy(const struct vcpu_tracks *from, struct vcpu_tracks *ret);

#endif
