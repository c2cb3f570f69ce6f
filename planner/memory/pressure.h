/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_PRESSURE_H
#define EVENKEEL_PLANNER_MEMORY_PRESSURE_H

#include <stddef.h>

#include "models/memory/problem.h"
#include "planner/memory/host.h"
#include "planner/memory/track.h"

/* Lets idle memory lie where nobody wants it (settings->only_pressed): of what the items would give,
 * no more is taken than is wanted, from those first who have the most beyond their need and the jump
 * that they are used to make. Raises rest_kib and nothing else. */
void memory_pressure_relax(const struct memory_settings *settings, const struct memory_host *host,
                           const struct memory_track *tracks, size_t n, struct memory_item *items);

#endif
