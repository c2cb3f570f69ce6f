/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/model/certificate.h"
#include "tests/model/families.h"

/* A certificate that accepts everything proves nothing: here it has to refuse. Two vCPUs of 40 %
 * on bin 0 of two, bin 1 empty; moving vCPU 1 is optimal: 0 + 10 / 10 points. */
struct claim {
    struct placement_problem problem;
    struct placement_solution solution;
    int demand[2], current[2], price[4], bin_of[2];
    bool allowed[4];
};

static void true_claim(struct claim *claim)
{
    *claim = (struct claim){.demand = {400, 400}, .price = {0, 12, 0, 10}, .bin_of = {0, 1}};
    memset(claim->allowed, true, sizeof(claim->allowed));
    claim->problem = (struct placement_problem){.n_items = 2,
                                                .n_bins = 2,
                                                .demand_permille = claim->demand,
                                                .current = claim->current,
                                                .price = claim->price,
                                                .allowed = claim->allowed,
                                                .objective = PLACEMENT_DEVIATION,
                                                .kappa = 10};
    claim->solution = (struct placement_solution){.status = SOLVE_OPTIMAL,
                                                  .method = PLACEMENT_METHOD_TOUCH_BOUND,
                                                  .bin_of = claim->bin_of,
                                                  .n_items = 2,
                                                  .objective = 1,
                                                  .bound = 1,
                                                  .hold_objective = 40,
                                                  .homeless_item = -1};
}

static void expect(const struct claim *claim, const char *breach)
{
    const char *found = certificate_breach(&claim->problem, &claim->solution);

    if (!breach)
        assert_null(found);
    else {
        assert_non_null(found);
        assert_string_equal(found, breach);
    }
}

static void the_truth_is_accepted(void **state)
{
    struct claim claim;

    (void)state;
    true_claim(&claim);
    expect(&claim, NULL);
    assert_true(enumerate_placements(&claim.problem, NULL) == 1);
}

static void wrong_placements_are_refused(void **state)
{
    struct claim claim;

    (void)state;
    true_claim(&claim);
    claim.bin_of[1] = 2;
    expect(&claim,
           "a vCPU is on no bin, on one that is not allowed, or where a hard rule forbids it");
    true_claim(&claim);
    claim.allowed[3] = false;
    expect(&claim,
           "a vCPU is on no bin, on one that is not allowed, or where a hard rule forbids it");
    true_claim(&claim);
    claim.solution.bin_of = NULL;
    expect(&claim, "not a placement of these vCPUs");
    true_claim(&claim);
    claim.solution.status = SOLVE_INFEASIBLE;
    claim.solution.homeless_item = 1;
    expect(&claim, "infeasible, but the named vCPU has an allowed bin");
}

static void wrong_numbers_are_refused(void **state)
{
    struct claim claim;

    (void)state;
    true_claim(&claim);
    claim.solution.objective = claim.solution.bound = 0.9;
    expect(&claim, "the objective is not the placement's");
    true_claim(&claim);
    claim.solution.hold_objective = 39;
    expect(&claim, "the price of doing nothing is wrong");
    true_claim(&claim);
    claim.solution.bound = 1.1;
    expect(&claim, "the bound is above the objective");
    true_claim(&claim);
    claim.solution.bound = 0.9;
    expect(&claim, "optimal, but the gap is open");
    claim.solution.status = SOLVE_FEASIBLE;
    claim.solution.gap = 0.05;
    expect(&claim, "the gap is not (objective - bound) / objective");
    claim.solution.gap = 0.1;
    expect(&claim, NULL);
    true_claim(&claim);
    claim.solution.status = SOLVE_FEASIBLE;
    expect(&claim, "the gap is closed, but not optimal");
}

static void worse_than_nothing_is_refused(void **state)
{
    struct claim claim;

    (void)state;
    true_claim(&claim);
    claim.current[1] = 1; /* balanced already, and vCPU 0 swaps with it */
    claim.price[2] = 10;
    claim.price[3] = 0;
    claim.bin_of[0] = 1;
    claim.bin_of[1] = 0;
    claim.solution.objective = claim.solution.bound = 2.2;
    claim.solution.hold_objective = 0;
    expect(&claim, "doing nothing would be better");
    claim.problem.objective = PLACEMENT_VARIANCE;
    claim.problem.nu_milli = 10000;
    expect(&claim, "doing nothing would be better");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_truth_is_accepted),
        cmocka_unit_test(wrong_placements_are_refused),
        cmocka_unit_test(wrong_numbers_are_refused),
        cmocka_unit_test(worse_than_nothing_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
