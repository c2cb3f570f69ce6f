/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/simulated/random.h"
#include "planner/vcpu/history.h"

static const double INTERVAL_S = 2;

/* A level with noise of which this much is there again in the next interval. */
static struct vcpu_history watched(double level, double noise, double rho, int intervals)
{
    struct random random = random_stream(7, 0);
    struct vcpu_history history;
    double off = 0;

    vcpu_history_begin(level, &history);
    for (int t = 0; t < intervals; t++) {
        off = rho * off + noise * sqrt(1 - rho * rho) * random_normal(&random);
        vcpu_history_next(&history, level + off, INTERVAL_S, &history);
    }
    return history;
}

static double planned(const struct vcpu_history *history, double observed)
{
    return vcpu_history_forecast(history, observed, INTERVAL_S);
}

static void noise_without_memory_is_not_followed(void **state)
{
    struct vcpu_history history = watched(0.5, 0.1, 0, 300);

    (void)state;
    assert_float_equal(history.mean, 0.5, 0.03);
    assert_float_equal(planned(&history, 0.8), history.mean, 0.03);
    assert_float_equal(vcpu_history_noise(&history, INTERVAL_S), 0.1, 0.02);
}

/* With rho 0.8 the next 3.5 intervals hold 0.8 (1 - 0.8^3.5) / (3.5 * 0.2) = 0.62 of a deviation. */
static void noise_with_memory_is_followed_as_far_as_it_lasts(void **state)
{
    struct vcpu_history history = watched(0.5, 0.1, 0.8, 300);
    double share = (planned(&history, history.mean + 0.2) - history.mean) / 0.2;

    (void)state;
    assert_true(share > 0.4 && share < 0.65);
    assert_true(vcpu_history_noise(&history, INTERVAL_S) < 0.085);
}

static void a_level_left_twice_starts_anew(void **state)
{
    struct vcpu_history history = watched(0.2, 0.02, 0, 60), once, back;

    (void)state;
    vcpu_history_next(&history, 0.7, INTERVAL_S, &once);
    assert_true(fabs(planned(&once, 0.7) - 0.2) < 0.02); /* not believed */
    vcpu_history_next(&once, 0.21, INTERVAL_S, &back);
    assert_true(back.mean > history.mean && back.mean < 0.23); /* an outlier, counted after all */
    vcpu_history_next(&once, 0.72, INTERVAL_S, &once);
    assert_float_equal(planned(&once, 0.72), 0.71, 0.001);
}

static void only_who_was_watched_and_is_noisy_wanders(void **state)
{
    struct vcpu_history calm = watched(0.5, 0.02, 0, 60), noisy = watched(0.5, 0.2, 0, 60);
    struct vcpu_history young = watched(0.5, 0.2, 0, 10);

    (void)state;
    assert_false(vcpu_history_wanders(&calm));
    assert_true(vcpu_history_wanders(&noisy));
    assert_false(vcpu_history_wanders(&young));
    assert_true(vcpu_history_error(&noisy, INTERVAL_S) <
                vcpu_history_noise(&noisy, INTERVAL_S) / 5);
}

/* The same load seen twice as often: the same mean, and it wanders no sooner. */
static void time_counts_and_not_the_number_of_intervals(void **state)
{
    struct vcpu_history often, seldom;

    (void)state;
    vcpu_history_begin(0.5, &often);
    seldom = often;
    for (int t = 0; t < 200; t++) {
        double observed = t < 100 ? 0.5 : 0.55;

        vcpu_history_next(&often, observed, 1, &often);
        if (t % 2)
            vcpu_history_next(&seldom, observed, 2, &seldom);
    }
    assert_float_equal(often.mean, seldom.mean, 0.003);
    assert_float_equal(often.seen_s, seldom.seen_s, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_without_memory_is_not_followed),
        cmocka_unit_test(noise_with_memory_is_followed_as_far_as_it_lasts),
        cmocka_unit_test(a_level_left_twice_starts_anew),
        cmocka_unit_test(only_who_was_watched_and_is_noisy_wanders),
        cmocka_unit_test(time_counts_and_not_the_number_of_intervals),
    };

    return cmocka_run_group_tests_name("vcpu_history", tests, NULL, NULL);
}
