/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/rearrange.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/packing/best_fit.h"

/* Runs, and those that are made even when enough run; trials of a run for each item. */
enum { RUNS = 12, FEWEST_RUNS = 3, TRIALS_PER_ITEM = 4000 };
/* In mean prices: what being stopped costs, and one that runs now as much more; the temperature at first
 * and at last; what a breach of a mean item's size costs at first and at last. */
static const double STOPPED = 20, HALTED = 20, HOT = 0.5, COLD = 0.01, MILD = 1, STRICT = 5;
/* A pair that is together and should not be counts as so many mean sizes. */
static const double TOGETHER = 1;
/* How many trials exchange two; how many of the others go home, or stop somebody. */
static const double EXCHANGES = 0.5, HOMEWARD = 0.2, STOPPING = 0.02;

struct anneal {
    struct filling *filling;
    double *unit; /* [rooms] mean sizes for one unit */
    double money; /* mean prices for one unit of price */
    double penalty, heat;
    int64_t breaches; /* overfull resources of bins, and pairs together */
    struct packing_value value, best;
    int *bin_of; /* the best */
    uint64_t random;
};

static double price_of(const struct anneal *anneal, int item, int bin)
{
    int home = packing_home(anneal->filling->problem, item);

    if (bin < 0)
        return STOPPED + (home >= 0 ? HALTED : 0);
    return anneal->money * packing_cost(anneal->filling->problem, item, bin);
}

/* How far a bin breaks rules, and in how many ways. */
static double overdraft(const struct anneal *anneal, int bin, int *count)
{
    const int64_t *left = anneal->filling->left + (size_t)bin * anneal->filling->rooms;
    double sum = 0;

    for (size_t r = 0; r < anneal->filling->rooms; r++)
        if (left[r] < 0) {
            sum -= (double)left[r] * anneal->unit[r];
            ++*count;
        }
    return sum;
}

static int together(const struct filling *filling, int item, int bin)
{
    int pairs = 0;

    for (int k = filling->set_first[item]; k < filling->set_first[item + 1]; k++)
        pairs += filling->in_set[(size_t)filling->set_of[k] * filling->m + (size_t)bin];
    return pairs;
}

static void count_plan(struct anneal *anneal, int item, int bin, int by)
{
    const struct packing_problem *problem = anneal->filling->problem;
    int home = packing_home(problem, item);

    if (bin < 0) {
        anneal->value.stopped += (size_t)by;
        anneal->value.halted += home >= 0 ? (size_t)by : 0;
    } else {
        anneal->value.moved += home >= 0 && bin != home ? (size_t)by : 0;
        anneal->value.cost += by * (int64_t)packing_cost(problem, item, bin);
    }
}

/* Moves one item, to -1 too, and returns by how much the energy changes. */
static double move(struct anneal *anneal, int item, int to)
{
    struct filling *filling = anneal->filling;
    int from = filling->bin_of[item], before = 0, after = 0, pairs = 0;
    double change = 0;

    if (from >= 0) {
        change -= overdraft(anneal, from, &before);
        filling_take(filling, item);
        change += overdraft(anneal, from, &after);
        pairs -= together(filling, item, from);
    }
    if (to >= 0) {
        change -= overdraft(anneal, to, &before);
        pairs += together(filling, item, to);
        filling_put(filling, item, to);
        change += overdraft(anneal, to, &after);
    }
    anneal->breaches += after - before + pairs;
    count_plan(anneal, item, from, -1);
    count_plan(anneal, item, to, 1);
    return anneal->penalty * (change + TOGETHER * pairs) + price_of(anneal, item, to) -
           price_of(anneal, item, from);
}

static bool is_accepted(struct anneal *anneal, double change)
{
    return change <= 0 || packing_random(&anneal->random) < exp(-change / anneal->heat);
}

static int draw(struct anneal *anneal, size_t below)
{
    return (int)(packing_random(&anneal->random) * (double)below);
}

static bool may_be_in(const struct anneal *anneal, int item, int bin)
{
    return bin < 0 || filling_may_run(anneal->filling, item, bin);
}

