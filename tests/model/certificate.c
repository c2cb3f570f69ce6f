/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/certificate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double EXACT = 1e-9; /* relative: both sides are sums of the same integers */

static bool is_equal(double a, double b)
{
    return a == b || fabs(a - b) <= EXACT * fmax(1, fabs(b));
}

static int capacity_of(const struct placement_problem *problem, size_t p)
{
    return problem->capacity_permille ? problem->capacity_permille[p] : 1000;
}

static int background_of(const struct placement_problem *problem, size_t p)
{
    return problem->background_permille ? problem->background_permille[p] : 0;
}

static int descending(const void *a, const void *b)
{
    return *(const int *)b - *(const int *)a;
}

/* Load per capacity where the k heaviest loads have taken the k largest bins, for the k that leaves
 * least to the others. */
static double level_of(const struct placement_problem *problem)
{
    size_t n = problem->n_items, m = problem->n_bins;
    int *heavy = calloc(n + m, sizeof(*heavy)), *large = calloc(m, sizeof(*large));
    double load = 0, capacity = 0, level = INFINITY;

    if (!heavy || !large)
        abort();
    for (size_t i = 0; i < n; i++)
        load += heavy[i] = problem->demand_permille[i];
    for (size_t p = 0; p < m; p++) {
        load += heavy[n + p] = background_of(problem, p);
        capacity += large[p] = capacity_of(problem, p);
    }
    qsort(heavy, n + m, sizeof(*heavy), descending);
    qsort(large, m, sizeof(*large), descending);
    for (size_t k = 0; k < m; k++) {
        level = fmin(level, load / capacity);
        load -= heavy[k];
        capacity -= large[k];
    }
    free(heavy);
    free(large);
    return level;
}

/* floor() of a product of integers over an integer, computed in floating point. */
static int cut_at(double level, int capacity)
{
    return (int)fmax(250, floor(level * capacity * (1 + 1e-14)) + 50);
}

/* What the cut hides of an item that could have the roomiest bin for itself. */
static double hidden_of(const struct vcpu_reference *reference, size_t i)
{
    double demand = reference->problem->demand_permille[i];

    return fmin(demand, reference->room) - fmin(demand, reference->cut);
}

/* 5 points hidden, and more than half of the largest bin. */
static bool is_heavy(const struct vcpu_reference *reference, size_t i)
{
    return hidden_of(reference, i) >= 50 &&
           fmin(reference->problem->demand_permille[i], reference->room) > reference->most / 2;
}

static bool is_heavy_beside(const struct vcpu_reference *reference, size_t p)
{
    return reference->beside[p] - reference->background[p] >= 50 &&
           reference->beside[p] > reference->most / 2;
}

struct vcpu_reference reference_new(const struct placement_problem *problem)
{
    size_t m = problem->n_bins;
    struct vcpu_reference reference = {.problem = problem,
                                       .target = calloc(m, sizeof(double)),
                                       .background = calloc(m, sizeof(double)),
                                       .limit = calloc(m, sizeof(double)),
                                       .beside = calloc(m, sizeof(double))};
    double level = level_of(problem), load = 0, capacity = 0;
    int largest = 0;

    if (!reference.target || !reference.background || !reference.limit || !reference.beside)
        abort();
    for (size_t p = 0; p < m; p++) {
        int here = capacity_of(problem, p);

        largest = here > largest ? here : largest;
        reference.background[p] = fmin(background_of(problem, p), cut_at(level, here));
        reference.limit[p] = fmax(here + 10, cut_at(level, here));
        reference.most = fmax(reference.most, reference.limit[p]);
        reference.beside[p] = fmin(background_of(problem, p), reference.limit[p]);
        reference.room = fmax(reference.room, reference.limit[p] - reference.beside[p]);
        load += reference.background[p];
        capacity += here;
    }
    reference.cut = cut_at(level, largest);
    for (size_t i = 0; i < problem->n_items; i++) {
        double counts = fmin(problem->demand_permille[i], reference.cut);

        load += counts;
        reference.any_heavy |= is_heavy(&reference, i);
    }
    for (size_t p = 0; p < m; p++)
        reference.any_heavy |= is_heavy_beside(&reference, p);
    for (size_t p = 0; p < m; p++)
        reference.target[p] = load * capacity_of(problem, p) / capacity;
    return reference;
}

void reference_done(struct vcpu_reference *reference)
{
    free(reference->target);
    free(reference->background);
    free(reference->limit);
    free(reference->beside);
}

static bool may_run(const struct placement_problem *problem, size_t i, int p)
{
    return p >= 0 && (size_t)p < problem->n_bins &&
           (!problem->allowed || problem->allowed[i * problem->n_bins + (size_t)p]);
}

static double load_of(const struct vcpu_reference *reference, const int *bin_of, size_t p)
{
    const struct placement_problem *problem = reference->problem;
    double load = reference->background[p];

    for (size_t i = 0; i < problem->n_items; i++) {
        if (bin_of[i] == (int)p)
            load += fmin(problem->demand_permille[i], reference->cut);
    }
    return load;
}

