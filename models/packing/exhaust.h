/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_EXHAUST_H
#define EVENKEEL_MODELS_PACKING_EXHAUST_H

#include "models/packing/filling.h"

/* All plans, depth first, that may be better than the known one: everybody may move. Ends when none is
 * left (*ret_is_done: bin_of is the best plan there is) or after max_nodes. bin_of [n] is a plan that
 * keeps all rules, and becomes a better one where one is found. Left out, and not done, for more items
 * than a few dozens. 0 or -ENOMEM. */
int exhaust_plans(struct filling *filling, int64_t max_nodes, struct work *work, int *bin_of,
                  bool *ret_is_done);

#endif
