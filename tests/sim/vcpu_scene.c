/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/vcpu_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/accept/drive.h"

void vcpu_scene(const char *scenario, double interval_s, const struct vcpu_settings *settings,
                struct cpu_record *ret)
{
    struct vcpu_settings defaults;
    struct err err = {0, ""};
    struct ticker ticker;
    struct host host;
    int r = scenario[0] == '{'
                ? simulated_open_text(scenario, SIMULATED_VCPU, interval_s, &host, &ticker, &err)
                : simulated_open(scenario, SIMULATED_VCPU, interval_s, NULL, &host, &ticker, &err);

    if (r < 0)
        fail_msg("%s", err.text);
    vcpu_settings_default(&defaults);
    cpu_monitor_attach(ret, simulated_of(&host));
    if (drive_vcpus(&host, &ticker, settings ? settings : &defaults, NULL, &err) < 0)
        fail_msg("%s", err.text);
    host.close(host.self);
}

double vcpu_scene_sigma(const struct cpu_record *record)
{
    double sum = 0;

    for (size_t s = record->n_samples - 5; s < record->n_samples; s++)
        sum += cpu_record_sigma(record, s);
    return sum / 5;
}

unsigned vcpu_scene_pins(const struct cpu_record *record, size_t from_s)
{
    return cpu_record_pins(record, from_s, record->n_samples);
}

size_t vcpu_scene_pinned_on(const struct cpu_record *record, unsigned pcpu)
{
    size_t at = (record->n_samples - 1) * record->n_vcpus, n = 0;

    for (size_t v = 0; v < record->n_vcpus; v++) {
        int p = record->pinned[at + v];

        n += p >= 0 && record->pcpu_ids[p] == pcpu;
    }
    return n;
}

void vcpu_scene_seeded(const char *scenario, unsigned seed, char *ret)
{
    sprintf(ret, "{\"seed\": %u, %s", seed, scenario + 1);
}
