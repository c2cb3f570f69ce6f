/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/model/certificate.h"
#include "tests/model/fleets.h"

/* One problem, two relaxations: with memory for the pool by load and size, and without. Neither's bound is
 * above the other's plan, and where both are proven they agree. Without it many problems stay open. */

/* Between what the tables by load take and what those by load and size would. */
enum { LITTLE_BYTES = 2000 * 1000, SEEDS = 3 };

static struct placement_solution solve(const struct placement_problem *problem,
                                       const struct work *limits)
{
    struct placement_solution solution;

    assert_int_equal(placement_solve(problem, limits, &solution), 0);
    assert_null(certificate_breach(problem, &solution));
    return solution;
}

static void check_both(enum fleet_family family, int hosts, int guests, uint64_t seed, int *open)
{
    struct made_fleet fleet = fleet_make(family, hosts, guests, seed);
    struct placement_solution both = solve(&fleet.problem, &(struct work){.max_kcells = 4000000});
    struct placement_solution load =
        solve(&fleet.problem, &(struct work){.max_bytes = LITTLE_BYTES, .max_kcells = 300 * 1000});

    if (both.bound > load.objective * (1 + 1e-9) || load.bound > both.objective * (1 + 1e-9))
        fail_msg("%s %dx%d %d: %.10g .. %.10g and by load alone %.10g .. %.10g",
                 fleet_family_name(family), hosts, guests, (int)seed, both.bound, both.objective,
                 load.bound, load.objective);
    assert_int_equal(both.status, SOLVE_OPTIMAL);
    *open += load.status != SOLVE_OPTIMAL;
    placement_solution_done(&both);
    placement_solution_done(&load);
    made_fleet_done(&fleet);
}

static void two_relaxations_agree(void **state)
{
    int open = 0;

    (void)state;
    for (enum fleet_family family = 0; family < FLEET_FAMILIES; family++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            check_both(family, 5, 25, seed, &open);
            check_both(family, 6, 42, seed, &open);
        }
    print_message("%d stay open by load alone\n", open);
    assert_true(open > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_relaxations_agree)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
