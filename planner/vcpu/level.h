/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_LEVEL_H
#define EVENKEEL_PLANNER_VCPU_LEVEL_H

#include "models/placement/problem.h"

/* Guests may be confined to a part of the pCPUs and overload it. Then no plan brings all parts to
 * one level. Measured from the mean of all pCPUs, the crowded part would decide the largest
 * deviation, and no move in the other parts would be worth its cost. So each part gets a level of
 * its own. It stands where water would stand: each item's demand is water that may flow into the
 * bins that the item may use, as evenly as possible.
 *
 * Fills fill [n_bins]: the load, in permille, that has to be added to each bin to bring all parts
 * to the highest level. With it the model's single fair share is right for every part. Fills cut
 * [n_items]: the most with which an item should count. That is 5 points above the lowest level that
 * it may reach, as in the model, and 1000 where nothing has to be filled. Fills crowds [n_items * n_bins]: where the item would only crowd a
 * part that is overfull, while others that it may use have room for it. 0, or -ENOMEM. */
int level_fill(const struct placement_problem *problem, int *fill, int *cut, bool *crowds);

/* The same for a problem that has its objective, written into what it is made of: a price for crowding, a
 * point for each point of overload that the item adds, as far as prices go. 0 or -ENOMEM. */
int level_apply(const struct placement_problem *problem, int *background, int *demand, int *price);

#endif
