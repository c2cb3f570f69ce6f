/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_FLEET_PACKINGS_H
#define EVENKEEL_TESTS_MODEL_FLEET_PACKINGS_H

#include "tests/model/fleet_families.h"
#include "tests/model/random.h"

/* The families in which somebody is stopped. */
bool fleet_packing_is_named(const char *family);
bool fleet_packing_new(struct random *random, const char *family, size_t hosts, size_t guests,
                       struct fleet_case *ret);

/* What both files need of each other: an empty case; sizes and prices. */
bool fleet_case_take(size_t n, size_t m, bool has_masks, struct fleet_case *ret);
void fleet_draw_sizes(struct random *random, struct fleet_case *fleet);

#endif