static void try_move(struct anneal *anneal)
{
    int item = draw(anneal, anneal->filling->n), from = anneal->filling->bin_of[item];
    int home = packing_home(anneal->filling->problem, item), to;
    double kind = packing_random(&anneal->random);

    if (kind < STOPPING)
        to = -1;
    else if (home >= 0 && kind < HOMEWARD)
        to = home;
    else
        to = draw(anneal, anneal->filling->m);
    if (to != from && may_be_in(anneal, item, to) && !is_accepted(anneal, move(anneal, item, to)))
        move(anneal, item, from);
}

static void try_exchange(struct anneal *anneal)
{
    int a = draw(anneal, anneal->filling->n), b = draw(anneal, anneal->filling->n);
    int from = anneal->filling->bin_of[a], to = anneal->filling->bin_of[b];
    double change;

    if (from == to || !may_be_in(anneal, a, to) || !may_be_in(anneal, b, from))
        return;
    change = move(anneal, a, to);
    change += move(anneal, b, from);
    if (is_accepted(anneal, change))
        return;
    move(anneal, b, to);
    move(anneal, a, from);
}

static void keep(struct anneal *anneal)
{
    const struct filling *filling = anneal->filling;

    if (anneal->breaches > 0 || !packing_value_is_less(&anneal->value, &anneal->best))
        return;
    anneal->best = anneal->value;
    memcpy(anneal->bin_of, filling->bin_of, filling->n * sizeof(int));
}

/* Everybody who runs at home, if he may be there; the others anywhere. */
static void start(struct anneal *anneal)
{
    struct filling *filling = anneal->filling;

    filling_empty(filling);
    anneal->value = (struct packing_value){0};
    anneal->breaches = 0;
    for (int i = 0; i < (int)filling->n; i++) {
        int bin = packing_home(filling->problem, i);

        if (bin < 0)
            bin = draw(anneal, filling->m);
        count_plan(anneal, i, -1, 1);
        if (filling_may_run(filling, i, bin))
            move(anneal, i, bin);
    }
    keep(anneal);
}

static void run(struct anneal *anneal, int64_t trials)
{
    double cooling = pow(COLD / HOT, 1.0 / (double)trials);

    anneal->heat = HOT;
    anneal->penalty = MILD;
    start(anneal);
    for (int64_t k = 0; k < trials; k++) {
        anneal->heat *= cooling;
        anneal->penalty = MILD + (STRICT - MILD) * (double)k / (double)trials;
        if (packing_random(&anneal->random) < EXCHANGES)
            try_exchange(anneal);
        else
            try_move(anneal);
        keep(anneal);
    }
}

static void measure(struct anneal *anneal)
{
    const struct filling *filling = anneal->filling;
    double sum = 1e-9;

    for (size_t r = 0; r < filling->rooms; r++) {
        double size = 0;

        for (size_t i = 0; i < filling->n; i++)
            size += packing_size(filling->problem, (int)i, r);
        anneal->unit[r] = size > 0 ? (double)filling->n / size : 0;
    }
    for (size_t i = 0; i < filling->n; i++)
        sum += packing_price(filling->problem, (int)i);
    anneal->money = (double)filling->n / sum;
}

int rearrange(struct filling *filling, size_t enough, int64_t max_ktrials, struct work *work,
              int *bin_of)
{
    struct anneal anneal = {.filling = filling, .bin_of = bin_of, .random = PACKING_SEED};
    int64_t trials = min64(TRIALS_PER_ITEM * (int64_t)filling->n, max_ktrials * 1000 / FEWEST_RUNS);
    int64_t done = 0;
    struct arena arena = {0};

    anneal.unit = arena_take(&arena, filling->rooms, sizeof(*anneal.unit));
    if (arena_error(&arena) < 0) {
        arena_done(&arena);
        return -ENOMEM;
    }
    measure(&anneal);
    anneal.best = packing_value(filling->problem, bin_of);
    for (int k = 0; k < RUNS && done < max_ktrials * 1000 && !work_exhausted(work); k++) {
        if (k >= FEWEST_RUNS && anneal.best.stopped <= enough && anneal.best.halted == 0)
            break;
        run(&anneal, trials);
        done += trials;
        work_count_cells(work, 0, trials * 10);
    }
    arena_done(&arena);
    return 0;
}
