/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/packing.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/packing/best_fit.h"
#include "models/packing/bin_by_bin.h"
#include "models/packing/exhaust.h"
#include "models/packing/filling.h"
#include "models/packing/master.h"
#include "models/packing/rearrange.h"
#include "models/packing/rest.h"
#include "models/packing/shortage.h"
#include "models/packing/tight.h"

/* Orders of best fit, and nodes of the searches that move nobody and everybody. */
enum {
    ORDERS = 200,
    NODES_FOR_ONE = 10000000,
    FEW_NODES = 20000,
    MANY_NODES = 200000,
    TIGHT_NODES = 1000000,
    TIGHT_CELLS = 500000000, /* a bin begins with a look at all items */
    MOST_OUT = 8,
    FILL_KCELLS = 500000,
    KTRIALS = 20000,
    ROUNDS = 1000
};

struct solve {
    const struct packing_problem *problem;
    struct arena arena;
    struct filling filling;
    struct kinds kinds;
    struct packing_solution *solution;
    struct packing_value value; /* of the solution's plan */
    int *items;                 /* [n] scratch */
    bool is_home_sound;         /* everybody who runs may stay */
    bool somebody_runs;
    struct work *work;
};

const char *packing_reason_text(enum packing_reason reason)
{
    switch (reason) {
    case PACKING_NOBODY:
        return "nobody";
    case PACKING_TOO_LARGE:
        return "too_large";
    case PACKING_SUM:
        return "sum";
    case PACKING_HALVES:
        return "halves";
    case PACKING_APART:
        return "apart";
    case PACKING_WEIGHTS:
        return "weights";
    case PACKING_EXHAUSTION:
        return "exhaustion";
    }
    return "";
}

static void certificate_done(struct packing_certificate *certificate)
{
    free(certificate->weight);
    free(certificate->most);
    free(certificate->is_short);
}

void packing_solution_done(struct packing_solution *solution)
{
    free(solution->bin_of);
    certificate_done(&solution->certificate);
    *solution = (struct packing_solution){0};
}

static int solution_new(const struct packing_problem *problem, const struct work *limits,
                        struct packing_solution *ret)
{
    *ret = (struct packing_solution){.n_items = problem->n_items, .work = *limits};
    ret->bin_of = calloc(problem->n_items + 1, sizeof(*ret->bin_of));
    ret->certificate.scale = 1;
    ret->certificate.weight = calloc(problem->n_items + 1, sizeof(*ret->certificate.weight));
    ret->certificate.most = calloc(problem->n_bins + 1, sizeof(*ret->certificate.most));
    ret->certificate.is_short = calloc(problem->n_rooms + 1, sizeof(*ret->certificate.is_short));
    if (!ret->bin_of || !ret->certificate.weight || !ret->certificate.most ||
        !ret->certificate.is_short) {
        packing_solution_done(ret);
        return -ENOMEM;
    }
    return 0;
}

/* The filling becomes the plan where it is better. */
static void keep(struct solve *solve)
{
    struct packing_value value = packing_value(solve->problem, solve->filling.bin_of);

    if (!packing_value_is_less(&value, &solve->value))
        return;
    solve->value = value;
    memcpy(solve->solution->bin_of, solve->filling.bin_of, solve->problem->n_items * sizeof(int));
}

static bool is_fewest(const struct solve *solve)
{
    return solve->value.stopped <= solve->solution->least_stopped;
}

/* Nothing is left to look for. */
static bool is_best(const struct solve *solve)
{
    return solve->solution->is_cheapest ||
           (is_fewest(solve) && solve->value.halted == 0 && solve->value.cost == 0);
}

static size_t list_stopped(const struct solve *solve)
{
    size_t n = 0;

    for (size_t i = 0; i < solve->problem->n_items; i++)
        if (solve->filling.bin_of[i] < 0)
            solve->items[n++] = (int)i;
    return n;
}

/* Those that are stopped, into what those that run leave. Where these break a rule where they are,
 * whoever does not fit beside those before him has to find a place as well. */
static int place_stopped(struct solve *solve)
{
    struct filling *filling = &solve->filling;
    struct rest_answer answer;
    size_t n;
    int error;

    if (!solve->is_home_sound) {
        filling_empty(filling);
        for (size_t i = 0; i < filling->n; i++) {
            int home = packing_home(solve->problem, (int)i);

            if (home >= 0 && filling_fits(filling, (int)i, home))
                filling_put(filling, (int)i, home);
        }
    }
    n = list_stopped(solve);
    error = rest_place(filling, solve->items, n, solve->solution->least_stopped,
                       &(struct rest_effort){REST_ORDERS, NODES_FOR_ONE / (int64_t)(1 + n * n)},
                       solve->work, &answer);
    if (error == 0)
        keep(solve);
    return error;
}

/* Everybody anew, as if nobody ran anywhere. */
static int place_all(struct solve *solve)
{
    struct filling *filling = &solve->filling;
    struct best_fit_order *scratch = arena_take(&solve->arena, 2 * filling->n, sizeof(*scratch));

    if (!scratch)
        return -ENOMEM;
    filling_empty(filling);
    best_fit(filling, solve->items, list_stopped(solve), solve->solution->least_stopped, ORDERS,
             scratch, solve->work);
    keep(solve);
    return 0;
}

/* Others move. */
static int make_room(struct solve *solve)
{
    int *bin_of = solve->solution->bin_of, error;

    if (!solve->somebody_runs)
        return 0;
    error =
        rearrange(&solve->filling, solve->solution->least_stopped, KTRIALS, solve->work, bin_of);
    solve->value = packing_value(solve->problem, bin_of);
    return error;
}

