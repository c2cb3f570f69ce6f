/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_ACCEPT_BEST_H
#define EVENKEEL_TESTS_ACCEPT_BEST_H

#include <stddef.h>

/* What any placement could reach, by exhaustive dynamic programming and without the product's own
 * models: the judge must not ask the accused. Few classes of equal demand, equal pCPUs. */
struct best {
    double
        deviation_permille; /* least possible largest distance of a pCPU's demand from the mean */
    double mean_permille;
    size_t moves; /* fewest that reach it, or 5 % of the mean where that is more */
    int *place;   /* [n_vcpus] such a placement; owned */
};

/* demand[n_vcpus] in permille, current[n_vcpus] a pCPU index or -1 (floats: its first pin counts as
 * a move). Aborts where there is no memory or there are more than three different demands. */
void best_placement(const int *demand, const int *current, size_t n_vcpus, size_t n_pcpus,
                    struct best *ret);
void best_done(struct best *best);

#endif