static bool is_crumb(const struct placement_problem *problem, size_t i)
{
    size_t bins = 0;

    for (size_t p = 0; p < problem->n_bins; p++)
        bins += may_run(problem, i, (int)p);
    return bins == 1 && problem->demand_permille[i] <= 20 && problem->n_bins > 1;
}

/* Above capacity and a point beside something heavy, above half a bin more elsewhere; each heavy item
 * beyond the first counts half a bin more. */
static double overload_of(const struct vcpu_reference *reference, const int *bin_of, size_t p)
{
    const struct placement_problem *problem = reference->problem;
    double load = reference->beside[p] - (is_heavy_beside(reference, p) ? 0 : 500);

    for (size_t i = 0; i < problem->n_items; i++) {
        if (bin_of[i] != (int)p || is_crumb(problem, i))
            continue;
        load += fmin(problem->demand_permille[i], reference->cut);
        load += is_heavy(reference, i) ? hidden_of(reference, i) + 500 : 0;
    }
    return reference->any_heavy ? fmax(0, load - reference->limit[p]) : 0;
}

/* Each of a group that wants something beyond the first in a bin. */
static int crowd_of(const struct placement_problem *problem, const int *bin_of, int group)
{
    int crowd = 0;

    for (size_t p = 0; p < problem->n_bins; p++) {
        int there = 0;

        for (size_t i = 0; i < problem->n_items; i++)
            there += problem->group_of[i] == group && problem->demand_permille[i] > 0 &&
                     bin_of[i] == (int)p;
        crowd += there > 1 ? there - 1 : 0;
    }
    return crowd;
}

/* By how many the group has more members than bins. */
static int unavoidable_of(const struct placement_problem *problem, int group)
{
    int members = 0, bins = 0;

    for (size_t i = 0; i < problem->n_items; i++)
        members += problem->group_of[i] == group && problem->demand_permille[i] > 0;
    for (size_t p = 0; p < problem->n_bins; p++) {
        bool any = false;

        for (size_t i = 0; i < problem->n_items; i++)
            any |= problem->group_of[i] == group && problem->demand_permille[i] > 0 &&
                   may_run(problem, i, (int)p);
        bins += any;
    }
    return members > bins ? members - bins : 0;
}

static double together_of(const struct placement_problem *problem, const int *bin_of)
{
    int crowd = 0;

    for (int g = 0; problem->group_of && g < (int)problem->n_items; g++)
        crowd += crowd_of(problem, bin_of, g) - unavoidable_of(problem, g);
    return problem->together_cost * crowd;
}

/* A deviation counts by how much smaller the bin is than the roomiest, to a thousandth. */
static double weight_of(const struct placement_problem *problem, size_t p, double roomiest)
{
    return fmin(1000, floor(1000 * roomiest / capacity_of(problem, p) + 0.5) / 1000);
}

/* Whether each bin has room of everything for what is there. */
static bool has_room(const struct placement_problem *problem, const int *bin_of)
{
    for (size_t p = 0; p < problem->n_bins; p++)
        for (size_t k = 0; k < problem->n_rooms; k++) {
            double left = problem->room[p * problem->n_rooms + k];

            for (size_t i = 0; i < problem->n_items; i++)
                left -= bin_of[i] == (int)p ? problem->size[i * problem->n_rooms + k] : 0;
            if (left < 0)
                return false;
        }
    return true;
}

/* Whether no two of a set are in one bin. */
static bool is_apart(const struct placement_problem *problem, const int *bin_of)
{
    for (size_t s = 0; s < problem->n_apart; s++)
        for (int a = problem->apart_first[s]; a < problem->apart_first[s + 1]; a++)
            for (int b = problem->apart_first[s]; b < a; b++)
                if (bin_of[problem->apart_item[a]] == bin_of[problem->apart_item[b]])
                    return false;
    return true;
}

double reference_objective(const struct vcpu_reference *reference, const int *bin_of)
{
    const struct placement_problem *problem = reference->problem;
    double cost = 0, largest = 0, squares = 0, roomiest = 0;

    if (!has_room(problem, bin_of) || !is_apart(problem, bin_of))
        return INFINITY;

    for (size_t i = 0; i < problem->n_items; i++) {
        if (!may_run(problem, i, bin_of[i]))
            return INFINITY;
        cost += problem->price[i * problem->n_bins + (size_t)bin_of[i]];
    }
    cost += together_of(problem, bin_of);
    for (size_t p = 0; p < problem->n_bins; p++)
        roomiest = fmax(roomiest, capacity_of(problem, p));
    for (size_t p = 0; p < problem->n_bins; p++) {
        double off = fabs(load_of(reference, bin_of, p) - reference->target[p]) / 10;

        largest = fmax(largest, off * weight_of(problem, p, roomiest));
        squares += off * off;
        cost += problem->overload_cost * overload_of(reference, bin_of, p);
    }
    return problem->objective == PLACEMENT_DEVIATION ? largest + cost / problem->kappa
                                                     : squares + cost * 1000 / problem->nu_milli;
}