/* Everybody anew, where every bit of room is needed; or all but a few of the largest. */
static int fill_tightly(struct solve *solve)
{
    size_t least = solve->solution->least_stopped, end = solve->value.stopped;
    int64_t nodes = min64(TIGHT_NODES, TIGHT_CELLS / (int64_t)solve->problem->n_items);
    int answer = 0;

    if (end > least + MOST_OUT)
        end = least + MOST_OUT;
    for (size_t out = least; out < end && answer == 0; out++)
        answer = tight_place(&solve->filling, &solve->kinds, out, nodes, solve->work);
    if (answer == 1)
        keep(solve);
    return answer < 0 ? answer : 0;
}

/* Where the fleet is large: 20,000 that fill 1,250 bins to the brim leave 461 stopped before it, nobody
 * after it. */
static int fill_bins(struct solve *solve)
{
    int error = bin_by_bin(&solve->filling, &solve->kinds, solve->solution->least_stopped,
                           FILL_KCELLS, solve->work, solve->solution->bin_of);

    solve->value = packing_value(solve->problem, solve->solution->bin_of);
    return error;
}

/* Small problems are solved by trying everything. */
static int try_all(struct solve *solve, int64_t max_nodes)
{
    struct packing_solution *solution = solve->solution;
    int error = exhaust_plans(&solve->filling, max_nodes, solve->work, solution->bin_of,
                              &solution->is_cheapest);

    if (error < 0)
        return error;
    solve->value = packing_value(solve->problem, solution->bin_of);
    if (solution->is_cheapest && solve->value.stopped > solution->least_stopped) {
        solution->least_stopped = solve->value.stopped;
        solution->certificate.reason = PACKING_EXHAUSTION;
    }
    return 0;
}

/* What the duals prove, where that is more. */
static void keep_weights(struct solve *solve, const struct master *master)
{
    struct packing_solution *solution = solve->solution;
    struct packing_certificate *certificate = &solution->certificate;

    if (master_proven(master) <= (int64_t)solution->least_stopped)
        return;
    solution->least_stopped = (size_t)master_proven(master);
    certificate->reason = PACKING_WEIGHTS;
    certificate->scale = MASTER_SCALE;
    for (size_t i = 0; i < solution->n_items; i++)
        certificate->weight[i] = master->best_weight[solve->kinds.kind_of[i]];
    for (size_t p = 0; p < solve->problem->n_bins; p++)
        certificate->most[p] = master->best_most[solve->kinds.bin_kind_of[p]];
}

/* The program of patterns: what it proves. */
static int use_patterns(struct solve *solve)
{
    struct packing_solution *solution = solve->solution;
    struct master master;
    int error = master_new(&solve->filling, &solve->kinds, solution->bin_of, solve->work, &master);

    if (error == 0)
        error = master_generate(&master, ROUNDS, (int64_t)solve->value.stopped);
    keep_weights(solve, &master);
    master_done(&master);
    return error;
}

/* Fewer stopped, whoever has to move. */
static int stop_fewer(struct solve *solve)
{
    static int (*const step[])(struct solve *) = {place_all, fill_tightly, fill_bins, use_patterns};
    int error = 0;

    for (size_t k = 0; k < sizeof(step) / sizeof(*step) && error == 0 && !is_fewest(solve); k++)
        error = step[k](solve);
    return error;
}

static int search(struct solve *solve)
{
    int error = shortage_count(&solve->filling, &solve->solution->certificate,
                               &solve->solution->least_stopped);

    solve->is_home_sound = filling_go_home(&solve->filling);
    for (size_t i = 0; i < solve->problem->n_items; i++)
        solve->somebody_runs |= packing_home(solve->problem, (int)i) >= 0;
    if (error == 0)
        error = place_stopped(solve);
    if (error == 0 && !is_best(solve))
        error = try_all(solve, FEW_NODES);
    if (error == 0 && !is_best(solve))
        error = make_room(solve);
    if (error == 0)
        error = stop_fewer(solve);
    if (error == 0 && !is_best(solve))
        error = try_all(solve, MANY_NODES);
    return error;
}

static void fill_solution(const struct solve *solve)
{
    struct packing_solution *solution = solve->solution;

    assert(solve->value.stopped >= solution->least_stopped);
    solution->n_stopped = solve->value.stopped;
    solution->n_halted = solve->value.halted;
    solution->n_moved = solve->value.moved;
    solution->move_cost = solve->value.cost;
    solution->is_proven = is_fewest(solve);
    solution->is_cheapest = is_best(solve);
}

int packing_solve(const struct packing_problem *problem, const struct work *limits,
                  struct packing_solution *ret)
{
    struct packing_solution solution;
    struct solve solve = {.problem = problem,
                          .solution = &solution,
                          .value = {.stopped = SIZE_MAX, .halted = SIZE_MAX},
                          .work = &solution.work};
    int error = packing_problem_check(problem);

    if (error < 0)
        return error;
    error = solution_new(problem, limits, &solution);
    if (error < 0)
        return error;
    solve.items = arena_take(&solve.arena, problem->n_items, sizeof(*solve.items));
    error = filling_new(problem, &solve.arena, &solve.filling);
    if (error == 0)
        error = kinds_new(&solve.filling, &solve.arena, &solve.kinds);
    if (error == 0)
        error = search(&solve);
    if (error == 0) {
        fill_solution(&solve);
        *ret = solution;
    } else {
        packing_solution_done(&solution);
    }
    arena_done(&solve.arena);
    return error;
}
