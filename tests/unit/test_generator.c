/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/simulated/generator.h"
#include "tests/unit/simulated_fixture.h"

enum { VCPUS = 64, SECONDS = 4000, INTERVALS = SECONDS / 2 };
static const double mean = 0.15; /* 64 vCPUs on 16 pCPUs at 60 % */

/* Of one vCPU, or of all of them, over intervals of 2 s. */
struct moments {
    double mean, deviation;
    double next; /* correlation with the next interval */
};

static struct moments moments_of(const double *values)
{
    struct moments moments = {0};
    double squares = 0, products = 0;

    for (int t = 0; t < INTERVALS; t++)
        moments.mean += values[t] / INTERVALS;
    for (int t = 0; t < INTERVALS; t++) {
        squares += pow(values[t] - moments.mean, 2);
        if (t > 0)
            products += (values[t] - moments.mean) * (values[t - 1] - moments.mean);
    }
    moments.deviation = sqrt(squares / INTERVALS);
    moments.next = squares > 0 ? products / squares : 0;
    return moments;
}

/* [VCPUS + 1][INTERVALS]; the last row is the sum of the others. */
static double (*play(uint64_t seed))[INTERVALS]
{
    const struct generator_wish wish = {VCPUS, mean, 1, seed};
    struct generator *generator = generator_new(&wish);
    double(*values)[INTERVALS] = calloc(VCPUS + 1, sizeof(*values));
    double demand[VCPUS];

    assert_non_null(generator);
    assert_non_null(values);
    for (int second = 0; second < SECONDS; second++) {
        generator_step(generator, demand);
        for (int v = 0; v < VCPUS; v++) {
            assert_true(demand[v] >= 0 && demand[v] <= 1);
            values[v][second / 2] += demand[v] / 2;
            values[VCPUS][second / 2] += demand[v] / 2;
        }
    }
    generator_free(generator);
    return values;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double middle(double *values, int n)
{
    qsort(values, (size_t)n, sizeof(*values), ascending);
    return values[n / 2];
}

static void assert_between(const char *what, double value, double low, double high)
{
    print_message("  %s %.3f\n", what, value);
    if (!(value >= low && value <= high))
        fail_msg("%s is %g and not from %g to %g", what, value, low, high);
}

static void statistics_are_those_of_real_load(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        double(*values)[INTERVALS] = play(seed);
        double relative[VCPUS], next[VCPUS], variance = 0, most = 0;
        struct moments all = moments_of(values[VCPUS]);
        int n_busy = 0, n_idle = 0;

        for (int v = 0; v < VCPUS; v++) {
            struct moments one = moments_of(values[v]);

            variance += pow(one.deviation, 2);
            most = fmax(most, one.mean);
            n_idle += one.mean < 0.05;
            if (one.mean < 0.02)
                continue;
            relative[n_busy] = one.deviation / one.mean;
            next[n_busy++] = one.next;
        }
        assert_between("mean", all.mean / VCPUS, 0.75 * mean, 1.25 * mean);
        assert_between("deviation in its mean", middle(relative, n_busy), 1, 2);
        assert_between("correlation with the next", middle(next, n_busy), 0.3, 0.8);
        assert_between("nearly idle", (double)n_idle / VCPUS, 0.3, 0.6);
        assert_between("the heaviest", most, 0.4, 1);
        assert_between("variance of all, in that of each", pow(all.deviation, 2) / variance, 1.5,
                       8);
        free(values);
    }
}

static void the_same_seed_makes_the_same_load(void **state)
{
    double(*one)[INTERVALS] = play(7), (*again)[INTERVALS] = play(7), (*other)[INTERVALS] = play(8);

    (void)state;
    assert_memory_equal(one, again, (VCPUS + 1) * sizeof(*one));
    assert_memory_not_equal(one, other, (VCPUS + 1) * sizeof(*one));
    free(one);
    free(again);
    free(other);
}

/* Four guests for each pCPU, which want 60 % of them. */
static void a_scenario_makes_load_up(void **state)
{
    struct simulated_cpu cpu;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 100,
             "{\"generator\": {}, \"duration_s\": 4000, \"step_ms\": 500, "
             "\"host\": {\"pcpus\": 8}}");
    assert_int_equal(simulated_guests(kit.world), 32);
    kit_wait(&kit, 41);
    simulated_cpu(kit.world, &cpu);
    assert_between("load", cpu.wanted_s / 8 / 4000, 0.45, 0.75);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_are_those_of_real_load),
        cmocka_unit_test(the_same_seed_makes_the_same_load),
        cmocka_unit_test(a_scenario_makes_load_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
