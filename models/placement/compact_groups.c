/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/compact_groups.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/placement/evaluate.h"

static bool can_charge(const struct balance *balance, int g, int p)
{
    return groups_can_charge(&balance->groups, balance->problem, g, (size_t)p);
}

size_t compact_groups_columns(const struct balance *balance)
{
    size_t n = 0;

    for (int p = 0; p < balance->m; p++)
        for (int g = 0; g < balance->groups.n; g++)
            n += can_charge(balance, g, p);
    return n;
}

/* members - together <= 1, or members + together >= 1 where the group has more members than bins. */
static int add_charge(const struct balance *balance, int g, int p, struct lp *lp)
{
    const struct placement_problem *problem = balance->problem;
    bool fills = groups_fills(&balance->groups, g);
    int id = balance->groups.id[g], row, column;
    char name[60];

    snprintf(name, sizeof(name), "together_%d_%d", id, p);
    column = lp_add_column(lp, name, LP_CONTINUOUS, 0, INFINITY,
                           problem->together_cost * placement_cost_unit(problem));
    snprintf(name, sizeof(name), "apart_%d_%d", id, p);
    row = lp_add_row(lp, name, fills ? 1 : -INFINITY, fills ? INFINITY : 1);
    lp_add_entry(lp, row, column, fills ? 1 : -1);
    return row;
}

/* Every item counts in the rows of its group. Items' columns come first. */
static void add_members(const struct balance *balance, const int *row, struct lp *lp)
{
    const struct placement_problem *problem = balance->problem;
    int m = balance->m, column = 0;

    for (size_t v = 0; v < problem->n_items; v++) {
        int g = balance->groups.of[v];

        for (int p = 0; p < m; p++) {
            if (!placement_may_run(problem, v, (size_t)p))
                continue;
            if (g >= 0 && row[(int64_t)g * m + p] >= 0)
                lp_add_entry(lp, row[(int64_t)g * m + p], column, 1);
            column++;
        }
    }
}

int compact_groups_add(const struct balance *balance, struct lp *lp)
{
    int n = balance->groups.n, m = balance->m;
    int *row = malloc(((size_t)n * (size_t)m + 1) * sizeof(*row));

    if (!row)
        return -ENOMEM;
    for (int p = 0; p < m; p++)
        for (int g = 0; g < n; g++)
            row[(int64_t)g * m + p] =
                can_charge(balance, g, p) ? add_charge(balance, g, p, lp) : -1;
    if (n > 0)
        add_members(balance, row, lp);
    free(row);
    return 0;
}

void compact_groups_point(const struct balance *balance, const int *bin_of, double *x)
{
    const struct groups *groups = &balance->groups;

    for (int p = 0; p < balance->m; p++) {
        for (int g = 0; g < groups->n; g++) {
            int there = 0;

            for (int k = groups->first[g]; k < groups->first[g + 1]; k++)
                there += bin_of[groups->member[k]] == p;
            if (can_charge(balance, g, p))
                *x++ = groups_charge(groups, g, there);
        }
    }
}
