/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_BOUNDS_PROOF_H
#define EVENKEEL_MODELS_BOUND_BOUNDS_PROOF_H

#include "models/bound/bounds.h"
#include "models/placement/proof.h"

/* Writes down what the bounds say about plans with F <= objective, so that others can prove it
 * again. It copies the vectors behind the windows that may hold such a plan. Where there is room
 * it adds vectors of climbs, because each vector excludes other patterns. 0 or -ENOMEM; *ret is
 * the caller's (proof_free). */
int bounds_proof(const struct bounds *bounds, int64_t objective, struct placement_proof **ret);

#endif
