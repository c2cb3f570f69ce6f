/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/bound/touch_bounds.h"
#include "models/placement/compact.h"
#include "models/placement/instance.h"
#include "models/solve/kicks.h"
#include "models/solve/reduce.h"
#include "tests/model/by_loads.h"
#include "tests/model/certificate.h"
#include "tests/model/other_solvers.h"
#include "tests/model/random.h"

/* Guests on the caches of two nodes, as the scheduler prices them: staying costs where memory is on the
 * other node, some memory is bound strictly, a few guests float, and every other guest is like one
 * before it. From 8 guests for each cache on, the bins have pools of their own, and who stays at home is left
 * out (reduce.h). Exhaustive search and CBC have to agree. */

enum { MOST_GUESTS = 24, MOST_CACHES = 4, CBC_SECONDS = 4, CBC_ENOUGH = 6 };

struct host {
    int n, m;
    int demand[MOST_GUESTS], current[MOST_GUESTS], price[MOST_GUESTS * MOST_CACHES];
    bool allowed[MOST_GUESTS * MOST_CACHES];
    int capacity[MOST_CACHES];
    struct placement_problem problem;
};

static int node_of(const struct host *host, int cache)
{
    return 2 * cache / host->m;
}

/* remote: part of the memory on the other node than the guest's. */
static void price_guest(struct host *host, int i, double remote, bool is_strict)
{
    int home = host->current[i] < 0 ? 0 : host->current[i], least = INT32_MAX;
    int *row = host->price + (ptrdiff_t)i * host->m;

    for (int p = 0; p < host->m; p++) {
        bool is_near = node_of(host, p) == node_of(host, home);

        row[p] = (int)lround(host->demand[i] * (is_near ? remote : 1 - remote));
        row[p] += p == host->current[i] ? 0 : 4 + i % 3 + (is_near ? 0 : 5);
        least = row[p] < least ? row[p] : least;
        host->allowed[i * host->m + p] = !is_strict || is_near == (remote < 0.5);
    }
    for (int p = 0; p < host->m; p++)
        row[p] -= least;
}

static void make(struct host *host, uint64_t seed, int n, int m)
{
    struct random random = {seed};

    *host = (struct host){.n = n, .m = m};
    for (int i = 0; i < n; i++) {
        bool is_twin = i > 0 && i % 2;

        host->demand[i] = is_twin ? host->demand[i - 1] : random_between(&random, 5, 2400 / n);
        host->current[i] = is_twin ? host->current[i - 1] : random_between(&random, 0, m - 1);
        if (random_between(&random, 0, 9) == 0)
            host->current[i] = -1;
        price_guest(host, i, i % 5 == 0 ? 0.9 : 0, i % 7 == 0);
    }
    host->problem = (struct placement_problem){.n_items = (size_t)n,
                                               .n_bins = (size_t)m,
                                               .demand_permille = host->demand,
                                               .current = host->current,
                                               .price = host->price,
                                               .allowed = host->allowed,
                                               .kappa = 3 + (int)(seed % 9)};
}

/* Three caches of different sizes, and every fourth guest may not use one of them, which may be the one
 * where it is. */
static void make_uneven(struct host *host, uint64_t seed)
{
    struct random random = {seed + 77};

    make(host, seed, MOST_GUESTS, 3);
    for (int p = 0; p < 3; p++)
        host->capacity[p] = 250 * random_between(&random, 2, 8);
    for (int i = 0; i < host->n; i++) {
        int forbidden = i % 4 ? -1 : random_between(&random, 0, 2);

        for (int p = 0; p < 3; p++)
            host->allowed[i * 3 + p] = p != forbidden;
    }
    host->problem.capacity_permille = host->capacity;
}

/* How many guests pay for staying. */
static int dear_homes(const struct host *host)
{
    int n = 0;

    for (int i = 0; i < host->n; i++) {
        int p = host->current[i];

        n += p >= 0 && host->allowed[i * host->m + p] && host->price[i * host->m + p] > 0;
    }
    return n;
}

