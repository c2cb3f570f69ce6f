/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sigma is that of what the pCPUs really ran, wherever vCPUs float. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"
#include "planner/vcpu/check.h"
#include "planner/vcpu/planner.h"

enum { N_PCPUS = 4 };

/* Three busy guests float over pCPUs 0 and 1, and the kernel leaves them on 0, because a program fills
 * the other one. */
#define ALL_ON_ONE                                                                                 \
    "{\"duration_s\": 40, \"host\": {\"pcpus\": 4}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"count\": 3, \"pct\": 30, \"affinity\": \"0-1\"}], \"programs\": ["        \
    "{\"name\": \"p\", \"affinity\": \"1\"}]}"

/* Three busy guests float over four pCPUs, and one of these is always idle. */
#define ONE_IDLE                                                                                   \
    "{\"duration_s\": 40, \"host\": {\"pcpus\": 4}, \"guests\": ["                                 \
    "{\"name\": \"a\", \"count\": 3, \"pct\": 95}]}"

struct looks {
    double told, truth,
        largest_error; /* sigma: means over the intervals, and by how much they differ */
    int n;
};

static double true_sigma(const struct simulated *world, double elapsed_s, uint64_t busy_ns[N_PCPUS])
{
    double load[N_PCPUS], mean = 0, squares = 0;

    for (size_t p = 0; p < N_PCPUS; p++) {
        struct simulated_pcpu pcpu;

        simulated_pcpu(world, p, &pcpu);
        load[p] = (double)(pcpu.busy_ns - busy_ns[p]) / 1e7 / elapsed_s;
        busy_ns[p] = pcpu.busy_ns;
        mean += load[p] / N_PCPUS;
    }
    for (size_t p = 0; p < N_PCPUS; p++)
        squares += pow(load[p] - mean, 2);
    return sqrt(squares / N_PCPUS);
}

static void look(const struct host *host, struct vcpu_planner *planner, double *ret_sigma)
{
    struct vcpu_sample sample = {0};
    struct vcpu_plan plan = {0};
    struct err err = {0};

    if (host->sample_vcpus(host->self, &sample, &err) < 0 ||
        vcpu_planner_step(planner, &sample, &plan, &err) < 0 ||
        vcpu_check(&sample, &plan, &err) < 0)
        fail_msg("%s", err.text);
    *ret_sigma = plan.ran.sigma_pct;
    vcpu_plan_done(&plan);
    vcpu_sample_done(&sample);
}

/* Nothing that is planned is done. */
static struct looks play(const char *scene, bool use_busy)
{
    uint64_t busy_ns[N_PCPUS] = {0};
    struct vcpu_settings settings;
    struct vcpu_planner *planner;
    struct looks looks = {.n = -1};
    struct ticker ticker;
    struct host host;
    struct err err = {0};

    vcpu_settings_default(&settings);
    settings.use_busy = use_busy;
    planner = vcpu_planner_new(&settings);
    assert_non_null(planner);
    if (simulated_open_text(scene, SIMULATED_VCPU, 2, &host, &ticker, &err) < 0)
        fail_msg("%s", err.text);
    for (; ticker.wait(ticker.self, &err) > 0; looks.n++) {
        double told, truth = true_sigma(simulated_of(&host), 2, busy_ns);

        look(&host, planner, &told);
        if (looks.n < 0)
            continue; /* the first look */
        looks.told += told;
        looks.truth += truth;
        looks.largest_error = fmax(looks.largest_error, fabs(told - truth));
    }
    looks.told /= looks.n;
    looks.truth /= looks.n;
    host.close(host.self);
    vcpu_planner_free(planner);
    return looks;
}

static void floating_guests_on_one_pcpu_are_seen_there(void **state)
{
    struct looks with = play(ALL_ON_ONE, true), without = play(ALL_ON_ONE, false);

    (void)state;
    assert_true(with.truth > 40);
    assert_true(with.largest_error < 1); /* busy times come in ticks of half a point */
    assert_true(without.told < with.truth - 10);
}

static void a_pcpu_that_floating_guests_leave_idle_is_seen(void **state)
{
    struct looks with = play(ONE_IDLE, true), without = play(ONE_IDLE, false);

    (void)state;
    assert_true(with.truth > 20);
    assert_true(with.largest_error < 1);
    assert_true(without.told < 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floating_guests_on_one_pcpu_are_seen_there),
        cmocka_unit_test(a_pcpu_that_floating_guests_leave_idle_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