static const char *infeasible_breach(const struct placement_problem *problem,
                                     const struct placement_solution *solution)
{
    if (solution->homeless_item < 0 && (problem->n_rooms > 0 || problem->n_apart > 0))
        return solution->bin_of ? "infeasible, but with a placement" : NULL;
    if (solution->homeless_item < 0 || (size_t)solution->homeless_item >= problem->n_items)
        return "infeasible, but names no vCPU";
    for (size_t p = 0; p < problem->n_bins; p++) {
        if (may_run(problem, (size_t)solution->homeless_item, (int)p))
            return "infeasible, but the named vCPU has an allowed bin";
    }
    return solution->bin_of ? "infeasible, but with a placement" : NULL;
}

static const char *claims_breach(const struct placement_problem *problem,
                                 const struct placement_solution *solution)
{
    double gap =
        solution->objective > 0 ? (solution->objective - solution->bound) / solution->objective : 0;
    /* Each bin's square is charged in whole 1/256 of a cost unit at worst, rounded down. */
    double rounding = problem->objective == PLACEMENT_VARIANCE
                          ? (double)problem->n_bins / 256 * 1000 / problem->nu_milli
                          : 0;

    if (!(solution->bound <= solution->objective))
        return "the bound is above the objective";
    if (solution->bound < 0)
        return "the bound is below zero";
    if (solution->status == SOLVE_OPTIMAL)
        return solution->gap == 0 && solution->objective - solution->bound <= rounding
                   ? NULL
                   : "optimal, but the gap is open";
    if (!is_equal(solution->gap, gap))
        return "the gap is not (objective - bound) / objective";
    return solution->gap > 0 ? NULL : "the gap is closed, but not optimal";
}

static const char *hold_breach(const struct placement_solution *solution, double hold)
{
    if (!is_equal(solution->hold_objective, hold))
        return "the price of doing nothing is wrong";
    if (solution->objective > hold && !is_equal(solution->objective, hold))
        return "doing nothing would be better";
    if (solution->method == PLACEMENT_METHOD_HOLD && !is_equal(solution->objective, hold))
        return "hold, but something moves";
    return NULL;
}

const char *certificate_breach(const struct placement_problem *problem,
                               const struct placement_solution *solution)
{
    struct vcpu_reference reference;
    double objective, hold;
    const char *breach;

    if (solution->status == SOLVE_INFEASIBLE)
        return infeasible_breach(problem, solution);
    if (solution->status == SOLVE_NO_INCUMBENT && (problem->n_rooms > 0 || problem->n_apart > 0))
        return solution->bin_of ? "no incumbent, but a placement" : NULL;
    if (solution->status != SOLVE_OPTIMAL && solution->status != SOLVE_FEASIBLE)
        return "neither optimal nor feasible nor infeasible";
    if (!solution->bin_of || solution->n_items != problem->n_items)
        return "not a placement of these vCPUs";
    if (solution->homeless_item != -1)
        return "feasible, but names a vCPU as not";
    reference = reference_new(problem);
    objective = reference_objective(&reference, solution->bin_of);
    hold = reference_objective(&reference, problem->current);
    reference_done(&reference);
    if (isinf(objective))
        return "a vCPU is on no bin, on one that is not allowed, or where a hard rule forbids it";
    if (!is_equal(solution->objective, objective))
        return "the objective is not the placement's";
    breach = hold_breach(solution, hold);
    return breach ? breach : claims_breach(problem, solution);
}

/* ---- Enumeration ---- */

struct enumeration {
    const struct vcpu_reference *reference;
    int *bin_of, *best_bin_of;
    double best;
};

static void enumerate_from(struct enumeration *all, size_t i)
{
    const struct placement_problem *problem = all->reference->problem;
    double objective;

    for (size_t p = 0; i < problem->n_items && p < problem->n_bins; p++) {
        if (!may_run(problem, i, (int)p))
            continue;
        all->bin_of[i] = (int)p;
        enumerate_from(all, i + 1);
    }
    if (i < problem->n_items)
        return;
    objective = reference_objective(all->reference, all->bin_of);
    if (objective < all->best) {
        all->best = objective;
        memcpy(all->best_bin_of, all->bin_of, i * sizeof(*all->bin_of));
    }
}

double enumerate_placements(const struct placement_problem *problem, int *ret_bin_of)
{
    struct vcpu_reference reference = reference_new(problem);
    struct enumeration all = {.reference = &reference,
                              .bin_of = calloc(problem->n_items + 1, sizeof(int)),
                              .best_bin_of = calloc(problem->n_items + 1, sizeof(int)),
                              .best = INFINITY};

    if (!all.bin_of || !all.best_bin_of)
        abort();
    enumerate_from(&all, 0);
    if (ret_bin_of)
        memcpy(ret_bin_of, all.best_bin_of, problem->n_items * sizeof(int));
    free(all.bin_of);
    free(all.best_bin_of);
    reference_done(&reference);
    return all.best;
}
