/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/guest_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/check.h"
#include "tests/unit/cpuset_fixture.h"

void guest_kit_pin(struct guest_kit *kit, size_t vcpu, const char *affinity)
{
    kit->vcpus[vcpu].affinity = cpuset_of(affinity);
}

void guest_kit_allow(struct guest_kit *kit, size_t vcpu, const char *pcpus)
{
    kit->vcpus[vcpu].allowed = cpuset_of(pcpus);
}

void guest_kit_init(struct guest_kit *kit, size_t n_pcpus, size_t n_vcpus,
                    const char *const *affinity)
{
    memset(kit, 0, sizeof(*kit));
    kit->has_delay = true;
    kit->sample = (struct vcpu_sample){.at_ns = 1000000000,
                                       .pcpus = kit->pcpus,
                                       .n_pcpus = n_pcpus,
                                       .vcpus = kit->vcpus,
                                       .n_vcpus = n_vcpus};
    for (size_t p = 0; p < n_pcpus; p++)
        kit->pcpus[p].id = (unsigned)p;
    for (size_t i = 0; i < n_vcpus; i++) {
        struct vcpu_reading *reading = &kit->vcpus[i];

        reading->guest.uuid[0] = (unsigned char)(i + 1);
        snprintf(reading->guest.name, sizeof(reading->guest.name), "g%zu", i);
        reading->running = true;
        guest_kit_allow(kit, i, "0-8191");
        guest_kit_pin(kit, i, affinity[i]);
    }
    vcpu_sample_sort(&kit->sample);
}

void guest_kit_all(struct guest_kit *kit, size_t n_pcpus, size_t n_vcpus, const char *affinity)
{
    const char *each[KIT_VCPUS];

    for (size_t i = 0; i < n_vcpus; i++)
        each[i] = affinity;
    guest_kit_init(kit, n_pcpus, n_vcpus, each);
}

/* Before a sample is looked at; a pin that the test set is seen then. */
static int pcpu_of(const struct vcpu_reading *reading)
{
    return cpuset_count(&reading->affinity) == 1 ? (int)cpuset_next(&reading->affinity, 0) : -1;
}

int guest_kit_pcpu(const struct guest_kit *kit, size_t vcpu)
{
    return pcpu_of(&kit->vcpus[vcpu]);
}

int guest_kit_load(const struct guest_kit *kit, unsigned pcpu)
{
    int load = 0;

    for (size_t i = 0; i < kit->sample.n_vcpus; i++)
        if (kit->vcpus[i].running && pcpu_of(&kit->vcpus[i]) == (int)pcpu)
            load += kit->load_permille[i];
    return load;
}

/* How many times slower everything runs on a crowded pCPU: with w wanted alone, w / (w s + 1 - w)
 * is got, and all of them together get one pCPU. */
static double slowdown(const struct guest_kit *kit, int pcpu)
{
    double low = 1.0, high = 1e4;

    if (pcpu < 0 || guest_kit_load(kit, (unsigned)pcpu) <= 1000)
        return 1.0;
    for (int k = 0; k < 60; k++) {
        double s = (low + high) / 2, sum = 0;

        for (size_t i = 0; i < kit->sample.n_vcpus; i++) {
            double w = kit->load_permille[i] / 1000.0;

            if (pcpu_of(&kit->vcpus[i]) == pcpu && kit->vcpus[i].running)
                sum += w / (w * s + 1.0 - w);
        }
        *(sum > 1.0 ? &low : &high) = s;
    }
    return low;
}

void guest_kit_pass(struct guest_kit *kit, double seconds)
{
    vcpu_sample_sort(&kit->sample);
    kit->sample.at_ns += (uint64_t)(seconds * 1e9);
    for (size_t i = 0; i < kit->sample.n_vcpus; i++) {
        struct vcpu_reading *reading = &kit->vcpus[i];
        double w = kit->load_permille[i] / 1000.0;
        double s = slowdown(kit, pcpu_of(reading));
        double wall = w * s + 1.0 - w;

        if (!reading->running)
            continue;
        reading->has_delay = kit->has_delay;
        reading->cpu_time_ns += (uint64_t)llround(seconds * 1e9 * w / wall);
        reading->delay_ns += (uint64_t)llround(seconds * 1e9 * w * (s - 1.0) / wall);
    }
}

void guest_kit_plan(struct guest_kit *kit, struct vcpu_planner *planner, struct vcpu_plan *ret)
{
    struct err err = {0};

    memset(ret, 0, sizeof(*ret));
    vcpu_sample_sort(&kit->sample);
    if (vcpu_planner_step(planner, &kit->sample, ret, &err) < 0)
        fail_msg("%s", err.text);
    if (vcpu_check(&kit->sample, ret, &err) < 0)
        fail_msg("%s", err.text);
}

size_t guest_kit_step(struct guest_kit *kit, struct vcpu_planner *planner, double seconds,
                      enum verdict *ret_verdict)
{
    struct vcpu_plan plan;
    size_t n_pins;

    guest_kit_pass(kit, seconds);
    guest_kit_plan(kit, planner, &plan);
    for (size_t i = 0; i < plan.n_places; i++)
        if (plan.places[i].to_place != plan.places[i].from_place) {
            memset(&kit->vcpus[i].affinity, 0, sizeof(kit->vcpus[i].affinity));
            cpuset_add(&kit->vcpus[i].affinity, (unsigned)plan.places[i].to_place);
        }
    n_pins = plan.n_pins;
    if (ret_verdict)
        *ret_verdict = plan.verdict;
    vcpu_plan_done(&plan);
    return n_pins;
}

size_t guest_kit_run(struct guest_kit *kit, struct vcpu_planner *planner, double seconds, int times)
{
    size_t n_pins = 0;

    while (times-- > 0)
        n_pins += guest_kit_step(kit, planner, seconds, NULL);
    return n_pins;
}

struct vcpu_planner *guest_kit_planner(const struct vcpu_settings *settings)
{
    struct vcpu_settings defaults;
    struct vcpu_planner *planner;

    vcpu_settings_default(&defaults);
    planner = vcpu_planner_new(settings ? settings : &defaults);
    assert_non_null(planner);
    return planner;
}

struct vcpu_planner *guest_kit_planner_at(enum pin_level level)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    settings.level = level;
    return guest_kit_planner(&settings);
}
