/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_TINY_H
#define EVENKEEL_TESTS_MODEL_TINY_H

#include "tests/model/families.h"

/* At most 7 vCPUs on at most 4 bins, with any mixture of masks, prices per bin, capacities,
 * backgrounds, vCPUs that float and vCPUs that must leave; with every other two seeds groups, and with
 * every other four homes that cost something. */
struct made_problem tiny_make(uint64_t seed, enum placement_objective objective);

#endif
