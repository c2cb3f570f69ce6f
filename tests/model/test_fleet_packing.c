/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/lp/lp.h"
#include "models/packing/restart.h"
#include "tests/model/other_solvers.h"
#include "tests/model/packing_oracle.h"

enum { SIZES = 3, SEEDS = 2, CBC_SECONDS = 20 };
static const size_t SIZE[SIZES][2] = {{8, 60}, {16, 80}, {32, 170}};

static void solve(const char *family, const size_t *size, unsigned seed, struct fleet_case *fleet,
                  struct packing_solution *solution)
{
    struct packing_problem problem;
    const char *breach;

    assert_true(fleet_case_new(family, size[0], size[1], seed, fleet));
    problem = fleet_case_packing(fleet);
    assert_int_equal(packing_solve(&problem, &(struct work){0}, solution), 0);
    breach = packing_breach(&problem, solution);
    if (breach)
        fail_msg("%s %zux%zu seed %u: %s", family, size[0], size[1], seed, breach);
    assert_int_equal(packing_certified(&problem, &solution->certificate), solution->least_stopped);
}

static void expect_stopped(const char *family, const size_t *size, unsigned seed, size_t expected)
{
    struct packing_solution solution;
    struct fleet_case fleet;

    solve(family, size, seed, &fleet, &solution);
    if (solution.n_stopped != expected || !solution.is_proven)
        fail_msg("%s %zux%zu seed %u: %zu stopped, at least %zu", family, size[0], size[1], seed,
                 solution.n_stopped, solution.least_stopped);
    packing_solution_done(&solution);
    fleet_case_done(&fleet);
}

static void who_was_packed_once_is_packed_again(void **state)
{
    static const char *const family[] = {"pack80", "pack90", "pack100", "cut95", "cut98", "cut100"};

    (void)state;
    for (size_t f = 0; f < sizeof(family) / sizeof(*family); f++)
        for (unsigned seed = 1; seed <= SEEDS; seed++) {
            for (size_t k = 0; k < SIZES; k++)
                expect_stopped(family[f], SIZE[k], seed, 0);
        }
}

/* Not a crumb is left. Without tight.c it takes twenty times that, and some have one stopped. */
static void hosts_are_filled_to_the_brim(void **state)
{
    struct work limits = {.max_kcells = 50000};

    (void)state;
    for (unsigned seed = 1; seed <= 8; seed++) {
        struct packing_solution solution;
        struct packing_problem problem;
        struct fleet_case fleet;

        assert_true(fleet_case_new("cut100", 32, 170, seed, &fleet));
        problem = fleet_case_packing(&fleet);
        assert_int_equal(packing_solve(&problem, &limits, &solution), 0);
        assert_null(packing_breach(&problem, &solution));
        assert_int_equal(solution.n_stopped, 0);
        packing_solution_done(&solution);
        fleet_case_done(&fleet);
    }
}

static void of_two_too_many_one_is_stopped(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++)
        expect_stopped("cutovr", SIZE[k], 1, 1);
}

static void a_lost_hosts_guests_run_again(void **state)
{
    (void)state;
    for (size_t k = 0; k < SIZES; k++)
        for (unsigned seed = 1; seed <= SEEDS; seed++) {
            expect_stopped("lost90", SIZE[k], seed, 0);
            expect_stopped("lost95", SIZE[k], seed, 0);
        }
}

/* Where everybody runs and may, nothing changes. */
static void who_runs_stays(void **state)
{
    static const char *const family[] = {"ret", "grow", "drift", "tight", "uneq", "aff", "odd"};

    (void)state;
    for (size_t f = 0; f < sizeof(family) / sizeof(*family); f++) {
        struct packing_solution solution;
        struct fleet_case fleet;

        solve(family[f], SIZE[1], 1, &fleet, &solution);
        assert_int_equal(solution.n_stopped, 0);
        assert_int_equal(solution.n_moved, 0);
        packing_solution_done(&solution);
        fleet_case_done(&fleet);
    }
}

