/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_ITEMS_APART_H
#define EVENKEEL_PLANNER_FLEET_ITEMS_APART_H

#include "planner/fleet/items.h"

/* Sets of guests that are apart become sets of items. Guests that are in no item are left out, and of
 * fixed ones that are together already all but the first. Sets of one say nothing and are left out. 0,
 * -ENOMEM, or -EINVAL with a sentence: guests are to be together and apart. */
int items_take_apart(struct items *items, struct err *err);

#endif
