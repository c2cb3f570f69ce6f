/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/restart.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/packing/filling.h"
#include "models/packing/rest.h"

/* Nodes of the search for one bin. */
enum { NODES = 100000 };

const char *restart_answer_text(enum restart_answer answer)
{
    switch (answer) {
    case RESTART_YES:
        return "yes";
    case RESTART_NO:
        return "no";
    case RESTART_UNKNOWN:
        return "unknown";
    }
    return "";
}

struct restart {
    const struct packing_problem *problem;
    struct filling filling;
    int *items; /* [n] */
    size_t max_moves;
    struct work *work;
};

static enum restart_answer judge(const struct rest_answer *answer)
{
    if (answer->out == 0)
        return RESTART_YES;
    return answer->least > 0 ? RESTART_NO : RESTART_UNKNOWN;
}

/* Everybody at home but those of the bin, which takes nobody. */
static size_t lose(struct restart *restart, int bin)
{
    struct filling *filling = &restart->filling;
    size_t n = 0;

    filling_go_home(filling);
    for (size_t i = 0; i < filling->n; i++)
        if (filling->bin_of[i] == bin) {
            filling_take(filling, (int)i);
            restart->items[n++] = (int)i;
        }
    for (size_t r = 0; r < filling->rooms; r++)
        filling->left[(size_t)bin * filling->rooms + r] = -1;
    return n;
}

static int keep(const struct restart *restart, struct restart_bin *ret)
{
    const struct filling *filling = &restart->filling;
    size_t k = 0;

    ret->bin_of = malloc((filling->n + 1) * sizeof(*ret->bin_of));
    ret->unprotected = malloc((ret->n_unprotected + 1) * sizeof(*ret->unprotected));
    if (!ret->bin_of || !ret->unprotected)
        return -ENOMEM;
    memcpy(ret->bin_of, filling->bin_of, filling->n * sizeof(*ret->bin_of));
    for (size_t l = 0; l < ret->n_lost; l++)
        if (filling->bin_of[restart->items[l]] < 0)
            ret->unprotected[k++] = restart->items[l];
    assert(k == ret->n_unprotected);
    return 0;
}

static int lose_bin(struct restart *restart, int bin, struct restart_bin *ret)
{
    struct rest_answer answer;
    int error;

    ret->n_lost = lose(restart, bin);
    error = rest_place(&restart->filling, restart->items, ret->n_lost, 0, NODES, restart->work,
                       &answer);
    if (error < 0)
        return error;
    ret->n_unprotected = answer.out;
    ret->least_unprotected = answer.least;
    ret->still = judge(&answer);
    ret->moved = ret->still == RESTART_NO && restart->max_moves > 0 ? RESTART_UNKNOWN : ret->still;
    return keep(restart, ret);
}

void restart_solution_done(struct restart_solution *solution)
{
    for (size_t p = 0; p < solution->n_bins; p++) {
        free(solution->bins[p].bin_of);
        free(solution->bins[p].unprotected);
    }
    free(solution->bins);
    *solution = (struct restart_solution){0};
}

int restart_solve(const struct packing_problem *problem, size_t max_moves,
                  const struct work *limits, struct restart_solution *ret)
{
    struct restart_solution solution = {.n_bins = problem->n_bins, .work = *limits};
    struct restart restart = {.problem = problem, .max_moves = max_moves, .work = &solution.work};
    struct arena arena = {0};
    int error = packing_problem_check(problem);

    if (error < 0)
        return error;
    solution.bins = calloc(problem->n_bins + 1, sizeof(*solution.bins));
    restart.items = arena_take(&arena, problem->n_items, sizeof(*restart.items));
    error = filling_new(problem, &arena, &restart.filling);
    if (!solution.bins)
        error = -ENOMEM;
    for (size_t p = 0; p < problem->n_bins && error == 0; p++)
        error = lose_bin(&restart, (int)p, &solution.bins[p]);
    if (error == 0)
        *ret = solution;
    else if (solution.bins)
        restart_solution_done(&solution);
    arena_done(&arena);
    return error;
}
