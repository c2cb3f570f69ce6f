/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_SIM_BALLOON_WORLDS_H
#define EVENKEEL_TESTS_SIM_BALLOON_WORLDS_H

#include "tests/sim/balloon_world.h"

/* A world made up from a seed: host, guests, workloads, policies and faults. The host has room for
 * the guests as they start, and may have little beyond that. */
void world_invent(struct world *world, uint64_t seed);

#endif
