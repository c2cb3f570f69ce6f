/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_BOUNDS_PROOF_H
#define EVENKEEL_MODELS_BOUND_BOUNDS_PROOF_H

#include "models/bound/bounds.h"
#include "models/placement/proof.h"

/* What the bounds know about plans with F <= objective, to take along: the vectors behind the
 * windows that may hold one, and some more that were climbed to, for each excludes others. 0 or
 * -ENOMEM. */
int bounds_proof(const struct bounds *bounds, int64_t objective, struct placement_proof **ret);

#endif
