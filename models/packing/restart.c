/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/restart.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/packing/eject.h"
#include "models/packing/filling.h"
#include "models/packing/rest.h"

/* Nodes of the searches for one bin: nobody moves, others make room for those who are left, others make
 * room for all. */
enum { NODES = 100000, LEFT_NODES = 500, ALL_NODES = 1000 };
/* A node or an order looks at all bins, and there are as many losses: beyond so many bins all losses together
 * get the same work, though each at least a little. */
enum { MOST_BINS = 32, FEWEST = 8 };

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

static int64_t effort_of(const struct restart *restart, int64_t full)
{
    int64_t m = max64(MOST_BINS, (int64_t)restart->filling.m);

    return max64(FEWEST, full * MOST_BINS / m * MOST_BINS / m);
}

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

static int take_memory(const struct restart *restart, struct restart_bin *ret)
{
    ret->bin_of = malloc((restart->filling.n + 1) * sizeof(*ret->bin_of));
    ret->unprotected = malloc((ret->n_lost + 1) * sizeof(*ret->unprotected));
    return ret->bin_of && ret->unprotected ? 0 : -ENOMEM;
}

static void keep(const struct restart *restart, struct restart_bin *ret)
{
    memcpy(ret->bin_of, restart->filling.bin_of, restart->filling.n * sizeof(*ret->bin_of));
}

static void list_unprotected(const struct restart *restart, struct restart_bin *ret)
{
    ret->n_unprotected = 0;
    for (size_t k = 0; k < ret->n_lost; k++)
        if (restart->filling.bin_of[restart->items[k]] < 0)
            ret->unprotected[ret->n_unprotected++] = restart->items[k];
}

static void count_moves(const struct restart *restart, int bin, struct restart_bin *ret)
{
    for (size_t i = 0; i < restart->filling.n; i++) {
        int home = packing_home(restart->problem, (int)i);

        if (home >= 0 && home != bin && ret->bin_of[i] != home)
            ret->n_moves += packing_moves(restart->problem, (int)i);
    }
}

/* Room for those who are left, with as few moves as can be; then for all who were in the bin, which
 * is the only way to know that there is none. */
static int move_others(struct restart *restart, int bin, struct restart_bin *ret)
{
    struct filling *filling = &restart->filling;
    int answer = -EAGAIN;

    for (size_t moves = 1; moves <= restart->max_moves && answer <= 0 && answer != -ENOMEM; moves++)
        answer = eject_place(filling, ret->unprotected, ret->n_unprotected, moves,
                             effort_of(restart, LEFT_NODES), restart->work);
    if (answer == 0 || answer == -EAGAIN) {
        for (size_t k = 0; k < ret->n_lost; k++)
            if (filling->bin_of[restart->items[k]] >= 0)
                filling_take(filling, restart->items[k]);
        answer = eject_place(filling, restart->items, ret->n_lost, restart->max_moves,
                             effort_of(restart, ALL_NODES), restart->work);
    }
    if (answer == -ENOMEM)
        return answer;
    ret->moved = answer == 1 ? RESTART_YES : answer == 0 ? RESTART_NO : RESTART_UNKNOWN;
    if (answer == 1) {
        keep(restart, ret);
        count_moves(restart, bin, ret);
    }
    return 0;
}

static int lose_bin(struct restart *restart, int bin, struct restart_bin *ret)
{
    struct rest_effort effort = {(int)effort_of(restart, REST_ORDERS), effort_of(restart, NODES)};
    struct rest_answer answer;
    int error;

    ret->n_lost = lose(restart, bin);
    error = take_memory(restart, ret);
    if (error == 0)
        error = rest_place(&restart->filling, restart->items, ret->n_lost, 0, &effort,
                           restart->work, &answer);
    if (error < 0)
        return error;
    ret->least_unprotected = answer.least;
    ret->moved = ret->still = judge(&answer);
    keep(restart, ret);
    list_unprotected(restart, ret);
    assert(ret->n_unprotected == answer.out);
    if (ret->still == RESTART_YES || restart->max_moves == 0)
        return 0;
    return move_others(restart, bin, ret);
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
