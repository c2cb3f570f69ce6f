/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/certify/certify.h"
#include "models/placement/compact.h"
#include "tests/model/certificate.h"
#include "tests/model/fleets.h"
#include "tests/model/other_solvers.h"

/* Guests on hosts beside CBC, which reads the emitted LP text, and GLPK, which gets what the search knows.
 * What CBC does not close in its time is not counted. */
enum { SECONDS = 30, SEEDS = 3, ENOUGH = 55 };

static const struct {
    int hosts, guests;
} SIZES[] = {{4, 18}, {5, 25}, {6, 36}};

/* 1 when CBC confirms the optimum, 0 when it has no answer in time. */
static int ask_cbc(const struct placement_problem *problem,
                   const struct placement_solution *solution, const char *name, int seed)
{
    double objective = NAN;
    bool is_closed;
    struct lp *lp;
    char *text;

    assert_int_equal(placement_compact_lp(problem, solution, &lp), 0);
    assert_int_equal(lp_text(lp, &text), 0);
    is_closed = cbc_lp(text, SECONDS, &objective);
    if (is_closed && fabs(objective - solution->objective) > 1e-6 * fmax(1, objective))
        fail_msg("%s %zux%zu %d: CBC's optimum is %.10g, ours %.10g by %s", name, problem->n_bins,
                 problem->n_items, seed, objective, solution->objective,
                 placement_method_text(solution->method));
    free(text);
    lp_free(lp);
    return is_closed;
}

static void ask_glpk(const struct placement_problem *problem,
                     const struct placement_solution *solution, bool as_patterns)
{
    struct placement_answer answer;
    struct certify_how how;

    certify_how_default(&how);
    if (as_patterns)
        how.max_columns = 0;
    assert_int_equal(certify_placement(problem, solution, &how, &answer), 0);
    if (answer.verdict != ANSWER_ACCEPTED)
        fail_msg("GLPK's verdict is %d: %s", (int)answer.verdict, answer.why);
    assert_true(fabs(answer.objective - solution->objective) <= 1e-9 * solution->objective);
    certify_answer_done(&answer);
}

static int compare(enum fleet_family family, int hosts, int guests, int seed)
{
    struct made_fleet fleet = fleet_make(family, hosts, guests, (uint64_t)seed);
    struct placement_solution solution;
    int confirmed;

    assert_int_equal(placement_solve(&fleet.problem, &(struct work){0}, &solution), 0);
    assert_null(certificate_breach(&fleet.problem, &solution));
    assert_int_equal(solution.status, SOLVE_OPTIMAL);
    confirmed = ask_cbc(&fleet.problem, &solution, fleet_family_name(family), seed);
    ask_glpk(&fleet.problem, &solution, seed % 2);
    placement_solution_done(&solution);
    made_fleet_done(&fleet);
    return confirmed;
}

static void cbc_finds_the_same_optimum(void **state)
{
    int confirmed = 0;

    (void)state;
    for (size_t k = 0; k < sizeof(SIZES) / sizeof(SIZES[0]); k++)
        for (enum fleet_family family = 0; family < FLEET_FAMILIES; family++)
            for (int seed = 1; seed <= SEEDS; seed++)
                confirmed += compare(family, SIZES[k].hosts, SIZES[k].guests, seed);
    printf("%d optima confirmed by CBC\n", confirmed);
    assert_true(confirmed >= ENOUGH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cbc_finds_the_same_optimum)};

    return skipped_without("cbc") ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
