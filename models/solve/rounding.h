/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_ROUNDING_H
#define EVENKEEL_MODELS_SOLVE_ROUNDING_H

#include "models/solve/workspace.h"

/* A plan from the weights that the ascent has left on its patterns. Every item goes where most of
 * its weight is; then local search repairs the loads into the band of the window and polishes. 0 or
 * -ENOMEM. */
int rounding_run(struct workspace *ws, int window);

#endif
