/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/packing_oracle.h"

#include <stdlib.h>
#include <string.h>

#include "tests/model/random.h"

static void draw_sets(struct random *random, struct tiny *ret)
{
    struct packing_problem *problem = &ret->problem;
    int n = 0;

    problem->n_apart = (size_t)random_between(random, 0, 3);
    for (size_t s = 0; s < problem->n_apart; s++) {
        for (int i = 0; i < (int)problem->n_items; i++)
            if (random_between(random, 0, 3) == 0)
                ret->apart_item[n++] = i;
        ret->apart_first[s + 1] = n;
    }
    problem->apart_first = ret->apart_first;
    problem->apart_item = ret->apart_item;
}

void tiny_draw(unsigned seed, struct tiny *ret)
{
    struct random random = {seed};
    int fill, n, m, rooms, runs = random_between(&random, 0, 3);

    *ret = (struct tiny){0};
    n = random_between(&random, 3, TINY_ITEMS);
    m = random_between(&random, 1, n > 6 ? 3 : TINY_BINS);
    rooms = random_between(&random, 1, TINY_ROOMS);
    fill = random_between(&random, 60, 140);
    ret->problem = (struct packing_problem){.n_items = (size_t)n,
                                            .n_bins = (size_t)m,
                                            .n_rooms = (size_t)rooms,
                                            .size = ret->size,
                                            .room = ret->room,
                                            .current = ret->current,
                                            .price = ret->price};
    for (int k = 0; k < n * rooms; k++)
        ret->size[k] = random_between(&random, 0, 3) ? random_between(&random, 1, 12) : 4;
    for (int k = 0; k < m * rooms; k++)
        ret->room[k] = n * 6 * 100 / fill / m + (runs == 3 ? random_between(&random, -3, 3) : 0);
    for (int k = 0; k < m * rooms; k++)
        ret->room[k] = ret->room[k] < 0 ? 0 : ret->room[k];
    for (int i = 0; i < n; i++) {
        ret->price[i] = random_between(&random, 0, 9);
        ret->current[i] =
            random_between(&random, 0, 3) < runs ? random_between(&random, 0, m - 1) : -1;
    }
    for (int k = 0; k < n * m; k++)
        ret->allowed[k] = random_between(&random, 0, 4) > 0;
    if (random_between(&random, 0, 1))
        ret->problem.allowed = ret->allowed;
    if (random_between(&random, 0, 1))
        draw_sets(&random, ret);
    for (int k = 0; k < n * m; k++)
        ret->price_in[k] = random_between(&random, 0, 9);
    if (seed % 3 == 0)
        ret->problem.price_in = ret->price_in;
    for (int i = 0; i < n; i++)
        ret->moves[i] = random_between(&random, 0, 3);
}

struct walk {
    const struct packing_problem *problem;
    const struct oracle_question *question;
    int bin_of[64];
    struct oracle_plan best;
};

static bool is_together(const struct packing_problem *problem, const int *bin_of, int a, int b)
{
    for (size_t s = 0; s < problem->n_apart; s++) {
        int found = 0;

        for (int k = problem->apart_first[s]; k < problem->apart_first[s + 1]; k++)
            found += problem->apart_item[k] == a || problem->apart_item[k] == b;
        if (found == 2)
            return bin_of[a] == bin_of[b];
    }
    return false;
}

/* Whether a bin still keeps the rules with what is in it. */
static bool keeps_rules(const struct packing_problem *problem, const int *bin_of, size_t n, int bin)
{
    for (size_t r = 0; r < problem->n_rooms; r++) {
        int64_t used = 0;

        for (size_t i = 0; i < n; i++)
            used += bin_of[i] == bin ? problem->size[i * problem->n_rooms + r] : 0;
        if (used > problem->room[(size_t)bin * problem->n_rooms + r])
            return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (bin_of[i] != bin)
            continue;
        if (problem->allowed && !problem->allowed[i * problem->n_bins + (size_t)bin])
            return false;
        for (size_t j = 0; j < i; j++)
            if (bin_of[j] == bin && is_together(problem, bin_of, (int)i, (int)j))
                return false;
    }
    return true;
}

static bool is_less(const struct oracle_plan *a, const struct oracle_plan *b)
{
    if (a->halted != b->halted)
        return a->halted < b->halted;
    return a->stopped != b->stopped ? a->stopped < b->stopped : a->cost < b->cost;
}

static int64_t cost_of(const struct packing_problem *problem, size_t i, int bin)
{
    if (!problem->current || problem->current[i] < 0)
        return 0;
    if (problem->price_in)
        return problem->price_in[i * problem->n_bins + (size_t)bin];
    return problem->current[i] == bin ? 0 : problem->price ? problem->price[i] : 1;
}

static void walk(struct walk *walk_of, size_t i, size_t moves, struct oracle_plan so_far)
{
    const struct packing_problem *problem = walk_of->problem;
    const struct oracle_question *question = walk_of->question;
    int home = problem->current && i < problem->n_items ? problem->current[i] : -1;
    bool is_held = question->held && i < problem->n_items && question->held[i];

    if (!is_less(&so_far, &walk_of->best))
        return;
    if (i == problem->n_items) {
        walk_of->best = so_far;
        return;
    }
    for (int p = 0; p < (int)problem->n_bins; p++) {
        bool moves_now = home >= 0 && home != p && home != question->lost;
        size_t counts = !moves_now ? 0 : problem->moves ? (size_t)problem->moves[i] : 1;
        struct oracle_plan next = so_far;

        next.cost += cost_of(problem, i, p);
        walk_of->bin_of[i] = p;
        if (p == question->lost || (is_held && p != home) || moves + counts > question->max_moves ||
            (moves_now && counts == 0) || (question->is_out && question->is_out[i]) ||
            !keeps_rules(problem, walk_of->bin_of, i + 1, p))
            continue;
        walk(walk_of, i + 1, moves + counts, next);
    }
    if (is_held)
        return;
    walk_of->bin_of[i] = -1;
    so_far.stopped += !(question->is_out && question->is_out[i]);
    so_far.halted += home >= 0;
    walk(walk_of, i + 1, moves, so_far);
}

