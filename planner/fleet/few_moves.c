/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/few_moves.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "planner/fleet/slice_solve.h"
#include "planner/fleet/take_back.h"

enum { MOST_CHARGE = FLEET_MOST_PRICE / 2, STEPS = 10 };

struct search {
    const struct start *start;
    size_t most; /* moves */
    double kappa;
    struct measure measure;
    struct spread *spread; /* the best so far */
    double objective;
    size_t moves;
};

static bool is_better(const struct search *search, size_t moves, double objective)
{
    if (moves > search->most || search->moves > search->most)
        return moves < search->moves || (moves == search->moves && objective < search->objective);
    return objective < search->objective;
}

static void offer(struct search *search, const int *at)
{
    size_t moves = measure_moves(&search->start->items, at);
    double objective = measure_objective(&search->measure, at, search->kappa);

    if (!is_better(search, moves, objective))
        return;
    memmove(search->spread->at, at, (size_t)search->start->items.n * sizeof(*at));
    search->moves = moves;
    search->objective = objective;
}

/* Plans; *ret_bound: what the slice's answer says, less the charge of `most` moves. */
static int plan(struct search *search, const struct slice_how *how, int *at, double *ret_bound)
{
    const struct items *items = &search->start->items;
    struct slice_answer answer;
    struct slice slice;
    int r = slice_new(items, how, &slice);

    if (r < 0)
        return r;
    r = slice_solve(&slice, false, &search->spread->work, &answer);
    if (r == 0) {
        memcpy(at, search->start->at, (size_t)items->n * sizeof(*at));
        for (int k = 0; k < slice.n; k++)
            at[slice.item[k]] = slice.bin[answer.bin_of[k]];
        *ret_bound = answer.bound - (double)how->move_charge / slice.times * (double)search->most;
        offer(search, at);
        slice_answer_done(&answer);
    }
    slice_done(&slice);
    return r;
}

/* Plans with a charge; *ret: the moves of that plan. */
static int charge(struct search *search, int move_charge, int *at, size_t *ret)
{
    struct slice_how how = {
        .at = search->start->at, .kappa = search->kappa, .move_charge = move_charge};
    double bound = 0;
    int r = plan(search, &how, at, &bound);

    if (r < 0)
        return r;
    *ret = measure_moves(&search->start->items, at);
    search->spread->bound = fmax(search->spread->bound, bound);
    return 0;
}

/* Plans with nothing but as few moves as can be: a charge is never so high that prices do not count. */
static int move_fewest(struct search *search, int *at)
{
    struct slice_how how = {.at = search->start->at, .only_moves = true};
    double least;

    return plan(search, &how, at, &least);
}

static int bisect(struct search *search, int *at)
{
    int low = 0, high = MOST_CHARGE, r = 0;

    for (int k = 0; r == 0 && k < STEPS && high - low > 1; k++) {
        int middle = low == 0 && k == 0 ? MOST_CHARGE : (low + high) / 2;
        size_t moves = 0;

        r = charge(search, middle, at, &moves);
        if (moves > search->most)
            low = middle;
        else
            high = middle;
        if (k == 0 && moves > search->most)
            break;
    }
    return r;
}

int few_moves(const struct start *start, size_t most, double kappa, struct spread *spread)
{
    struct search search = {.start = start, .most = most, .kappa = kappa, .spread = spread};
    struct arena arena = {0};
    int *at = arena_take(&arena, (size_t)start->items.n, sizeof(*at));
    int r = at ? measure_new(&start->items, start->at, &search.measure) : -ENOMEM;

    if (r < 0) {
        arena_done(&arena);
        return r;
    }
    search.moves = measure_moves(&start->items, spread->at);
    search.objective = measure_objective(&search.measure, spread->at, kappa);
    if (search.moves > most) {
        double bound_of_all = spread->bound;

        offer(&search, start->at);
        r = bisect(&search, at);
        if (r == 0 && search.moves > most)
            r = move_fewest(&search, at);
        if (r == 0 && search.moves > most) {
            spread->bound = bound_of_all;
            r = take_back(&start->items, most, spread->at, &search.moves);
            search.objective = measure_objective(&search.measure, spread->at, kappa);
        }
        if (search.moves > most)
            snprintf(spread->note, sizeof(spread->note),
                     "%zu guests have to move, more than the %zu of one round", search.moves, most);
        spread->is_proven = search.objective <= spread->bound + 1e-6;
        spread->n_groups_proven = spread->is_proven;
    }
    measure_done(&search.measure);
    arena_done(&arena);
    return r;
}
