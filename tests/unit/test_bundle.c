/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/bundle.h"

enum { N = 3 };

/* -|x - 30| - 2 |y + 20| - |z|: concave, largest at (30, -20, 0). */
static double value_of(const int *x, int *gradient)
{
    gradient[0] = x[0] < 30 ? 1 : -1;
    gradient[1] = x[1] < -20 ? 2 : -2;
    gradient[2] = x[2] < 0 ? 1 : -1;
    return -abs(x[0] - 30) - 2 * abs(x[1] + 20) - abs(x[2]);
}

static void it_finds_the_top(void **state)
{
    struct arena arena = {0};
    struct bundle bundle;
    int x[N] = {0}, gradient[N];
    double next[N], promise;

    (void)state;
    assert_int_equal(bundle_new(N, &arena, &bundle), 0);
    bundle.prox = 4;
    bundle_move(&bundle, x, value_of(x, gradient));
    bundle_add(&bundle, gradient, x, bundle.value);
    for (int k = 0; k < 100; k++) {
        double value;

        promise = bundle_step(&bundle, next);
        assert_true(promise > -1e-6);
        for (int i = 0; i < N; i++)
            x[i] = (int)lrint(next[i]);
        value = value_of(x, gradient);
        if (value > bundle.value)
            bundle_move(&bundle, x, value);
        bundle_add(&bundle, gradient, x, value);
    }
    assert_true(bundle.value > -0.5);
    arena_done(&arena);
}

static void a_full_bundle_and_dropped_cuts_stay_consistent(void **state)
{
    struct arena arena = {0};
    struct bundle bundle;
    double next[N], sum = 0;

    (void)state;
    assert_int_equal(bundle_new(N, &arena, &bundle), 0);
    bundle.prox = 1;
    for (int k = 0; k < 3 * bundle.most_cuts; k++) {
        int x[N] = {k % 7 - 3, k % 5 - 2, k % 3 - 1}, gradient[N];

        bundle_add(&bundle, gradient, x, value_of(x, gradient));
        bundle_step(&bundle, next);
        if (k % 4 == 0)
            bundle_drop(&bundle, k % bundle.cuts);
        if (bundle.cuts == 0)
            bundle_add(&bundle, gradient, x, value_of(x, gradient));
    }
    assert_true(bundle.cuts <= bundle.most_cuts);
    bundle_step(&bundle, next);
    for (int k = 0; k < bundle.cuts; k++) {
        assert_true(bundle.error[k] >= 0);
        sum += bundle.weight[k];
    }
    assert_true(fabs(sum - 1) < 1e-9);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_the_top),
        cmocka_unit_test(a_full_bundle_and_dropped_cuts_stay_consistent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