struct oracle_plan oracle_best(const struct packing_problem *problem,
                               const struct oracle_question *question)
{
    size_t none = problem->n_items + 1;
    struct walk walk_of = {
        .problem = problem, .question = question, .best = {.stopped = none, .halted = none}};

    walk(&walk_of, 0, 0, (struct oracle_plan){0});
    return walk_of.best;
}

/* All sets, one item after another. */
static int64_t heaviest_from(const struct packing_problem *problem, const int64_t *weight, int bin,
                             size_t i, int *bin_of)
{
    int64_t without, with;

    if (i == problem->n_items)
        return 0;
    bin_of[i] = -1;
    without = heaviest_from(problem, weight, bin, i + 1, bin_of);
    bin_of[i] = bin;
    if (weight[i] == 0 || !keeps_rules(problem, bin_of, i + 1, bin))
        return without;
    with = weight[i] + heaviest_from(problem, weight, bin, i + 1, bin_of);
    return with > without ? with : without;
}

/* The textbook's table of a knapsack of two dimensions. */
static int64_t heaviest_in_table(const struct packing_problem *problem, const int64_t *weight,
                                 int bin)
{
    int rows = problem->room[(size_t)bin * 2] / 512, columns = problem->room[(size_t)bin * 2 + 1];
    size_t width = (size_t)columns + 1;
    int64_t *table = calloc(((size_t)rows + 1) * width, sizeof(*table)), most;

    for (size_t i = 0; table && i < problem->n_items; i++) {
        int a = problem->size[i * 2] / 512, b = problem->size[i * 2 + 1];

        if (weight[i] == 0 ||
            (problem->allowed && !problem->allowed[i * problem->n_bins + (size_t)bin]))
            continue;
        for (int row = rows; row >= a; row--)
            for (int column = columns; column >= b; column--) {
                int64_t *cell = table + (size_t)row * width + column;
                int64_t other = table[(size_t)(row - a) * width + (size_t)(column - b)] + weight[i];

                *cell = other > *cell ? other : *cell;
            }
    }
    most = table ? table[(size_t)rows * width + (size_t)columns] : INT64_MAX;
    free(table);
    return most;
}

int64_t oracle_heaviest(const struct packing_problem *problem, const int64_t *weight, int bin)
{
    int bin_of[64];

    if (problem->n_items <= 20)
        return heaviest_from(problem, weight, bin, 0, bin_of);
    return heaviest_in_table(problem, weight, bin);
}

int64_t oracle_certified(const struct packing_problem *problem,
                         const struct packing_certificate *certificate)
{
    int64_t sum = 0;

    for (size_t i = 0; i < problem->n_items; i++) {
        if (certificate->weight[i] < 0 || certificate->weight[i] > certificate->scale)
            return -1;
        sum += certificate->weight[i];
    }
    for (size_t p = 0; p < problem->n_bins; p++) {
        if (oracle_heaviest(problem, certificate->weight, (int)p) > certificate->most[p])
            return -1;
        sum -= certificate->most[p];
    }
    return sum <= 0 ? 0 : (sum + certificate->scale - 1) / certificate->scale;
}

const char *packing_breach(const struct packing_problem *problem,
                           const struct packing_solution *solution)
{
    size_t stopped = 0, halted = 0, moved = 0;
    int64_t cost = 0, proves;

    for (size_t i = 0; i < problem->n_items; i++) {
        int home = problem->current ? problem->current[i] : -1, bin = solution->bin_of[i];

        if (bin < -1 || bin >= (int)problem->n_bins)
            return "an item is in no bin of the problem";
        stopped += bin < 0;
        halted += bin < 0 && home >= 0;
        moved += bin >= 0 && home >= 0 && bin != home;
        cost += bin >= 0 ? cost_of(problem, i, bin) : 0;
    }
    for (int p = 0; p < (int)problem->n_bins; p++)
        if (!keeps_rules(problem, solution->bin_of, problem->n_items, p))
            return "a bin breaks a rule";
    if (stopped != solution->n_stopped || halted != solution->n_halted ||
        moved != solution->n_moved || cost != solution->move_cost)
        return "the counts are not the plan's";
    if (solution->least_stopped > stopped ||
        solution->is_proven != (solution->least_stopped == stopped))
        return "what is proven contradicts the plan";
    proves = oracle_certified(problem, &solution->certificate);
    if (proves < 0)
        return "the certificate is wrong";
    if (solution->certificate.reason == PACKING_EXHAUSTION
            ? proves >= (int64_t)solution->least_stopped
            : proves != (int64_t)solution->least_stopped)
        return "the certificate proves something else";
    return (solution->certificate.reason == PACKING_NOBODY) == (solution->least_stopped == 0)
               ? NULL
               : "the reason is wrong";
}

struct packing_problem fleet_case_packing(const struct fleet_case *fleet)
{
    return (struct packing_problem){.n_items = fleet->n_items,
                                    .n_bins = fleet->n_bins,
                                    .n_rooms = FLEET_ROOMS,
                                    .size = fleet->size,
                                    .room = fleet->room,
                                    .allowed = fleet->allowed,
                                    .n_apart = fleet->n_apart,
                                    .apart_first = fleet->apart_first,
                                    .apart_item = fleet->apart_item,
                                    .current = fleet->home,
                                    .price = fleet->price};
}
