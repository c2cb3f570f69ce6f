/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "models/neighbourhood.h"
#include "tests/model/families.h"

enum { FAILURES = 4 };

struct host {
    struct made_problem made;
    struct balance balance;
    struct instance in;
    struct work work;
    struct arena arena;
    struct local_search search;
};

/* A host with the best plan that local search alone finds. */
static void host_up(struct host *host, struct made_problem made)
{
    *host = (struct host){.made = made, .work = {.max_kcells = 2000 * 1000}};
    assert_int_equal(balance_new(&host->made.problem, &host->balance), 0);
    assert_int_equal(instance_new(&host->balance, &host->in), 0);
    assert_int_equal(local_search_new(&host->in, &host->work, &host->arena, &host->search), 0);
    assert_int_equal(local_search_first(&host->search), 0);
    assert_int_equal(local_search_more(&host->search), 0);
}

static void host_down(struct host *host)
{
    arena_done(&host->arena);
    instance_done(&host->in);
    balance_done(&host->balance);
    made_problem_done(&host->made);
}

/* The incumbent's price from the problem alone. */
static double price_of_best(struct host *host)
{
    int *bin_of = arena_take(&host->arena, host->made.problem.n_vcpus, sizeof(int));
    struct vcpu_price price;

    assert_non_null(bin_of);
    instance_lift(&host->in, host->search.best.bin, bin_of);
    assert_int_equal(vcpu_price(&host->made.problem, bin_of, &price), 0);
    assert_int_equal(price.violations, 0);
    return price.objective;
}

static void never_worse_and_truly_priced(void **state)
{
    static const enum family families[] = {FAMILY_SPIKE, FAMILY_NUMA, FAMILY_UNI, FAMILY_EQX};

    (void)state;
    for (size_t k = 0; k < sizeof(families) / sizeof(*families); k++) {
        for (int objective = VCPU_DEVIATION; objective <= VCPU_VARIANCE; objective++) {
            struct host host;
            double before, after;

            host_up(&host, family_make(families[k], 384, 96, 3, (enum vcpu_objective)objective));
            before = price_of_best(&host);
            assert_int_equal(search_neighbourhoods(&host.search, FAILURES), 0);
            after = price_of_best(&host);
            assert_true(after <= before + 1e-9);
            assert_float_equal(after, instance_points(&host.in, host.search.best_objective),
                               objective == VCPU_VARIANCE ? 2.0F : 1e-6F);
            host_down(&host);
        }
    }
}

/* Capacities and backgrounds of the bins have to come along. */
static void uneven_hosts(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct made_problem made = family_make(FAMILY_SPIKE, 384, 96, seed, VCPU_DEVIATION);
        struct host host;
        double before;

        for (int p = 0; p < 96; p++) {
            made.capacity[p] = p % 5 == 0 ? 2000 : 1000;
            made.background[p] = p % 7 == 0 ? 150 : 0;
        }
        made.problem.capacity_permille = made.capacity;
        made.problem.background_permille = made.background;
        for (int i = 0; i < 384; i += 40)
            made.current[i] = -1;
        host_up(&host, made);
        before = price_of_best(&host);
        assert_int_equal(search_neighbourhoods(&host.search, FAILURES), 0);
        assert_true(price_of_best(&host) <= before + 1e-9);
        assert_float_equal(price_of_best(&host),
                           instance_points(&host.in, host.search.best_objective), 1e-6);
        host_down(&host);
    }
}

static void it_finds_what_local_search_does_not(void **state)
{
    struct host host;
    int64_t before;

    (void)state;
    host_up(&host, family_make(FAMILY_SPIKE, 512, 128, 3, VCPU_DEVIATION));
    before = host.search.best_objective;
    assert_int_equal(search_neighbourhoods(&host.search, 2 * FAILURES), 0);
    assert_true(host.search.best_objective < before - before / 100);
    host_down(&host);
}

static void limits_and_small_hosts(void **state)
{
    struct host host;
    int64_t trials;

    (void)state;
    host_up(&host, family_make(FAMILY_SPIKE, 384, 96, 2, VCPU_DEVIATION));
    host.work.max_pivots = host.work.pivots + 1;
    host.work.max_kcells = host.work.kcells + 50;
    assert_int_equal(search_neighbourhoods(&host.search, 1000), 0);
    assert_true(work_exhausted(&host.work));
    host_down(&host);
    host_up(&host, family_make(FAMILY_SPIKE, 64, 16, 2, VCPU_DEVIATION));
    trials = host.work.kcells;
    assert_int_equal(search_neighbourhoods(&host.search, 1000), 0);
    assert_int_equal(host.work.kcells, trials);
    host_down(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_worse_and_truly_priced),
        cmocka_unit_test(uneven_hosts),
        cmocka_unit_test(it_finds_what_local_search_does_not),
        cmocka_unit_test(limits_and_small_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
