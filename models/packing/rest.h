/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_REST_H
#define EVENKEEL_MODELS_PACKING_REST_H

#include "models/packing/filling.h"

/* Puts these items into what is left of the bins, nobody else moving, as many of them as can be: best
 * fit, counting, and all that is left to try, depth first. The filling ends with the
 * best found. least: no way leaves fewer out. */
struct rest_answer {
    size_t out, least;
};
struct rest_effort {
    int orders;        /* of best fit, before the search begins; REST_ORDERS is enough */
    int64_t max_nodes; /* of the search */
};
enum { REST_ORDERS = 60 };
/* *items [n] are in no bin. enough: fewer than that need not be looked for. 0 or -ENOMEM. */
int rest_place(struct filling *filling, const int *items, size_t n, size_t enough,
               const struct rest_effort *effort, struct work *work, struct rest_answer *ret);

#endif
