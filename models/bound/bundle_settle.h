/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_BOUND_BUNDLE_SETTLE_H
#define EVENKEEL_MODELS_BOUND_BUNDLE_SETTLE_H

#include "models/bound/bundle.h"

/* Solves the step's question (bundle.h) for all bins at once, where exchanges bin by bin do not
 * settle: Newton steps on the cuts that have weight, each by conjugate gradients, as far as all
 * weights stay; cuts that have become cheaper join, those without weight leave. Ends where the
 * weights promise hardly more than the model gives. */
void bundle_settle(struct bundle *bundle);
/* Takes the room for it; then bundle_step() makes use of it. Memory and errors are the arena's. */
void bundle_settle_new(struct bundle *bundle, struct arena *arena);

#endif
