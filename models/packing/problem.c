/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "models/packing/packing.h"

/* So that sums of products stay far within 64 bits, and counts within an int. */
enum { MOST_ITEMS = 1 << 20, MOST_BINS = 1 << 16, MOST_ROOMS = 16 };

static bool are_counts(const int *values, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (values[k] < 0)
            return false;
    return true;
}

static bool are_counts_or_none(const int *values, size_t n)
{
    return !values || are_counts(values, n);
}

static bool are_homes(const struct packing_problem *problem)
{
    for (size_t i = 0; problem->current && i < problem->n_items; i++)
        if (problem->current[i] < -1 || problem->current[i] >= (int)problem->n_bins)
            return false;
    return true;
}

/* Each set's members are items, each in it once: seen [n_items] is the last set that an item was met
 * in, plus one. */
static bool are_sets(const struct packing_problem *problem, size_t *seen)
{
    if (problem->apart_first[0] != 0)
        return false;
    for (size_t s = 0; s < problem->n_apart; s++) {
        if (problem->apart_first[s + 1] < problem->apart_first[s])
            return false;
        for (int k = problem->apart_first[s]; k < problem->apart_first[s + 1]; k++) {
            int item = problem->apart_item[k];

            if (item < 0 || (size_t)item >= problem->n_items || seen[item] == s + 1)
                return false;
            seen[item] = s + 1;
        }
    }
    return true;
}

int packing_problem_check(const struct packing_problem *problem)
{
    size_t *seen;
    bool is_sound;

    if (problem->n_items > MOST_ITEMS || problem->n_bins > MOST_BINS ||
        problem->n_rooms > MOST_ROOMS || problem->n_rooms < 1)
        return -EINVAL;
    if (!are_counts(problem->size, problem->n_items * problem->n_rooms) ||
        !are_counts(problem->room, problem->n_bins * problem->n_rooms) ||
        !are_counts_or_none(problem->price, problem->n_items) ||
        !are_counts_or_none(problem->price_in, problem->n_items * problem->n_bins) ||
        !are_counts_or_none(problem->moves, problem->n_items) || !are_homes(problem))
        return -EINVAL;
    if (!problem->n_apart)
        return 0;
    seen = calloc(problem->n_items + 1, sizeof(*seen));
    if (!seen)
        return -ENOMEM;
    is_sound = are_sets(problem, seen);
    free(seen);
    return is_sound ? 0 : -EINVAL;
}
