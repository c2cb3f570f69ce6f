/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/groups.h"

#include <errno.h>
#include <stdlib.h>

/* The group as the problem knows it, or -1. */
static int group_of(const struct placement_problem *problem, size_t i)
{
    return problem->demand_permille[i] > 0 ? problem->group_of[i] : -1;
}

/* All members by their groups in the problem: those of g come to be room[start[g] ... start[g + 1]]. */
static void sort_members(const struct placement_problem *problem, int *start, int *room)
{
    size_t n = problem->n_items;
    int all;

    for (size_t i = 0; i < n; i++)
        if (group_of(problem, i) >= 0)
            start[group_of(problem, i) + 1]++;
    for (size_t g = 0; g < n; g++)
        start[g + 1] += start[g];
    all = start[n];
    for (size_t i = n; i-- > 0;)
        if (group_of(problem, i) >= 0)
            room[--start[group_of(problem, i) + 1]] = (int)i;
    for (size_t g = 0; g < n; g++)
        start[g] = start[g + 1];
    start[n] = all;
}

/* Marks where some of these may be; how many bins. */
static int mark_bins(const struct placement_problem *problem, const int *members, int n,
                     bool *marks)
{
    int bins = 0;

    for (size_t p = 0; p < problem->n_bins; p++) {
        int k = 0;

        while (k < n && !placement_may_run(problem, (size_t)members[k], p))
            k++;
        marks[p] = k < n;
        bins += marks[p];
    }
    return bins;
}

static void add(const struct placement_problem *problem, int id, const int *members, int n,
                bool *marks, struct groups *groups)
{
    int bins = mark_bins(problem, members, n, marks), at = groups->first[groups->n];

    if (bins < 2)
        return;
    for (int k = 0; k < n; k++) {
        groups->of[members[k]] = groups->n;
        groups->member[at + k] = members[k];
    }
    for (size_t p = 0; p < problem->n_bins && n > bins; p++)
        groups->gaps[p] += marks[p];
    groups->id[groups->n] = id;
    groups->bins[groups->n] = bins;
    groups->first[++groups->n] = at + n;
}

static int fill(const struct placement_problem *problem, struct groups *groups)
{
    size_t n = problem->n_items;
    struct arena scratch = {0};
    int *start = arena_take(&scratch, n + 1, sizeof(int));
    int *members = arena_take(&scratch, n, sizeof(int));
    bool *marks = arena_take(&scratch, problem->n_bins, sizeof(bool));
    int r = arena_error(&scratch);

    if (r == 0)
        sort_members(problem, start, members);
    for (size_t g = 0; g < n && r == 0; g++)
        if (start[g + 1] - start[g] > 1)
            add(problem, (int)g, members + start[g], start[g + 1] - start[g], marks, groups);
    arena_done(&scratch);
    return r;
}

int groups_new(const struct placement_problem *problem, struct arena *arena, struct groups *ret)
{
    size_t n = problem->n_items;
    struct groups groups = {.n = 0};

    groups.id = arena_take(arena, n / 2, sizeof(int));
    groups.of = arena_take(arena, n, sizeof(int));
    groups.first = arena_take(arena, n / 2 + 1, sizeof(int));
    groups.member = arena_take(arena, n, sizeof(int));
    groups.bins = arena_take(arena, n / 2, sizeof(int));
    groups.gaps = arena_take(arena, problem->n_bins, sizeof(int));
    if (arena_error(arena) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        groups.of[i] = -1;
    if (problem->group_of && problem->together_cost > 0 && fill(problem, &groups) < 0)
        return -ENOMEM;
    *ret = groups;
    return 0;
}

bool groups_can_charge(const struct groups *groups, const struct placement_problem *problem, int g,
                       size_t p)
{
    int members = 0;

    for (int k = groups->first[g]; k < groups->first[g + 1]; k++)
        members += placement_may_run(problem, (size_t)groups->member[k], p);
    return groups_fills(groups, g) ? members > 0 : members > 1;
}

int groups_together(const struct groups *groups, const int *bin_of, size_t n_bins, int64_t *ret)
{
    int *seen_by = groups->n ? calloc(n_bins, sizeof(*seen_by)) : NULL;

    *ret = 0;
    if (groups->n == 0)
        return 0;
    if (!seen_by)
        return -ENOMEM;
    for (int g = 0; g < groups->n; g++) {
        *ret += groups_fills(groups, g) ? groups->bins[g] : 0;
        for (int k = groups->first[g]; k < groups->first[g + 1]; k++) {
            int p = bin_of[groups->member[k]];

            if (p < 0)
                continue;
            *ret += groups_enter(groups, g, seen_by[p] == g + 1);
            seen_by[p] = g + 1;
        }
    }
    free(seen_by);
    return 0;
}
