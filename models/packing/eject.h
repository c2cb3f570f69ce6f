/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_EJECT_H
#define EVENKEEL_MODELS_PACKING_EJECT_H

#include "models/packing/filling.h"

/* Places for all of these items [n], where others may be moved out of their way: at most max_moves of
 * those that are in the bin where they run, each as many as it counts. 1: the filling has the plan. 0: there is none; nobody has
 * moved. -EAGAIN: not known after max_nodes. -ENOMEM. */
int eject_place(struct filling *filling, const int *items, size_t n, size_t max_moves,
                int64_t max_nodes, struct work *work);

#endif
