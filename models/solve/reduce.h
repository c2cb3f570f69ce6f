/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_REDUCE_H
#define EVENKEEL_MODELS_SOLVE_REDUCE_H

#include "models/solve/workspace.h"

/* Leaves out the items that stay at home in every plan that is better than the incumbent
 * (fixing_leavers), and solves what is left: their loads become background. Of 400 items in 24 bins 60
 * to 200 are left, few enough for enumeration and exchanges that see no end before. What it proves and
 * finds holds for all. 1: asked, and *ret_method is who answered; 0: hardly anybody could be left out,
 * or no duals are known; -ENOMEM or -EPROTO. Only for a workspace that reduces. */
int reduce_run(struct workspace *ws, enum placement_method *ret_method);

#endif
