/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* GLPK takes a row for kept within a ten-millionth: less than half a unit of this much. */
enum { MOST_ROOM = 1 << 24 };
/* Resources at most; more would be a mistake. */
enum { MOST_ROOMS = 64 };

/* ---- The problem ---- */

static bool within(const int *values, size_t n, int low, int high)
{
    for (size_t k = 0; k < n; k++)
        if (values[k] < low || values[k] > high)
            return false;
    return true;
}

static int check_sets(const struct placement_problem *problem)
{
    size_t n = problem->n_items;
    const int *first = problem->apart_first;
    int *seen_in = calloc(n + 1, sizeof(*seen_in)), r = 0;

    if (!seen_in)
        return -ENOMEM;
    for (size_t s = 0; s < problem->n_apart && r == 0; s++)
        for (int k = first[s]; k < first[s + 1] && r == 0; k++) {
            int i = problem->apart_item[k];

            if (i < 0 || (size_t)i >= n || seen_in[i] == (int)s + 1)
                r = -EINVAL;
            else
                seen_in[i] = (int)s + 1;
        }
    free(seen_in);
    return r;
}

int rules_check(const struct placement_problem *problem)
{
    size_t n = problem->n_items, m = problem->n_bins, rooms = problem->n_rooms;

    if (rooms > MOST_ROOMS || problem->n_apart > MOST_ROOM)
        return -EINVAL;
    if (rooms > 0 && (!problem->room || (n > 0 && !problem->size) ||
                      !within(problem->size, n * rooms, 0, MOST_ROOM) ||
                      !within(problem->room, m * rooms, 0, MOST_ROOM)))
        return -EINVAL;
    if (problem->start && !within(problem->start, n, 0, (int)m - 1))
        return -EINVAL;
    if (problem->n_apart == 0)
        return 0;
    if (!problem->apart_first || !problem->apart_item || problem->apart_first[0] != 0)
        return -EINVAL;
    for (size_t s = 0; s < problem->n_apart; s++)
        if (problem->apart_first[s + 1] < problem->apart_first[s] ||
            (size_t)(problem->apart_first[s + 1] - problem->apart_first[s]) > n)
            return -EINVAL;
    return check_sets(problem);
}

bool rules_bind(const struct placement_problem *problem, size_t item)
{
    for (size_t k = 0; k < problem->n_rooms; k++)
        if (problem->size[item * problem->n_rooms + k] > 0)
            return true;
    for (int k = 0; problem->n_apart > 0 && k < problem->apart_first[problem->n_apart]; k++)
        if (problem->apart_item[k] == (int)item)
            return true;
    return false;
}

static size_t count_overfull(const struct placement_problem *problem, const int *bin_of,
                             int64_t *used)
{
    size_t m = problem->n_bins, rooms = problem->n_rooms, breaches = 0;

    for (size_t i = 0; i < problem->n_items; i++)
        for (size_t k = 0; k < rooms && bin_of[i] >= 0 && (size_t)bin_of[i] < m; k++)
            used[(size_t)bin_of[i] * rooms + k] += problem->size[i * rooms + k];
    for (size_t k = 0; k < m * rooms; k++)
        breaches += used[k] > problem->room[k];
    return breaches;
}

static size_t count_together(const struct placement_problem *problem, const int *bin_of,
                             int64_t *seen_in)
{
    size_t breaches = 0;

    for (size_t s = 0; s < problem->n_apart; s++)
        for (int k = problem->apart_first[s]; k < problem->apart_first[s + 1]; k++) {
            int p = bin_of[problem->apart_item[k]];

            if (p < 0 || (size_t)p >= problem->n_bins)
                continue;
            breaches += seen_in[p] == (int64_t)s + 1;
            seen_in[p] = (int64_t)s + 1;
        }
    return breaches;
}

int rules_breaches(const struct placement_problem *problem, const int *bin_of, size_t *ret)
{
    size_t m = problem->n_bins;
    int64_t *scratch;

    *ret = 0;
    if (!placement_has_rules(problem))
        return 0;
    scratch = calloc(m * (problem->n_rooms + 1), sizeof(*scratch));
    if (!scratch)
        return -ENOMEM;
    *ret = count_overfull(problem, bin_of, scratch) +
           count_together(problem, bin_of, scratch + m * problem->n_rooms);
    free(scratch);
    return 0;
}

/* ---- The items of an instance ---- */

/* The sets of each item, in the order of the sets; at [n_items] is who an item of the problem is. */
static void list_sets(const struct placement_problem *problem, const int *at, int n,
                      struct rules *rules)
{
    int all = problem->n_apart > 0 ? problem->apart_first[problem->n_apart] : 0;

