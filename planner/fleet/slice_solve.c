/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/slice_solve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/certify/certify.h"

static int64_t left(int64_t most, int64_t spent)
{
    return most > 0 ? max64(1, most - spent) : 0;
}

/* The same limits for a step that counts from 0. */
static struct work rest_of(const struct work *work)
{
    struct work rest = *work;

    rest.max_evaluations = left(work->max_evaluations, work->evaluations);
    rest.max_kcells = left(work->max_kcells, work->kcells);
    rest.max_pivots = left(work->max_pivots, work->pivots);
    rest.max_nodes = left(work->max_nodes, work->nodes);
    rest.evaluations = rest.kcells = rest.pivots = rest.nodes = 0;
    return rest;
}

static void add(struct work *work, const struct work *step)
{
    work->evaluations += step->evaluations;
    work->kcells += step->kcells;
    work->pivots += step->pivots;
    work->nodes += step->nodes;
    work->stopped = work->stopped || step->stopped;
}

static void keep(const struct slice *slice, const int *bin_of, struct slice_answer *answer)
{
    memcpy(answer->bin_of, bin_of, (size_t)slice->n * sizeof(*bin_of));
}

void slice_take_answer(const struct slice *slice, struct placement_answer *given,
                       struct slice_answer *answer)
{
    if (given->verdict == ANSWER_CONTRADICTS) {
        answer->is_contradicted = true;
        answer->is_proven = false;
        answer->bound = 0;
        answer->method = PLACEMENT_METHOD_LOCAL_SEARCH;
        snprintf(answer->why, sizeof(answer->why), "%s", given->why);
        keep(slice, slice->problem.start, answer);
    }
    if (given->verdict == ANSWER_ACCEPTED) {
        keep(slice, given->bin_of, answer);
        answer->is_proven = given->status == SOLVE_OPTIMAL;
        answer->method = given->method;
        answer->bound = slice_price(slice, given->bound);
    }
    answer->lp = given->compact;
    given->compact = NULL;
}

static int confirm(const struct slice *slice, const struct placement_solution *known, bool keep_lp,
                   struct work *work, struct slice_answer *answer)
{
    struct placement_answer given;
    struct certify_how how;
    struct work step = {0};
    int r;

    certify_how_default(&how);
    how.keep_lp = keep_lp;
    how.limits.stop = work->stop;
    how.limits.stop_arg = work->stop_arg;
    how.only_relaxation = known->method == PLACEMENT_METHOD_HOLD;
    r = certify_placement(&slice->problem, known, &how, &given);
    if (r < 0)
        return r;
    step.pivots = given.pivots;
    step.nodes = given.nodes;
    step.stopped = given.stopped;
    add(work, &step);
    slice_take_answer(slice, &given, answer);
    certify_answer_done(&given);
    return 0;
}

int slice_solve(const struct slice *slice, bool keep_lp, struct work *work,
                struct slice_answer *ret)
{
    struct slice_answer answer = {.bin_of = calloc((size_t)slice->n + 1, sizeof(int)),
                                  .method = PLACEMENT_METHOD_LOCAL_SEARCH};
    struct placement_solution solution;
    struct work limits = rest_of(work);
    int r = answer.bin_of ? placement_solve(&slice->problem, &limits, &solution) : -ENOMEM;

    if (r < 0) {
        free(answer.bin_of);
        return r;
    }
    add(work, &solution.work);
    keep(slice, slice->problem.start, &answer);
    if (solution.bin_of) {
        keep(slice, solution.bin_of, &answer);
        answer.is_proven = solution.status == SOLVE_OPTIMAL;
        answer.method = solution.method;
        answer.bound = slice_price(slice, solution.bound);
        r = confirm(slice, &solution, keep_lp, work, &answer);
    }
    placement_solution_done(&solution);
    if (r < 0) {
        slice_answer_done(&answer);
        return r;
    }
    *ret = answer;
    return 0;
}

void slice_answer_done(struct slice_answer *answer)
{
    free(answer->bin_of);
    lp_free(answer->lp);
    answer->bin_of = NULL;
    answer->lp = NULL;
}
