/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_CUTOFF_H
#define EVENKEEL_MODELS_SOLVE_CUTOFF_H

#include "models/solve/workspace.h"

/* Is there a plan with F <= cutoff? All patterns that such a plan could use are enumerated, window
 * by window, and GLPK finds a plan among them or refutes it (README.md, "Enumeration"). Where they
 * are too many and samples are wanted, some of them are searched: that may find a plan and proves
 * nothing. Each unit of effort doubles patterns and nodes, and draws another sample.
 *
 * 1: the bounds are above the cutoff now, or the incumbent is not; 0: not decided; -ENOMEM or
 * -EPROTO. */
int cutoff_decide(struct workspace *ws, int64_t cutoff, bool samples, int effort);

#endif
