/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/packing/restart.h"
#include "tests/model/packing_oracle.h"
#include "tests/model/random.h"

enum { TINY_PROBLEMS = 1500 };

static void tiny_problems_are_solved_as_by_trying_everything(void **state)
{
    const struct oracle_question question = {.max_moves = TINY_ITEMS, .lost = -1};
    size_t n_stopped = 0, n_moved = 0, n_halted = 0, n_reasons[PACKING_EXHAUSTION + 1] = {0};

    (void)state;
    for (unsigned seed = 1; seed <= TINY_PROBLEMS; seed++) {
        struct packing_solution solution;
        struct oracle_plan best;
        const char *breach;
        struct tiny tiny;

        tiny_draw(seed, &tiny);
        assert_int_equal(packing_solve(&tiny.problem, &(struct work){0}, &solution), 0);
        breach = packing_breach(&tiny.problem, &solution);
        if (breach)
            fail_msg("seed %u: %s", seed, breach);
        best = oracle_best(&tiny.problem, &question);
        if (solution.n_stopped != best.stopped || !solution.is_proven || !solution.is_cheapest)
            fail_msg("seed %u: %zu stopped, at least %zu, the least is %zu", seed,
                     solution.n_stopped, solution.least_stopped, best.stopped);
        if (solution.n_halted != best.halted || solution.move_cost != best.cost)
            fail_msg("seed %u: %zu halted at %ld, the least is %zu at %ld", seed, solution.n_halted,
                     (long)solution.move_cost, best.halted, (long)best.cost);
        n_reasons[solution.certificate.reason]++;
        n_stopped += best.stopped > 0;
        n_halted += best.halted > 0;
        n_moved += best.cost > 0;
        packing_solution_done(&solution);
    }
    assert_in_range(n_stopped, TINY_PROBLEMS / 4, TINY_PROBLEMS);
    assert_in_range(n_halted, TINY_PROBLEMS / 20, TINY_PROBLEMS);
    assert_in_range(n_moved, TINY_PROBLEMS / 20, TINY_PROBLEMS);
    for (size_t k = 0; k <= PACKING_EXHAUSTION; k++)
        if (k != PACKING_WEIGHTS)
            assert_in_range(n_reasons[k], 5, TINY_PROBLEMS);
}

/* Whether a certificate still proves as much, by the check of the models and by ours. */
static bool still_proves(const struct packing_problem *problem,
                         const struct packing_certificate *certificate, int64_t least)
{
    int64_t ours = oracle_certified(problem, certificate);
    int64_t theirs = packing_certified(problem, certificate);

    if ((theirs < 0) != (ours < 0) || (ours >= 0 && theirs != ours))
        fail_msg("the check says %ld, trying all sets %ld", (long)theirs, (long)ours);
    return ours >= least;
}

/* Whatever is changed in favour of the claim is noticed. */
static void certificates_that_were_tampered_with_prove_nothing(void **state)
{
    size_t n_certificates = 0, n_refused = 0, n_tried = 0;

    (void)state;
    for (unsigned seed = 1; seed <= 400; seed++) {
        struct packing_solution solution;
        struct packing_certificate *certificate = &solution.certificate;
        struct tiny tiny;
        int64_t proven;

        tiny_draw(seed, &tiny);
        if (tiny.problem.n_rooms > 2 || tiny.problem.n_apart > 1)
            continue; /* there the check is a bound on what a bin holds, and may refuse what is true */
        assert_int_equal(packing_solve(&tiny.problem, &(struct work){0}, &solution), 0);
        proven = oracle_certified(&tiny.problem, certificate);
        assert_true(proven >= 0);
        assert_true(still_proves(&tiny.problem, certificate, proven));
        for (size_t p = 0; p < tiny.problem.n_bins && proven > 0; p++) {
            certificate->most[p] -= certificate->scale;
            n_tried++;
            n_refused += !still_proves(&tiny.problem, certificate, proven + 1);
            certificate->most[p] += certificate->scale;
        }
        n_certificates += proven > 0;
        if (proven > 0) {
            certificate->weight[0] = certificate->scale + 1;
            assert_false(still_proves(&tiny.problem, certificate, 0));
        }
        packing_solution_done(&solution);
    }
    assert_in_range(n_certificates, 50, 400);
    assert_int_equal(n_refused, n_tried);
}

