/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/groups.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/fleet/relaxation.h"
#include "planner/fleet/slice_solve.h"
#include "planner/fleet/take_back.h"

enum { ROUNDS = 2, CANDIDATES = ROUNDS + 1 };

struct loaded {
    double share;
    int bin;
};

static int fullest_first(const void *a, const void *b)
{
    const struct loaded *x = a, *y = b;

    if (x->share != y->share)
        return x->share < y->share ? 1 : -1;
    return (x->bin > y->bin) - (x->bin < y->bin);
}

size_t groups_deal(const struct items *items, const int *at, size_t most_hosts, int *group_of)
{
    size_t m = (size_t)items->m, n_groups = (m + most_hosts - 1) / most_hosts;
    struct loaded *loaded = calloc(m + 1, sizeof(*loaded));

    if (!loaded)
        return 0;
    for (size_t p = 0; p < m; p++)
        loaded[p].bin = (int)p;
    for (int i = 0; i < items->n; i++)
        if (at[i] >= 0)
            loaded[at[i]].share += items->load[i];
    for (size_t p = 0; p < m; p++)
        loaded[p].share /= items->capacity[p];
    qsort(loaded, m, sizeof(*loaded), fullest_first);
    for (size_t k = 0; k < m; k++) {
        size_t row = k / n_groups, column = k % n_groups;

        group_of[loaded[k].bin] = (int)(row % 2 ? n_groups - 1 - column : column);
    }
    free(loaded);
    return n_groups;
}

/* What is known: for each group how it is to begin with and what each round found. */
struct found {
    const struct start *start;
    const struct items *items;
    size_t n_groups;
    int *group_of;            /* [m] */
    double *kappa;            /* [n_groups] its part */
    int *at[CANDIDATES];      /* [n] placements of all groups */
    double *deviation, *cost; /* [CANDIDATES * n_groups] */
    bool *is_proven;          /* [n_groups] in one of the rounds */
    struct measure measure;
    struct arena arena;
};

static int found_new(const struct start *start, size_t most_hosts, struct found *ret)
{
    const struct items *items = &start->items;
    struct arena *arena = &ret->arena;
    size_t n = (size_t)items->n, m = (size_t)items->m;

    *ret = (struct found){.start = start, .items = items};
    ret->group_of = arena_take(arena, m, sizeof(int));
    for (int k = 0; k < CANDIDATES; k++)
        ret->at[k] = arena_take(arena, n, sizeof(int));
    ret->kappa = arena_take(arena, m, sizeof(double));
    ret->deviation = arena_take(arena, CANDIDATES * m, sizeof(double));
    ret->cost = arena_take(arena, CANDIDATES * m, sizeof(double));
    ret->is_proven = arena_take(arena, m, sizeof(bool));
    if (arena_error(arena) == 0 && measure_new(items, start->at, &ret->measure) == 0) {
        ret->n_groups = groups_deal(items, start->at, most_hosts, ret->group_of);
        if (ret->n_groups > 0)
            return 0;
        measure_done(&ret->measure);
    }
    arena_done(arena);
    return -ENOMEM;
}

static void found_done(struct found *found)
{
    measure_done(&found->measure);
    arena_done(&found->arena);
}

/* Deviations and costs of a candidate, group by group. */
static void judge(struct found *found, int candidate)
{
    const struct items *items = found->items;
    const int *at = found->at[candidate];
    double *deviation = found->deviation + (size_t)candidate * found->n_groups;
    double *cost = found->cost + (size_t)candidate * found->n_groups;

    balance_loads(&found->measure.balance, at, found->measure.load);
    for (int p = 0; p < items->m; p++) {
        double points =
            (double)balance_deviation(&found->measure.balance, p, found->measure.load[p]) /
            (double)found->measure.balance.scale;

        deviation[found->group_of[p]] = fmax(deviation[found->group_of[p]], points);
    }
    for (int i = 0; i < items->n; i++)
        if (at[i] >= 0)
            cost[found->group_of[at[i]]] += items_price(items, i, at[i]);
}

