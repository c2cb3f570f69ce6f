/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "planner/vcpu/waiting.h"
#include "tests/unit/simulated_fixture.h"

#define QUIET "\"background_pct\": 0, \"background_noise_pct\": 0"

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g is not within %g of %g", value, within, expected);
}

/* Waiting per running of all vCPUs together, while the ticker waits n times. */
static double measured(struct kit *kit, int n)
{
    double ran = 0, waited = 0;

    kit_wait(kit, 1);
    for (int turn = 0; turn < 2; turn++) {
        for (size_t v = 0; v < simulated_vcpus(kit->world); v++) {
            struct simulated_vcpu vcpu = kit_vcpu(kit, v);

            ran += (turn ? 1 : -1) * (double)vcpu.time_ns;
            waited += (turn ? 1 : -1) * (double)vcpu.delay_ns;
        }
        if (!turn)
            kit_wait(kit, n);
    }
    return waited / ran;
}

struct crowd {
    unsigned pcpus, vcpus;
    double pct[8]; /* of the vCPUs, by turns */
    unsigned n_pct;
    double bursts_ms;
};

static double expected(const struct crowd *host)
{
    const struct waiting_pool pool = {.pcpus = host->pcpus};
    struct waiting sum = {0};
    double demand[64];

    for (unsigned v = 0; v < host->vcpus; v++)
        demand[v] = host->pct[v % host->n_pct] / 100;
    assert_int_equal(waiting_add(&sum, &pool, demand, host->vcpus), 0);
    return waiting_share(&sum);
}

/* All vCPUs float on all pCPUs. */
static double simulated(const struct crowd *host, double bursts_ms, double seconds)
{
    char json[8000];
    int n = snprintf(json, sizeof(json),
                     "{\"duration_s\": 1e6, \"bursts_ms\": %g, \"host\": {\"pcpus\": %u, " QUIET
                     "}, \"guests\": [",
                     bursts_ms, host->pcpus);
    struct kit kit;
    double waited;

    for (unsigned v = 0; v < host->vcpus; v++)
        n += snprintf(json + n, sizeof(json) - (size_t)n,
                      "%s{\"name\": \"g%u\", \"pct\": %g, \"noise_pct\": 0}", v ? "," : "", v,
                      host->pct[v % host->n_pct]);
    snprintf(json + n, sizeof(json) - (size_t)n, "]}");
    kit_open(&kit, SIMULATED_VCPU, 10, json);
    waited = measured(&kit, (int)(seconds / 10));
    kit_close(&kit);
    return waited;
}

static void waiting_is_that_of_the_closed_form(void **state)
{
    static const struct crowd hosts[] = {
        {1, 2, {30, 50}, 2, 50}, {1, 4, {17.5}, 1, 50},  {1, 4, {5, 60, 10, 90}, 4, 200},
        {2, 8, {17.5}, 1, 50},   {4, 16, {17.5}, 1, 50}, {8, 32, {2, 2, 50, 20, 30}, 5, 50},
    };

    (void)state;
    for (size_t k = 0; k < sizeof(hosts) / sizeof(hosts[0]); k++) {
        double formula = expected(&hosts[k]);
        double seen = simulated(&hosts[k], hosts[k].bursts_ms, 30 * hosts[k].bursts_ms);

        print_message("%u vCPUs on %u pCPUs: %.4f, formula %.4f, %+.1f %%\n", hosts[k].vcpus,
                      hosts[k].pcpus, seen, formula, 100 * (seen / formula - 1));
        assert_near(seen / formula, 1, 0.05);
    }
}

/* The same hosts without bursts: the fluid knows no waiting below full load. */
static void without_bursts_nobody_waits(void **state)
{
    static const struct crowd host = {1, 4, {17.5}, 1, 0};

    (void)state;
    assert_near(simulated(&host, 0, 100), 0, 1e-9);
}

/* Alone a vCPU runs what it wants, and what it is told anew holds at once. */
static void load_is_what_was_asked_for(void **state)
{
    struct simulated_cpu cpu;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 100,
             "{\"duration_s\": 1000, \"bursts_ms\": 20, \"host\": {\"pcpus\": 4, " QUIET "}, "
             "\"guests\": [{\"name\": \"a\", \"pct\": 0.5, \"noise_pct\": 0, \"affinity\": \"0\"},"
             "{\"name\": \"b\", \"pct\": 0, \"noise_pct\": 0, \"affinity\": \"1\"},"
             "{\"name\": \"c\", \"pct\": 100, \"noise_pct\": 0, \"affinity\": \"2\"},"
             "{\"name\": \"d\", \"pct\": 80, \"noise_pct\": 0, \"quota_pct\": 20, "
             "\"affinity\": \"3\"}],"
             "\"events\": [{\"at_s\": 200, \"do\": \"load\", \"guest\": \"a\", \"pct\": 70}]}");
    kit_wait(&kit, 3);
    assert_near(kit_usage(&kit, 0, 100), 0.7, 0.02);
    assert_near((double)kit_vcpu(&kit, 1).time_ns, 0, 0);
    assert_near((double)kit_vcpu(&kit, 2).time_ns / 300e9, 1, 1e-6);
    /* a burst takes five times as long, and sleep as long as ever: 0.8 / (0.8 + 0.2 * 0.2) */
    assert_near((double)kit_vcpu(&kit, 3).time_ns / 300e9, 0.2 * 20 / 21, 0.005);
    simulated_cpu(kit.world, &cpu);
    assert_true(cpu.unserved_s < 0.05 * cpu.wanted_s);
    kit_close(&kit);
}

/* Two that meet lose what both want at once. */
static void what_is_not_served_is_known(void **state)
{
    static const char json[] =
        "{\"duration_s\": 4000, \"bursts_ms\": 100, \"host\": {\"pcpus\": 2, " QUIET "}, "
        "\"guests\": [{\"name\": \"a\", \"pct\": 50, \"noise_pct\": 0, \"affinity\": \"0\"},"
        "{\"name\": \"b\", \"pct\": 50, \"noise_pct\": 0, \"affinity\": \"0\"}]}";
    struct waiting sum = {0};
    const struct waiting_pool pool = {.pcpus = 1};
    const double demand[] = {0.5, 0.5};
    struct simulated_cpu cpu;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1000, json);
    kit_wait(&kit, 4);
    simulated_cpu(kit.world, &cpu);
    assert_int_equal(waiting_add(&sum, &pool, demand, 2), 0);
    assert_near(cpu.wanted_s, 3000, 1);
    assert_near(1 - cpu.unserved_s / cpu.wanted_s, sum.running, 0.02);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_is_that_of_the_closed_form),
        cmocka_unit_test(without_bursts_nobody_waits),
        cmocka_unit_test(load_is_what_was_asked_for),
        cmocka_unit_test(what_is_not_served_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
