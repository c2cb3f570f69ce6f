/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_GAP_LOOP_H
#define EVENKEEL_MODELS_SOLVE_GAP_LOOP_H

#include "models/solve/pipeline.h"

/* Bound and plan in turn, from below: an objective a little above the bound; the windows below it
 * are raised as far as prices go, their patterns make plans, and enumeration finds a plan within the
 * objective or refutes it. Ends with a proof, or where neither succeeds. 0, -ENOMEM or -EPROTO. */
int climb(struct pipeline *pipeline, enum placement_method *ret_method);

#endif