static int plan_group(struct found *found, int candidate, int group, struct work *work,
                      struct spread *spread)
{
    struct slice_how how = {.at = found->start->at,
                            .group_of = found->group_of,
                            .group = group,
                            .kappa = found->kappa[group]};
    struct slice_answer answer;
    struct slice slice;
    int r = slice_new(found->items, &how, &slice);

    if (r < 0)
        return r;
    r = slice_solve(&slice, false, work, &answer);
    if (r == 0) {
        for (int k = 0; k < slice.n; k++)
            found->at[candidate][slice.item[k]] = slice.bin[answer.bin_of[k]];
        found->is_proven[group] = found->is_proven[group] || answer.is_proven;
        if (answer.is_contradicted)
            snprintf(spread->note, sizeof(spread->note), "a group of hosts is left as it is: %s",
                     answer.why);
        slice_answer_done(&answer);
    }
    slice_done(&slice);
    return r;
}

/* A group's part of what is left of a limit, so that none takes it from the others. */
static int64_t part_of(int64_t most, int64_t spent, size_t parts)
{
    assert(parts > 0);
    return most > 0 ? spent + max64(1, (most - spent) / (int64_t)parts) : 0;
}

static int plan_round(struct found *found, int candidate, const struct work *limits,
                      struct spread *spread)
{
    struct work *work = &spread->work;
    int r = 0;

    memcpy(found->at[candidate], found->at[0], (size_t)found->items->n * sizeof(int));
    for (size_t g = 0; r == 0 && g < found->n_groups; g++) {
        size_t parts = found->n_groups * (size_t)(CANDIDATES - candidate) - g;

        work->max_evaluations = part_of(limits->max_evaluations, work->evaluations, parts);
        work->max_kcells = part_of(limits->max_kcells, work->kcells, parts);
        work->max_pivots = part_of(limits->max_pivots, work->pivots, parts);
        work->max_nodes = part_of(limits->max_nodes, work->nodes, parts);
        r = plan_group(found, candidate, (int)g, work, spread);
    }
    if (r == 0)
        judge(found, candidate);
    return r;
}

/* More for the more uneven: halving a deviation takes about four times the weight. */
static void share_again(struct found *found, double kappa)
{
    const double *deviation = found->deviation + found->n_groups;
    double sum = 0;

    for (size_t g = 0; g < found->n_groups; g++)
        sum += deviation[g] * deviation[g];
    for (size_t g = 0; sum > 0 && g < found->n_groups; g++)
        found->kappa[g] = kappa * deviation[g] * deviation[g] / sum;
}

/* The cheapest candidate of a group that is no more uneven than this; -1: there is none. */
static int cheapest_within(const struct found *found, size_t group, double deviation)
{
    int best = -1;

    for (int k = 0; k < CANDIDATES; k++) {
        size_t at = (size_t)k * found->n_groups + group;

        if (found->deviation[at] <= deviation &&
            (best < 0 || found->cost[at] < found->cost[(size_t)best * found->n_groups + group]))
            best = k;
    }
    return best;
}

/* What all cost if none is more uneven than this, INFINITY where one always is. */
static double cost_within(const struct found *found, double deviation)
{
    double cost = 0;

    for (size_t g = 0; g < found->n_groups; g++) {
        int k = cheapest_within(found, g, deviation);

        if (k < 0)
            return INFINITY;
        cost += found->cost[(size_t)k * found->n_groups + g];
    }
    return cost;
}

static void combine(const struct found *found, double kappa, int *ret)
{
    double best = INFINITY, least = INFINITY;

    for (size_t k = 0; k < CANDIDATES * found->n_groups; k++) {
        double objective = kappa * found->deviation[k] + cost_within(found, found->deviation[k]);

        if (objective < least) {
            least = objective;
            best = found->deviation[k];
        }
    }
    for (int i = 0; i < found->items->n; i++) {
        int at = found->at[0][i];

        if (at >= 0)
            at = found->at[cheapest_within(found, (size_t)found->group_of[at], best)][i];
        ret[i] = at;
    }
}

