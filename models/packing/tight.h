/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_TIGHT_H
#define EVENKEEL_MODELS_PACKING_TIGHT_H

#include "models/packing/kinds.h"

/* Places for all items but the `out` largest (of those that do not run, where there are so many), where
 * hardly any room may be lost: bin by bin, each with the largest item that is left and others beside
 * it, so that no more stays free than all bins together can spare. Starts again in another order when a
 * few thousand nodes have not been enough. 1: the filling has the plan. 0: none was found in max_nodes,
 * or the search would take more memory than the work may have; nobody is anywhere. -ENOMEM. */
int tight_place(struct filling *filling, const struct kinds *kinds, size_t out, int64_t max_nodes,
                struct work *work);

#endif