static void check_restart(const struct tiny *tiny, unsigned seed, size_t max_moves,
                          const struct restart_bin *bin, int lost)
{
    const struct packing_problem *problem = &tiny->problem;
    bool held[TINY_ITEMS], is_out[TINY_ITEMS];
    struct oracle_question question = {.held = held, .is_out = is_out, .lost = lost};
    struct oracle_plan still, moved;

    for (size_t i = 0; i < problem->n_items; i++) {
        is_out[i] = problem->current[i] < 0;
        held[i] = !is_out[i] && problem->current[i] != lost;
    }
    still = oracle_best(problem, &question);
    question.held = NULL;
    question.max_moves = max_moves;
    moved = oracle_best(problem, &question);
    if (still.stopped > problem->n_items)
        return; /* somebody who runs elsewhere breaks a rule there */
    if (bin->n_unprotected != still.stopped || bin->least_unprotected != still.stopped ||
        bin->still != (still.stopped ? RESTART_NO : RESTART_YES))
        fail_msg("seed %u, bin %d: %zu unprotected, and it is %zu", seed, lost, bin->n_unprotected,
                 still.stopped);
    if (bin->moved != (moved.stopped ? RESTART_NO : RESTART_YES))
        fail_msg("seed %u, bin %d: with %zu moves %s, but %zu are stopped", seed, lost, max_moves,
                 restart_answer_text(bin->moved), moved.stopped);
    assert_true(bin->n_moves <= max_moves);
}

/* Everybody runs where he may, and little is left. */
static void fit_homes(struct tiny *tiny, unsigned seed)
{
    const struct packing_problem *problem = &tiny->problem;
    struct random random = {seed + 7777};

    for (size_t k = 0; k < problem->n_bins * problem->n_rooms; k++)
        tiny->room[k] = random_between(&random, 0, 14);
    for (size_t i = 0; i < problem->n_items; i++) {
        size_t bin = (size_t)random_between(&random, 0, (int)problem->n_bins - 1);

        tiny->current[i] = random_between(&random, 0, 9) ? (int)bin : -1;
        tiny->allowed[i * problem->n_bins + bin] = true;
        for (size_t r = 0; r < problem->n_rooms && tiny->current[i] >= 0; r++)
            tiny->room[bin * problem->n_rooms + r] += tiny->size[i * problem->n_rooms + r];
    }
}

static void restarts_are_decided_as_by_trying_everything(void **state)
{
    size_t count[3] = {0};

    (void)state;
    for (unsigned seed = 1; seed <= 1200; seed++) {
        struct restart_solution solution;
        size_t max_moves = seed % 4;
        struct tiny tiny;

        tiny_draw(seed, &tiny);
        fit_homes(&tiny, seed);
        tiny.problem.moves = seed % 5 < 2 ? tiny.moves : NULL;
        assert_int_equal(restart_solve(&tiny.problem, max_moves, &(struct work){0}, &solution), 0);
        for (size_t p = 0; p < solution.n_bins; p++) {
            check_restart(&tiny, seed, max_moves, &solution.bins[p], (int)p);
            count[solution.bins[p].still == RESTART_YES   ? 0
                  : solution.bins[p].moved == RESTART_YES ? 1
                                                          : 2]++;
        }
        restart_solution_done(&solution);
    }
    for (int k = 0; k < 3; k++)
        assert_in_range(count[k], 50, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiny_problems_are_solved_as_by_trying_everything),
        cmocka_unit_test(certificates_that_were_tampered_with_prove_nothing),
        cmocka_unit_test(restarts_are_decided_as_by_trying_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
