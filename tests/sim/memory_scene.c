/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/memory_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/accept/drive.h"

enum { MIB = 1024 };

void memory_scene(const char *scenario, double interval_s, const struct memory_settings *settings,
                  struct memory_record *ret)
{
    struct memory_settings used;
    struct err err = {0, ""};
    struct ticker ticker;
    struct host host;
    int r =
        scenario[0] == '{'
            ? simulated_open_text(scenario, SIMULATED_MEMORY, interval_s, &host, &ticker, &err)
            : simulated_open(scenario, SIMULATED_MEMORY, interval_s, NULL, &host, &ticker, &err);

    if (r < 0)
        fail_msg("%s", err.text);
    memory_settings_default(&used);
    if (settings)
        used = *settings;
    used.interval_s = interval_s;
    memory_monitor_attach(ret, simulated_of(&host));
    if (drive_memory(&host, &ticker, &used, &err) < 0)
        fail_msg("%s", err.text);
    host.close(host.self);
}

const struct simulated_guest *memory_scene_guest(const struct memory_record *record,
                                                 const char *name, size_t at_s)
{
    size_t sample = at_s ? at_s / MEMORY_SAMPLE_S - 1 : record->n_samples - 1;

    for (size_t g = 0; g < record->n_guests; g++)
        if (strcmp(memory_record_at(record, sample, g)->name, name) == 0)
            return memory_record_at(record, sample, g);
    fail_msg("no guest is called %s", name);
    return NULL;
}

uint64_t memory_scene_actual_mib(const struct memory_record *record, const char *name, size_t at_s)
{
    return (memory_scene_guest(record, name, at_s)->actual_kib + MIB / 2) / MIB;
}

uint64_t memory_scene_calls(const struct memory_record *record, const char *name, size_t from_s)
{
    return memory_scene_guest(record, name, 0)->balloon_calls -
           memory_scene_guest(record, name, from_s)->balloon_calls;
}

void memory_scene_safe(const struct memory_record *record)
{
    const struct simulated_memory *host = &record->host[record->n_samples - 1];

    if (host->lowest_committed_free_kib < 200 * MIB) {
        memory_record_print(record, stderr);
        fail_msg("the host had %lld MiB left", (long long)host->lowest_committed_free_kib / MIB);
    }
    assert_int_equal(host->host_oom_kills, 0);
    for (size_t g = 0; g < record->n_guests; g++) {
        const struct simulated_guest *guest = memory_record_at(record, record->n_samples - 1, g);

        assert_int_equal(guest->forbidden_calls, 0);
        assert_true(guest->lowest_actual_kib >= 200 * MIB);
    }
}