static void is_between(const struct placement_solution *solution, double best, uint64_t seed)
{
    double slack = 1e-9 * fmax(1, best);

    if (!(solution->bound <= best + slack && best <= solution->objective + slack))
        fail_msg("seed %d: the optimum is %.12g, claimed are %.12g .. %.12g", (int)seed, best,
                 solution->bound, solution->objective);
}

static const int SIZES[][2] = {{8, 4}, {10, 3}, {16, 2}, {17, 2}};
enum { N_SIZES = sizeof(SIZES) / sizeof(*SIZES), SEEDS = 6 };

static void exhaustive_search_agrees(void **state)
{
    int dear = 0;

    (void)state;
    for (uint64_t seed = 0; seed < (uint64_t)N_SIZES * SEEDS; seed++) {
        struct host host;
        struct placement_solution solution;

        make(&host, seed, SIZES[seed % N_SIZES][0], SIZES[seed % N_SIZES][1]);
        dear += dear_homes(&host);
        assert_int_equal(placement_solve(&host.problem, NULL, &solution), 0);
        assert_null(certificate_breach(&host.problem, &solution));
        assert_int_equal(solution.status, SOLVE_OPTIMAL);
        is_between(&solution, enumerate_placements(&host.problem, NULL), seed);
        placement_solution_done(&solution);
    }
    assert_true(dear > N_SIZES * SEEDS);
}

static void loads_agree_with_all_placements(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct host host;

        make_uneven(&host, seed);
        host.problem.n_items = 11;
        assert_true(fabs(cheapest_by_loads(&host.problem) -
                         enumerate_placements(&host.problem, NULL)) < 1e-9);
    }
}

/* Too many for exhaustive search. */
static void uneven_caches_have_the_optimum_of_all_loads(void **state)
{
    int searched = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 16; seed++) {
        struct host host;
        struct placement_solution solution;

        make_uneven(&host, seed);
        assert_int_equal(placement_solve(&host.problem, NULL, &solution), 0);
        assert_null(certificate_breach(&host.problem, &solution));
        assert_int_equal(solution.status, SOLVE_OPTIMAL);
        is_between(&solution, cheapest_by_loads(&host.problem), seed);
        searched += solution.method != PLACEMENT_METHOD_HOLD;
        placement_solution_done(&solution);
    }
    assert_true(searched > 12);
}

static void any_limit_keeps_the_claims_true(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct host host;
        double best;

        make(&host, seed, 16, 2);
        best = enumerate_placements(&host.problem, NULL);
        for (int64_t limit = 1; limit <= 64; limit *= 2) {
            struct work limits = {.max_evaluations = limit};
            struct placement_solution solution;

            assert_int_equal(placement_solve(&host.problem, &limits, &solution), 0);
            assert_null(certificate_breach(&host.problem, &solution));
            is_between(&solution, best, seed);
            placement_solution_done(&solution);
        }
    }
}

/* A workspace with the first plan and the bounds of formulas, as far from the end as can be. */
struct kit {
    struct host host;
    struct balance balance;
    struct instance in;
    struct work work;
    struct workspace ws;
};

static void up(struct kit *kit, uint64_t seed)
{
    if (seed % 2)
        make_uneven(&kit->host, seed);
    else
        make(&kit->host, seed, 16, 2);
    kit->work = (struct work){0};
    assert_int_equal(balance_new(&kit->host.problem, &kit->balance), 0);
    assert_int_equal(instance_new(&kit->balance, &kit->in), 0);
    assert_int_equal(workspace_new(&kit->in, &kit->work, &kit->ws), 0);
    assert_int_equal(touch_bounds(&kit->ws.pricing, &kit->ws.bounds, kit->ws.search.best_objective,
                                  &kit->ws.arena),
                     0);
}

static void down(struct kit *kit)
{
    workspace_done(&kit->ws);
    instance_done(&kit->in);
    balance_done(&kit->balance);
}

