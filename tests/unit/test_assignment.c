/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/search/assignment.h"
#include "tests/unit/vcpu_fixture.h"

static void cost_errors_and_lists_stay_true(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 40; seed++) {
        struct kit kit;
        struct assignment *now = &kit.ws.search.now, *best = &kit.ws.search.best;

        kit_random(&kit, seed, PLACEMENT_DEVIATION);
        kit_up(&kit);
        for (int k = 0; k < 3 * kit.in.n; k++) {
            int i = k % kit.in.n, q = (k * 7 + (int)seed) % kit.in.m;

            if (assignment_may_enter(now, i, q))
                assignment_move(now, i, q);
        }
        assignment_set(best, now->bin); /* the same from scratch */
        assert_int_equal(now->cost, best->cost);
        for (int p = 0; p < kit.in.m; p++)
            assert_int_equal(now->error[p], best->error[p]);
        assert_int_equal(assignment_objective(now), assignment_objective(best));
        kit_down(&kit);
    }
}

static void extremes_are_sorted(void **state)
{
    struct kit kit;
    struct extremes extremes;
    int64_t deviation = 0;

    (void)state;
    kit_plain(&kit, 6, 4);
    kit_up(&kit);
    assignment_extremes(&kit.ws.search.now, &extremes);
    assert_int_equal(extremes.bin[0], 0);
    assert_true(extremes.deviation[0] > extremes.deviation[1]);
    assert_int_equal(assignment_outside(&extremes, 0, extremes.bin[1]), extremes.deviation[2]);
    assert_int_equal(assignment_next_worst(&kit.ws.search.now, &deviation, -1), 0);
    assert_int_equal(assignment_next_worst(&kit.ws.search.now, &deviation, 0), 1);
    assert_int_equal(assignment_next_worst(&kit.ws.search.now, &deviation, 3), -1);
    kit_down(&kit);
}

static void count(void *arg, const struct exchange *e)
{
    (void)e;
    ++*(int *)arg;
}

static void a_scan_sees_every_exchange(void **state)
{
    struct kit kit;
    int seen = 0;

    (void)state;
    kit_plain(&kit, 5, 2);
    kit_up(&kit);
    assignment_move(&kit.ws.search.now, 4, 1);
    /* 4 or nobody against 1 or nobody, without nobody against nobody */
    assert_int_equal(assignment_scan(&kit.ws.search.now, 0, 1, INT_MAX, &seen, count), 5 * 2 - 1);
    assert_int_equal(seen, 9);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cost_errors_and_lists_stay_true),
        cmocka_unit_test(extremes_are_sorted),
        cmocka_unit_test(a_scan_sees_every_exchange),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