    for (int k = 0; k < all; k++)
        if (at[problem->apart_item[k]] >= 0)
            rules->first[at[problem->apart_item[k]] + 1]++;
    for (int i = 0; i < n; i++)
        rules->first[i + 1] += rules->first[i];
    for (int s = (int)problem->n_apart - 1; s >= 0; s--)
        for (int k = problem->apart_first[s]; k < problem->apart_first[s + 1]; k++) {
            int i = at[problem->apart_item[k]];

            if (i >= 0)
                rules->set[--rules->first[i + 1]] = s;
        }
    for (int i = 0; i < n; i++)
        rules->first[i] = rules->first[i + 1];
    rules->first[n] = all;
}

int rules_new(const struct placement_problem *problem, const int *id, int n, struct arena *arena,
              struct rules *ret)
{
    struct rules rules = {.n_rooms = (int)problem->n_rooms, .n_sets = (int)problem->n_apart};
    size_t rooms = problem->n_rooms, m = problem->n_bins;
    size_t all = problem->n_apart > 0 ? (size_t)problem->apart_first[problem->n_apart] : 0;
    int *at;

    *ret = rules;
    if (!placement_has_rules(problem))
        return 0;
    rules.size = arena_take(arena, (size_t)n * rooms, sizeof(int));
    rules.room = arena_take(arena, m * rooms, sizeof(int));
    rules.first = arena_take(arena, (size_t)n + 1, sizeof(int));
    rules.set = arena_take(arena, all, sizeof(int));
    at = arena_take(arena, problem->n_items, sizeof(int));
    if (arena_error(arena) < 0)
        return -ENOMEM;
    memset(at, 0xff, problem->n_items * sizeof(int));
    for (int i = 0; i < n; i++) {
        at[id[i]] = i;
        for (size_t k = 0; k < rooms; k++)
            rules.size[(size_t)i * rooms + k] = problem->size[(size_t)id[i] * rooms + k];
    }
    for (size_t k = 0; k < m * rooms; k++)
        rules.room[k] = problem->room[k];
    list_sets(problem, at, n, &rules);
    *ret = rules;
    return 0;
}

int rules_reduce(const struct rules *from, int n, int m, const bool *kept, const int *bin,
                 struct arena *arena, struct rules *ret)
{
    struct rules rules = {.n_rooms = from->n_rooms, .n_sets = from->n_sets};
    size_t rooms = (size_t)from->n_rooms;
    int at = 0;

    *ret = rules;
    if (rules_are_none(from))
        return 0;
    rules.size = arena_take(arena, (size_t)n * rooms, sizeof(int));
    rules.room = arena_take(arena, (size_t)m * rooms, sizeof(int));
    rules.first = arena_take(arena, (size_t)n + 1, sizeof(int));
    rules.set = arena_take(arena, (size_t)from->first[n], sizeof(int));
    if (arena_error(arena) < 0)
        return -ENOMEM;
    if (rooms > 0)
        memcpy(rules.room, from->room, (size_t)m * rooms * sizeof(int));
    for (int i = 0; i < n; i++) {
        int n_sets = from->first[i + 1] - from->first[i];

        for (size_t k = 0; k < rooms && !kept[i]; k++)
            rules.room[(size_t)bin[i] * rooms + k] -= from->size[(size_t)i * rooms + k];
        if (!kept[i])
            continue;
        for (size_t k = 0; k < rooms; k++)
            rules.size[(size_t)at * rooms + k] = from->size[(size_t)i * rooms + k];
        for (int k = 0; k < n_sets; k++)
            rules.set[rules.first[at] + k] = from->set[from->first[i] + k];
        rules.first[at + 1] = rules.first[at] + n_sets;
        at++;
    }
    *ret = rules;
    return 0;
}

bool rules_are_apart(const struct rules *rules, int i, int j)
{
    int a = rules->n_sets > 0 ? rules->first[i] : 0, b = rules->n_sets > 0 ? rules->first[j] : 0;

    if (rules->n_sets == 0)
        return false;
    while (a < rules->first[i + 1] && b < rules->first[j + 1]) {
        if (rules->set[a] == rules->set[b])
            return true;
        if (rules->set[a] < rules->set[b])
            a++;
        else
            b++;
    }
    return false;
}

bool rules_hold(const struct rules *rules, int p, const int *items, int n_items)
{
    for (int r = 0; r < rules->n_rooms; r++) {
        int64_t left = rules_room(rules, p, r);

        for (int k = 0; k < n_items; k++)
            left -= rules_size(rules, items[k], r);
        if (left < 0)
            return false;
    }
    for (int k = 0; k < n_items && rules->n_sets > 0; k++)
        for (int z = 0; z < k && rules->first[items[k]] < rules->first[items[k] + 1]; z++)
            if (rules_are_apart(rules, items[k], items[z]))
                return false;
    return true;
}