/* Decided for every host without moves, with the count; and the same again. */
static void every_host_of_a_large_fleet_is_decided(void **state)
{
    static const char *const family[] = {"drift", "tight", "aff", "odd"};

    (void)state;
    for (size_t f = 0; f < sizeof(family) / sizeof(*family); f++) {
        struct restart_solution solution, again;
        struct packing_problem problem;
        struct fleet_case fleet;

        assert_true(fleet_case_new(family[f], 32, 500, 1, &fleet));
        problem = fleet_case_packing(&fleet);
        assert_int_equal(restart_solve(&problem, 0, &(struct work){0}, &solution), 0);
        assert_int_equal(restart_solve(&problem, 0, &(struct work){0}, &again), 0);
        assert_in_range(solution.work.nodes, 0, 10000);
        assert_in_range(solution.work.kcells, 0, 20000);
        for (size_t p = 0; p < solution.n_bins; p++) {
            const struct restart_bin *bin = &solution.bins[p];

            assert_int_not_equal(bin->still, RESTART_UNKNOWN);
            assert_int_equal(bin->n_unprotected, bin->least_unprotected);
            assert_memory_equal(bin->bin_of, again.bins[p].bin_of, fleet.n_items * sizeof(int));
        }
        restart_solution_done(&solution);
        restart_solution_done(&again);
        fleet_case_done(&fleet);
    }
}

/* x of item i in bin p is column i m + p, and who is stopped comes after all of them. */
static char *text_of(const struct packing_problem *problem)
{
    struct lp *lp = lp_new("packing");
    int n = (int)problem->n_items, m = (int)problem->n_bins, rooms = (int)problem->n_rooms;
    char *text;

    for (int k = 0; k < n * m + n; k++)
        lp_add_column(lp, NULL, LP_BINARY, 0,
                      k < n * m && problem->allowed && !problem->allowed[k] ? 0 : 1, k >= n * m);
    for (int i = 0; i < n; i++) {
        int row = lp_add_row(lp, NULL, 1, 1);

        for (int p = 0; p < m; p++)
            lp_add_entry(lp, row, i * m + p, 1);
        lp_add_entry(lp, row, n * m + i, 1);
    }
    for (int p = 0; p < m; p++)
        for (int r = 0; r < rooms; r++) {
            int row = lp_add_row(lp, NULL, -INFINITY, problem->room[p * rooms + r]);

            for (int i = 0; i < n; i++)
                lp_add_entry(lp, row, i * m + p, problem->size[i * rooms + r]);
        }
    for (size_t s = 0; s < problem->n_apart; s++)
        for (int p = 0; p < m; p++) {
            int row = lp_add_row(lp, NULL, -INFINITY, 1);

            for (int k = problem->apart_first[s]; k < problem->apart_first[s + 1]; k++)
                lp_add_entry(lp, row, problem->apart_item[k] * m + p, 1);
        }
    assert_int_equal(lp_text(lp, &text), 0);
    lp_free(lp);
    return text;
}

static void cbc_stops_as_many(void **state)
{
    static const char *const family[] = {"pack90", "pack100", "cutovr", "aff"};
    int closed = 0;

    (void)state;
    if (skipped_without("cbc"))
        skip();
    for (size_t f = 0; f < sizeof(family) / sizeof(*family); f++)
        for (unsigned seed = 1; seed <= 4; seed++) {
            struct packing_solution solution;
            struct packing_problem problem;
            struct fleet_case fleet;
            double objective;
            char *text;

            solve(family[f], (size_t[]){3, 14}, seed, &fleet, &solution);
            problem = fleet_case_packing(&fleet);
            text = text_of(&problem);
            if (cbc_lp(text, CBC_SECONDS, &objective)) {
                closed++;
                assert_true((double)solution.n_stopped < objective + 0.5);
                assert_true((double)solution.n_stopped > objective - 0.5);
            }
            free(text);
            packing_solution_done(&solution);
            fleet_case_done(&fleet);
        }
    printf("%d problems closed by cbc\n", closed);
    assert_in_range(closed, 12, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_packed_once_is_packed_again),
        cmocka_unit_test(hosts_are_filled_to_the_brim),
        cmocka_unit_test(of_two_too_many_one_is_stopped),
        cmocka_unit_test(a_lost_hosts_guests_run_again),
        cmocka_unit_test(who_runs_stays),
        cmocka_unit_test(every_host_of_a_large_fleet_is_decided),
        cmocka_unit_test(cbc_stops_as_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
