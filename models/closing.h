/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_CLOSING_H
#define EVENKEEL_MODELS_CLOSING_H

#include "models/column_generation.h"

/* Exact closing (README.md, "Enumeration"). For an objective just above the bound: any plan so good
 * consists of patterns whose reduced costs are within the gap. All of them are enumerated, window by
 * window, and either GLPK finds a plan among them or there is none and the bound rises. 0, -ENOMEM
 * or -EPROTO; stops with the gap where the patterns are too many or the work is used up. */
int close_gap(struct generation *generation);

#endif
