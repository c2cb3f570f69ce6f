/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/simulated_fixture.h"

#define QUIET "\"background_pct\": 0, \"background_noise_pct\": 0"

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g is not within %g of %g", value, within, expected);
}

/* 20 + 30 fit; 90 gets what is left of a fair share: water filling. */
static void a_crowded_pcpu_is_shared_fairly(void **state)
{
    struct simulated_cpu cpu;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"host\": {\"pcpus\": 1, " QUIET "}, \"guests\": ["
             "{\"name\": \"a\", \"pct\": 20, \"noise_pct\": 0},"
             "{\"name\": \"b\", \"pct\": 90, \"noise_pct\": 0},"
             "{\"name\": \"c\", \"pct\": 60, \"noise_pct\": 0}]}");
    kit_wait(&kit, 2);
    uint64_t b = kit_vcpu(&kit, 1).time_ns, c = kit_vcpu(&kit, 2).time_ns;
    uint64_t b_delay = kit_vcpu(&kit, 1).delay_ns, a_delay = kit_vcpu(&kit, 0).delay_ns;
    assert_near(kit_usage(&kit, 0, 1), 0.20, 1e-6);
    assert_near((double)(kit_vcpu(&kit, 1).time_ns - b) / 1e9, 0.40, 1e-6);
    assert_near((double)(kit_vcpu(&kit, 2).time_ns - c) / 1e9, 0.40, 1e-6);
    /* demand = usage / (1 - delay) */
    assert_near(0.4 / (1 - (double)(kit_vcpu(&kit, 1).delay_ns - b_delay) / 1e9), 0.90, 1e-6);
    assert_int_equal(kit_vcpu(&kit, 0).delay_ns, a_delay);
    simulated_cpu(kit.world, &cpu);
    assert_near(cpu.unserved_s / cpu.wanted_s, 0.7 / 1.7, 1e-6);
    kit_close(&kit);
}

static void a_pin_takes_effect_and_is_counted(void **state)
{
    struct simulated_pcpu one;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"host\": {\"pcpus\": 2, " QUIET "}, \"guests\": ["
             "{\"name\": \"a\", \"pct\": 100, \"noise_pct\": 0, \"affinity\": \"0\"},"
             "{\"name\": \"b\", \"pct\": 100, \"noise_pct\": 0, \"affinity\": \"0\"}]}");
    kit_wait(&kit, 1);
    assert_near(kit_usage(&kit, 0, 1), 0.5, 1e-6);
    assert_int_equal(kit_pin(&kit, "b", 0, "1"), 0);
    assert_near(kit_usage(&kit, 0, 1), 1.0, 1e-6);
    assert_int_equal(kit_vcpu(&kit, 1).last_pcpu, 1);
    assert_int_equal(kit_vcpu(&kit, 1).pin_calls, 1);
    assert_int_equal(simulated_pin_calls(kit.world), 1);
    simulated_pcpu(kit.world, 1, &one);
    assert_near((double)one.busy_ns / 1e9, 1.0, 1e-6);
    kit_close(&kit);
}

/* Floating vCPUs spread by themselves, wander, and never leave their affinity. */
static void floating_vcpus_are_balanced_by_the_kernel(void **state)
{
    unsigned wandered = 0, before = 99;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"duration_s\": 100, \"host\": {\"pcpus\": \"0,3,9,12\"}, \"guests\": ["
             "{\"name\": \"a\", \"pct\": 80, \"affinity\": \"0,3,9\"},"
             "{\"name\": \"b\", \"pct\": 80}, {\"name\": \"c\", \"pct\": 80},"
             "{\"name\": \"d\", \"pct\": 80}]}");
    kit_wait(&kit, 5);
    for (int i = 0; i < 90; i++) {
        unsigned now = kit_vcpu(&kit, 0).last_pcpu;

        assert_true(now == 0 || now == 3 || now == 9);
        wandered += now != before;
        before = now;
        assert_true(kit_usage(&kit, 1, 1) > 0.3);
    }
    assert_true(wandered > 3);
    assert_near((double)kit_vcpu(&kit, 1).time_ns / 1e9, 0.8 * 95, 6);
    kit_close(&kit);
}

