/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_PIPELINE_H
#define EVENKEEL_MODELS_SOLVE_PIPELINE_H

#include "models/solve/workspace.h"

/* The steps that follow the first plan, cheapest first, until the incumbent is proven optimal or
 * the work is used up. ret_method: who found the plan or closed the gap. 0 or -ENOMEM; where GLPK
 * gives up, the other steps go on. */
int pipeline_run(struct workspace *ws, enum placement_method *ret_method);

#endif
