/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/accept/accept.h"
#include "tests/accept/best.h"
#include "tests/sim/ablation.h"

/* The judge of the acceptance cases can lose a case: with each defence of the programs switched
 * off, some case is lost on the line that the defence is for. */

/* The verdict line of one run; true where the case was won. */
static bool judge(struct accept_case *which, char line[2000])
{
    struct accept_report report = {.passed = 0};
    struct err err = {0, ""};
    char *text = NULL;
    size_t size = 0;

    report.lines = open_memstream(&text, &size);
    if (accept_run(which, &report, &err) < 0)
        fail_msg("%s", err.text);
    fclose(report.lines);
    snprintf(line, 2000, "%s", text);
    free(text);
    assert_int_equal(report.passed + report.failed, 1);
    return report.passed == 1;
}

static void lost_on(struct accept_case *which, const char *expected)
{
    char lost[80], line[2000];

    if (judge(which, line))
        fail_msg("won without the defence: %s", line);
    snprintf(lost, sizeof(lost), "LOST %s", expected);
    if (!strstr(line, lost))
        fail_msg("not lost on '%s': %s", expected, line);
}

static void won(struct accept_case *which)
{
    char line[2000];

    if (!judge(which, line))
        fail_msg("%s", line);
}

static struct accept_case cpu_case(int number, int seed, double interval_s)
{
    struct accept_case which = {.number = number, .interval_s = interval_s};

    snprintf(which.scenario, sizeof(which.scenario), "cpu-%d:high:seed=%d", number, seed);
    return which;
}

static void a_scheduler_that_hardly_moves_is_lost(void **state)
{
    struct accept_case which = cpu_case(7, 1, 2);
    struct vcpu_settings never;

    (void)state;
    vcpu_settings_default(&never);
    never.deadband_points = 100;
    won(&which);
    which.vcpu = &never;
    lost_on(&which, "step: balanced after s");
}

static void a_hasty_scheduler_is_lost(void **state)
{
    struct vcpu_settings hasty;
    int lost = 0;

    (void)state;
    vcpu_settings_default(&hasty);
    hasty.settle_s = 0;
    hasty.confirm_s = 0;
    for (int seed = 1; seed <= 6; seed++) {
        struct accept_case which = cpu_case(5, seed, 1);
        char line[2000];

        won(&which);
        which.vcpu = &hasty;
        lost += !judge(&which, line) && strstr(line, "LOST pins");
    }
    assert_true(lost >= 3);
}

struct ablation {
    ablation *without;
    const char *scenario, *lost;
    double interval_s;
};

static const struct ablation ablations[] = {
    {without_forecast, "memory-2", "stunted", 2},
    {without_step_limit, "memory-1", "step down MiB", 2},
    {without_direction, "memory-2:host=6", "reversals", 2},
};

static void a_coordinator_without_a_defence_is_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ablations) / sizeof(ablations[0]); i++) {
        struct accept_case which = {.memory = true, .interval_s = ablations[i].interval_s};
        struct memory_settings without;

        memory_settings_default(&without);
        ablations[i].without(&without);
        snprintf(which.scenario, sizeof(which.scenario), "%s", ablations[i].scenario);
        won(&which);
        which.memory_settings = &without;
        lost_on(&which, ablations[i].lost);
    }
}

/* ---- what the judge takes for the best placement ---- */

struct enumeration {
    const int *demand, *current;
    size_t n_vcpus, n_pcpus;
    double deviation;
    size_t moves;
};

static void price(struct enumeration *all, const int *place, double within)
{
    double mean = 0, worst = 0;
    size_t moves = 0;

    for (size_t v = 0; v < all->n_vcpus; v++) {
        mean += (double)all->demand[v] / (double)all->n_pcpus;
        moves += place[v] != all->current[v];
    }
    for (size_t p = 0; p < all->n_pcpus; p++) {
        double load = 0;

        for (size_t v = 0; v < all->n_vcpus; v++)
            load += place[v] == (int)p ? all->demand[v] : 0;
        worst = fmax(worst, fabs(load - mean));
    }
    if (within < 0)
        all->deviation = fmin(all->deviation, worst);
    else if (worst <= within + 1e-9 && moves < all->moves)
        all->moves = moves;
}

static void enumerate(struct enumeration *all, double within)
{
    size_t n = 1;

    for (size_t v = 0; v < all->n_vcpus; v++)
        n *= all->n_pcpus;
    for (size_t code = 0; code < n; code++) {
        int place[8];
        size_t rest = code;

        for (size_t v = 0; v < all->n_vcpus; v++) {
            place[v] = (int)(rest % all->n_pcpus);
            rest /= all->n_pcpus;
        }
        price(all, place, within);
    }
}

static void the_best_placement_is_the_best_of_all(void **state)
{
    static const int classes[] = {250, 420, 190};
    uint32_t seed = 7;

    (void)state;
    for (int round = 0; round < 60; round++) {
        size_t n_vcpus = 3 + (size_t)round % 4, n_pcpus = 2 + (size_t)round % 3;
        struct enumeration all = {.n_vcpus = n_vcpus, .n_pcpus = n_pcpus, .deviation = 1e9};
        int demand[8], current[8];
        double mean = 0;
        struct best best;

        for (size_t v = 0; v < n_vcpus; v++) {
            seed = seed * 1664525u + 1013904223u;
            demand[v] = classes[(seed >> 16) % 3];
            current[v] = (int)((seed >> 20) % (n_pcpus + 1)) - 1;
            mean += (double)demand[v] / (double)n_pcpus;
        }
        all.demand = demand;
        all.current = current;
        all.moves = n_vcpus + 1;
        enumerate(&all, -1);
        enumerate(&all, fmax(all.deviation, 0.05 * mean));
        best_placement(demand, current, n_vcpus, n_pcpus, &best);
        assert_true(fabs(best.deviation_permille - all.deviation) < 1e-6);
        assert_int_equal(best.moves, all.moves);
        best_done(&best);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_placement_is_the_best_of_all),
        cmocka_unit_test(a_scheduler_that_hardly_moves_is_lost),
        cmocka_unit_test(a_hasty_scheduler_is_lost),
        cmocka_unit_test(a_coordinator_without_a_defence_is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