static void several_vcpus_paused_and_offline_ones(void **state)
{
    struct vcpu_sample sample;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"host\": {\"pcpus\": 4, \"online\": \"0-2\"}, \"guests\": ["
             "{\"name\": \"a\", \"vcpus\": 4, \"vcpus_online\": 2, \"pct\": 50}],"
             "\"events\": [{\"at_s\": 3, \"do\": \"pause\"}, {\"at_s\": 6, \"do\": \"resume\"},"
             "{\"at_s\": 8, \"do\": \"offline\", \"pcpus\": \"1\"}]}");
    kit_wait(&kit, 2);
    assert_int_equal(kit.host.sample_vcpus(kit.host.self, &sample, NULL), 0);
    assert_int_equal(sample.n_vcpus, 4);
    assert_int_equal(sample.n_pcpus, 3);
    assert_true(sample.vcpus[1].running && !sample.vcpus[2].running);
    assert_true(sample.vcpus[0].has_delay);
    vcpu_sample_done(&sample);
    kit_wait(&kit, 2);
    assert_near(kit_usage(&kit, 0, 1), 0, 1e-9);
    kit_wait(&kit, 5);
    assert_int_equal(kit.host.sample_vcpus(kit.host.self, &sample, NULL), 0);
    assert_int_equal(sample.n_pcpus, 2);
    assert_int_not_equal(kit_vcpu(&kit, 0).last_pcpu, 1);
    vcpu_sample_done(&sample);
    kit_close(&kit);
}

/* A pCPU goes away under a vCPU that is pinned to it: the kernel runs it elsewhere. */
static void a_pin_to_an_offline_pcpu_is_broken(void **state)
{
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 1,
             "{\"host\": {\"pcpus\": 2}, \"guests\": ["
             "{\"name\": \"a\", \"affinity\": \"1\", \"pct\": 50}],"
             "\"events\": [{\"at_s\": 2, \"do\": \"offline\", \"pcpus\": \"1\"}]}");
    kit_wait(&kit, 4);
    assert_int_equal(kit_vcpu(&kit, 0).last_pcpu, 0);
    assert_near(kit_usage(&kit, 0, 1), 0.5, 0.05);
    kit_close(&kit);
}

static void watch(void *arg, const struct simulated *world)
{
    uint64_t *times = arg;

    times[0]++;
    times[1] = simulated_now_ns(world);
}

static void the_watcher_sees_every_period(void **state)
{
    uint64_t times[2] = {0, 0};
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_VCPU, 5, "{\"duration_s\": 12, \"guests\": []}");
    simulated_watch(kit.world, 1, watch, times);
    kit_wait(&kit, 3);
    assert_int_equal(times[0], 10);
    assert_int_equal(kit.ticker.wait(kit.ticker.self, NULL), 0);
    assert_int_equal(times[0], 12);
    assert_int_equal(times[1], UINT64_C(12000000000));
    assert_int_equal(kit.ticker.wait(kit.ticker.self, NULL), 0);
    kit_close(&kit);
}

static uint64_t fingerprint(const char *scenario)
{
    uint64_t sum = 0;
    struct kit kit;
    struct err err;

    assert_int_equal(
        simulated_open(scenario, SIMULATED_VCPU, 2, NULL, &kit.host, &kit.ticker, &err), 0);
    kit.world = simulated_of(&kit.host);
    while (kit.ticker.wait(kit.ticker.self, NULL) > 0)
        for (size_t v = 0; v < simulated_vcpus(kit.world); v++)
            sum = sum * 31 + kit_vcpu(&kit, v).time_ns + kit_vcpu(&kit, v).last_pcpu;
    kit_close(&kit);
    return sum;
}

static void the_seed_decides_everything(void **state)
{
    (void)state;
    assert_true(fingerprint("cpu-5") == fingerprint("cpu-5"));
    assert_true(fingerprint("cpu-5") != fingerprint("cpu-5:seed=2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crowded_pcpu_is_shared_fairly),
        cmocka_unit_test(a_pin_takes_effect_and_is_counted),
        cmocka_unit_test(floating_vcpus_are_balanced_by_the_kernel),
        cmocka_unit_test(several_vcpus_paused_and_offline_ones),
        cmocka_unit_test(a_pin_to_an_offline_pcpu_is_broken),
        cmocka_unit_test(the_watcher_sees_every_period),
        cmocka_unit_test(the_seed_decides_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
