/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/compact_rules.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/placement/rules.h"

int compact_rules_rows(const struct placement_problem *problem)
{
    return (int)((problem->n_rooms + problem->n_apart) * problem->n_bins);
}

static void add_rows(const struct placement_problem *problem, struct lp *lp)
{
    char name[60];

    for (size_t k = 0; k < problem->n_rooms; k++)
        for (size_t p = 0; p < problem->n_bins; p++) {
            snprintf(name, sizeof(name), "fits_%zu_%zu", k, p);
            lp_add_row(lp, name, -INFINITY, problem->room[p * problem->n_rooms + k]);
        }
    for (size_t s = 0; s < problem->n_apart; s++)
        for (size_t p = 0; p < problem->n_bins; p++) {
            snprintf(name, sizeof(name), "one_of_%zu_%zu", s, p);
            lp_add_row(lp, name, -INFINITY, 1);
        }
}

/* column [n_items] is each item's first one. */
static void add_sizes(const struct placement_problem *problem, const int *column, int first_row,
                      struct lp *lp)
{
    size_t m = problem->n_bins, rooms = problem->n_rooms;

    for (size_t i = 0; i < problem->n_items; i++) {
        int at = column[i];

        for (size_t p = 0; p < m; p++) {
            if (!placement_may_run(problem, i, p))
                continue;
            for (size_t k = 0; k < rooms; k++)
                if (problem->size[i * rooms + k] > 0)
                    lp_add_entry(lp, first_row + (int)(k * m + p), at,
                                 problem->size[i * rooms + k]);
            at++;
        }
    }
}

static void add_members(const struct placement_problem *problem, const int *column, int first_row,
                        struct lp *lp)
{
    size_t m = problem->n_bins;

    for (size_t s = 0; s < problem->n_apart; s++)
        for (int k = problem->apart_first[s]; k < problem->apart_first[s + 1]; k++) {
            size_t i = (size_t)problem->apart_item[k];
            int at = column[i];

            for (size_t p = 0; p < m; p++)
                if (placement_may_run(problem, i, p))
                    lp_add_entry(lp, first_row + (int)(s * m + p), at++, 1);
        }
}

int compact_rules_add(const struct placement_problem *problem, struct lp *lp)
{
    int first_row, columns = 0, *column;

    if (!placement_has_rules(problem) || lp_error(lp) < 0)
        return 0;
    first_row = lp_rows(lp);
    column = malloc((problem->n_items + 1) * sizeof(*column));
    if (!column)
        return -ENOMEM;
    for (size_t i = 0; i < problem->n_items; i++) {
        column[i] = columns;
        for (size_t p = 0; p < problem->n_bins; p++)
            columns += placement_may_run(problem, i, p);
    }
    add_rows(problem, lp);
    add_sizes(problem, column, first_row, lp);
    add_members(problem, column, first_row + (int)(problem->n_rooms * problem->n_bins), lp);
    free(column);
    return 0;
}
