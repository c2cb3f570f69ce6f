/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_TAKE_BACK_H
#define EVENKEEL_PLANNER_FLEET_TAKE_BACK_H

#include "planner/fleet/items.h"

/* Of a placement that keeps every rule and moves more guests than `most`: moves are taken back, the dearest
 * first, each where its item may stay beside all others, until they are no more or none is left that could
 * be. Changes at [n]; *ret: how many are moved then. 0 or -ENOMEM. */
int take_back(const struct items *items, size_t most, int *at, size_t *ret);

#endif
