/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_SOUND_H
#define EVENKEEL_PLANNER_FLEET_SOUND_H

#include "planner/fleet/fleet.h"

/* The largest number of any size or room: 16 TiB in MiB. Beyond it the models' sums could overflow. */
enum { FLEET_MOST_SIZE = 1 << 24, FLEET_MOST_HOSTS = 1 << 13, FLEET_MOST_GUESTS = 1 << 17 };

/* Whether numbers, indices and names make sense. 0, -ENOMEM, or -EINVAL with a sentence. */
int fleet_sound(const struct fleet *fleet, struct err *err);

#endif