static size_t moves_of(const struct found *found, const int *at, int group)
{
    size_t moves = 0;

    for (int i = 0; i < found->items->n; i++)
        if (at[i] >= 0 && found->group_of[at[i]] == group)
            moves += (size_t)items_moves(found->items, i, at[i]);
    return moves;
}

/* The most uneven group that is not yet done; -1: none. */
static int most_uneven(const struct found *found, const bool *is_done)
{
    int worst = -1;

    for (size_t g = 0; g < found->n_groups; g++)
        if (!is_done[g] && (worst < 0 || found->deviation[g] > found->deviation[worst]))
            worst = (int)g;
    return worst;
}

/* Where there are too many moves: the most uneven groups first, as long as theirs fit; all others begin
 * as they are. */
static void keep_few(struct found *found, size_t most, int *at)
{
    size_t moves = measure_moves(found->items, at),
           least = measure_moves(found->items, found->at[0]);
    bool *is_done = arena_take(&found->arena, found->n_groups, sizeof(*is_done));
    int g;

    if (moves <= most || !is_done)
        return;
    moves = least;
    while ((g = most_uneven(found, is_done)) >= 0) {
        size_t more = moves_of(found, at, g) - moves_of(found, found->at[0], g);

        is_done[g] = true;
        if (moves + more <= most) {
            moves += more;
            continue;
        }
        for (int i = 0; i < found->items->n; i++)
            if (at[i] >= 0 && found->group_of[at[i]] == g)
                at[i] = found->at[0][i];
    }
}

/* What has to be done is done all the same. */
static int keep_limit(struct found *found, size_t most, struct spread *spread)
{
    size_t moves = 0;
    int r;

    keep_few(found, most, spread->at);
    r = take_back(found->items, most, spread->at, &moves);
    if (moves > most)
        snprintf(spread->note, sizeof(spread->note),
                 "%zu guests are moved, more than the %zu of one round; in groups it is not known "
                 "whether fewer would do",
                 moves, most);
    return r;
}

int groups_make(const struct start *start, const struct fleet_settings *settings, double kappa,
                const struct work *limits, struct spread *ret)
{
    struct spread spread = {.at = calloc((size_t)start->items.n + 1, sizeof(int)),
                            .method = PLACEMENT_METHOD_LOCAL_SEARCH,
                            .work = *limits};
    struct found found;
    double objective = 0;
    int r = spread.at ? found_new(start, settings->group_hosts, &found) : -ENOMEM;

    if (r < 0) {
        free(spread.at);
        return r;
    }
    memcpy(found.at[0], start->at, (size_t)start->items.n * sizeof(int));
    judge(&found, 0);
    for (size_t g = 0; g < found.n_groups; g++)
        found.kappa[g] = kappa / (double)found.n_groups;
    for (int k = 1; r == 0 && k < CANDIDATES; k++) {
        r = plan_round(&found, k, limits, &spread);
        share_again(&found, kappa);
    }
    if (r == 0) {
        combine(&found, kappa, spread.at);
        if (settings->max_moves > 0)
            r = keep_limit(&found, settings->max_moves, &spread);
    }
    if (r == 0) {
        objective = measure_objective(&found.measure, spread.at, kappa);
        r = relaxation_bound(&found.measure, start->at, kappa, objective, &spread.bound);
    }
    if (r == 0) {
        spread.n_groups = found.n_groups;
        for (size_t g = 0; g < found.n_groups; g++)
            spread.n_groups_proven += found.is_proven[g];
        spread.is_proven = objective <= spread.bound + 1e-6;
        *ret = spread;
    } else {
        spread_done(&spread);
    }
    found_done(&found);
    return r;
}
