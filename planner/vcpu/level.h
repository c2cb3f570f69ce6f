/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_LEVEL_H
#define EVENKEEL_PLANNER_VCPU_LEVEL_H

#include "models/placement/problem.h"

/* Where guests are confined to a part of the pCPUs that they overload, no plan brings the parts to
 * one level: measured from the mean of all, the crowded part would decide the largest deviation, and
 * nothing would be worth a move in the other parts. So each part has a level of its own: where water
 * would stand if demands were water that is let into the bins that may have it, as evenly as can be.
 *
 * Fills fill [n_bins] with what has to be put beside the background of each bin, in permille, to
 * bring all parts to the highest level; then the model's one fair share is right for each of them.
 * cut [n_items] is the most with which an item should count: 5 points above the lowest level that it
 * may reach, as the model has it, and 1000 where nothing has to be filled. 0, or -ENOMEM. */
int level_fill(const struct placement_problem *problem, int *fill, int *cut);

#endif
