/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_GAP_LOOP_H
#define EVENKEEL_MODELS_SOLVE_GAP_LOOP_H

#include "models/solve/workspace.h"

/* Bound and plan in turn, from below. The loop sets a cutoff a little above the bound. The ascent
 * raises the windows below the cutoff as far as duals go, the patterns met on the way make plans,
 * and enumeration finds a plan within the cutoff or refutes it. The loop ends with a proof, with the
 * work, or where nothing of this succeeds. 0, -ENOMEM or -EPROTO. */
int gap_loop_run(struct workspace *ws, enum placement_method *ret_method);

#endif
