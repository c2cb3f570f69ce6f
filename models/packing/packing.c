/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/packing.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/packing/best_fit.h"
#include "models/packing/filling.h"
#include "models/packing/rest.h"
#include "models/packing/shortage.h"

/* Orders of best fit, and nodes of the search that moves nobody. */
enum { ORDERS = 200, NODES = 100000 };

struct solve {
    const struct packing_problem *problem;
    struct arena arena;
    struct filling filling;
    struct packing_solution *solution;
    struct packing_value value; /* of the solution's plan */
    int *items;                 /* [n] scratch */
    bool is_home_sound;         /* everybody who runs may stay */
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

static bool is_enough(const struct solve *solve)
{
    return solve->value.stopped <= solve->solution->least_stopped && solve->value.halted == 0;
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
    int error;

    if (!solve->is_home_sound) {
        for (size_t i = 0; i < filling->n; i++)
            solve->items[i] = -1;
        filling_set(filling, solve->items);
        for (size_t i = 0; i < filling->n; i++) {
            int home = packing_home(solve->problem, (int)i);

            if (home >= 0 && filling_fits(filling, (int)i, home))
                filling_put(filling, (int)i, home);
        }
    }
    error = rest_place(filling, solve->items, list_stopped(solve), solve->solution->least_stopped,
                       NODES, solve->work, &answer);
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
    for (size_t i = 0; i < filling->n; i++)
        solve->items[i] = -1;
    filling_set(filling, solve->items);
    best_fit(filling, solve->items, list_stopped(solve), solve->solution->least_stopped, ORDERS,
             scratch, solve->work);
    keep(solve);
    return 0;
}

static int search(struct solve *solve)
{
    int error = shortage_count(&solve->filling, &solve->solution->certificate,
                               &solve->solution->least_stopped);

    solve->is_home_sound = filling_go_home(&solve->filling);
    if (error == 0)
        error = place_stopped(solve);
    if (error == 0 && !is_enough(solve))
        error = place_all(solve);
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
    solution->is_proven = solution->n_stopped == solution->least_stopped;
}

int packing_solve(const struct packing_problem *problem, const struct work *limits,
                  struct packing_solution *ret)
{
    struct packing_solution solution;
    struct solve solve = {.problem = problem,
                          .solution = &solution,
                          .value = {.stopped = SIZE_MAX},
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
