/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_KICKS_H
#define EVENKEEL_MODELS_SOLVE_KICKS_H

#include "models/solve/workspace.h"

/* Better plans near the incumbent (iterated local search): a few items are thrown somewhere else, all
 * are brought into the band of some window that may still hold a better plan, and pairs of bins are
 * shared out (pairs.h). Where that costs no more than before, the next kick starts there. Ends after so
 * many rounds. 0 or -ENOMEM. */
int kicks_run(struct workspace *ws, int rounds);

#endif
