/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PACKING_SHORTAGE_H
#define EVENKEEL_MODELS_PACKING_SHORTAGE_H

#include "models/packing/filling.h"

/* How many have to stay stopped by counting alone: larger than every bin; more needed of a resource
 * than there is; more items that fill half a bin than bins; an apart set with more members than bins.
 * Counted for all bins, and for the bins of every few items that may run nowhere else. best is left as it is
 * where nothing is proven; *ret is how many. 0 or -ENOMEM. */
int shortage_count(const struct filling *filling, struct packing_certificate *best, size_t *ret);

/* What a certificate's numbers say, whether they are true or not. */
int64_t certificate_says(const struct packing_problem *problem,
                         const struct packing_certificate *certificate);

#endif
