/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/placement/compact.h"
#include "tests/model/certificate.h"
#include "tests/model/families.h"
#include "tests/model/other_solvers.h"

/* CBC, given the emitted LP text, finds the same optimum. What it cannot close in its time is not
 * counted (all0 has too many optima for it); enough is. */
enum { SECONDS = 4, ENOUGH = 60 };

struct series {
    int n, m, kappa, last_seed;
    int overload_cost, together_cost;
    enum placement_objective objective;
};

static const struct series SERIES[] = {
    {8, 4, 3, 2, 0, 0, PLACEMENT_DEVIATION},  {8, 4, 3, 2, 30, 0, PLACEMENT_DEVIATION},
    {8, 4, 3, 2, 0, 6, PLACEMENT_DEVIATION},  {8, 4, 3, 1, 30, 20, PLACEMENT_DEVIATION},
    {16, 8, 5, 2, 0, 0, PLACEMENT_DEVIATION}, {16, 8, 5, 1, 0, 10, PLACEMENT_DEVIATION},
    {32, 8, 3, 2, 0, 0, PLACEMENT_DEVIATION}, {8, 4, 3, 1, 0, 0, PLACEMENT_VARIANCE},
    {8, 4, 3, 1, 0, 6, PLACEMENT_VARIANCE},
};

static bool is_slow(const struct series *series, enum family family)
{
    bool variance = series->objective == PLACEMENT_VARIANCE;

    return family == FAMILY_ALL0 ? series->n > 8 : variance && family == FAMILY_EQX;
}

/* 1 when CBC confirms the optimum, 0 when it has no answer in time. */
static int compare(const struct placement_problem *problem, const char *name)
{
    struct placement_solution solution;
    double objective = NAN;
    bool is_closed;
    struct lp *lp;
    char *text;

    assert_int_equal(placement_solve(problem, &(struct work){0}, &solution), 0);
    assert_null(certificate_breach(problem, &solution));
    assert_int_equal(placement_compact_lp(problem, &solution, &lp), 0);
    assert_int_equal(lp_text(lp, &text), 0);
    is_closed = cbc_lp(text, SECONDS, &objective);
    if (is_closed && !(solution.bound <= objective + 1e-6 * objective &&
                       objective <= solution.objective + 1e-6 * objective))
        fail_msg("%s: CBC's optimum is %.10g, ours %.10g .. %.10g", name, objective, solution.bound,
                 solution.objective);
    is_closed = is_closed && solution.status == SOLVE_OPTIMAL;
    free(text);
    lp_free(lp);
    placement_solution_done(&solution);
    return is_closed;
}

static void cbc_finds_the_same_optimum(void **state)
{
    int confirmed = 0;

    (void)state;
    for (size_t k = 0; k < sizeof(SERIES) / sizeof(SERIES[0]); k++) {
        for (enum family family = 0; family < FAMILIES; family++) {
            for (int seed = 1; seed <= SERIES[k].last_seed && !is_slow(&SERIES[k], family);
                 seed++) {
                struct made_problem made = family_make(family, SERIES[k].n, SERIES[k].m,
                                                       (uint64_t)seed, SERIES[k].objective);

                made.problem.kappa = SERIES[k].kappa;
                made.problem.overload_cost = SERIES[k].overload_cost;
                made_problem_group(&made, seed == 1 ? 2 : 5, SERIES[k].together_cost);
                confirmed += compare(&made.problem, family_name(family));
                made_problem_done(&made);
            }
        }
    }
    printf("%d optima confirmed by CBC\n", confirmed);
    assert_true(confirmed >= ENOUGH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cbc_finds_the_same_optimum)};

    return skipped_without("cbc") ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