static double best_of(const struct kit *kit)
{
    const struct placement_problem *problem = &kit->host.problem;

    return kit->host.m == 3 ? cheapest_by_loads(problem) : enumerate_placements(problem, NULL);
}

static double points(const struct kit *kit, int64_t objective)
{
    return instance_points(&kit->in, objective);
}

/* What is proven without those who stay holds with them. */
static void who_is_left_out_changes_nothing(void **state)
{
    int asked = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 24; seed++) {
        enum placement_method method;
        struct kit kit;
        double best;
        int r;

        up(&kit, seed);
        best = best_of(&kit);
        assert_true(kit.ws.reduces);
        r = reduce_run(&kit.ws, &method);
        assert_true(r >= 0);
        asked += r;
        assert_true(points(&kit, bounds_least(&kit.ws.bounds)) <= best + 1e-9 ||
                    workspace_is_proven(&kit.ws));
        assert_true(points(&kit, kit.ws.search.best_objective) >= best - 1e-9);
        if (workspace_is_proven(&kit.ws))
            assert_true(points(&kit, kit.ws.search.best_objective) <= best + 1e-9);
        if (r > 0)
            assert_true(workspace_is_proven(&kit.ws));
        down(&kit);
    }
    assert_true(asked >= 6);
}

static void kicks_find_the_optimum_and_never_lose_a_plan(void **state)
{
    int found = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct kit kit;
        double best;
        int64_t before;

        up(&kit, seed);
        best = best_of(&kit);
        before = kit.ws.search.best_objective;
        assert_int_equal(kicks_run(&kit.ws, 200), 0);
        assert_true(kit.ws.search.best_objective <= before);
        assert_int_equal(assignment_objective(&kit.ws.search.best), kit.ws.search.best_objective);
        assert_true(points(&kit, kit.ws.search.best_objective) >= best - 1e-9);
        found += points(&kit, kit.ws.search.best_objective) <= best + 1e-9;
        down(&kit);
    }
    assert_true(found >= 7);
}

/* 1 when CBC confirms the optimum, 0 when it has no answer in time. */
static int cbc_confirms(const struct host *host, uint64_t seed)
{
    struct placement_solution solution;
    double objective = NAN;
    bool is_closed;
    struct lp *lp;
    char *text;

    assert_int_equal(placement_solve(&host->problem, NULL, &solution), 0);
    assert_int_equal(solution.status, SOLVE_OPTIMAL);
    assert_int_equal(placement_compact_lp(&host->problem, &solution, &lp), 0);
    assert_int_equal(lp_text(lp, &text), 0);
    is_closed = cbc_lp(text, CBC_SECONDS, &objective);
    if (is_closed && fabs(objective - solution.objective) > 1e-6 * objective)
        fail_msg("seed %d: CBC's optimum is %.10g, ours %.10g", (int)seed, objective,
                 solution.objective);
    free(text);
    lp_free(lp);
    placement_solution_done(&solution);
    return is_closed;
}

static void cbc_agrees(void **state)
{
    int confirmed = 0;

    (void)state;
    if (!has_program("cbc"))
        skip();
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct host host;

        make(&host, seed, seed % 2 ? 12 : 24, seed % 2 ? 4 : 3);
        confirmed += cbc_confirms(&host, seed);
    }
    printf("%d optima confirmed by CBC\n", confirmed);
    assert_true(confirmed >= CBC_ENOUGH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exhaustive_search_agrees),
        cmocka_unit_test(loads_agree_with_all_placements),
        cmocka_unit_test(uneven_caches_have_the_optimum_of_all_loads),
        cmocka_unit_test(any_limit_keeps_the_claims_true),
        cmocka_unit_test(who_is_left_out_changes_nothing),
        cmocka_unit_test(kicks_find_the_optimum_and_never_lose_a_plan),
        cmocka_unit_test(cbc_agrees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
