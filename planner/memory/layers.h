/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_LAYERS_H
#define EVENKEEL_PLANNER_MEMORY_LAYERS_H

#include <stdint.h>

#include "models/memory/problem.h"
#include "planner/memory/host.h"
#include "planner/memory/track.h"

/* The guest's part of the problem: how much it needs, wishes and may keep, and how far it may be
 * brought down now. */
void memory_layers(const struct memory_settings *settings, const struct memory_host *host,
                   uint64_t at_ns, const struct memory_reading *reading,
                   const struct memory_track *track, struct memory_item *ret);
/* The most that the guest may be given: its maximum, its policy, what its process may hold, and
 * what its balloon refused. */
int64_t memory_layers_ceiling_kib(const struct memory_reading *reading,
                                  const struct memory_track *track);

#endif
