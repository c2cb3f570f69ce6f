/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "agent/simulated/simulated.h"
#include "tests/accept/drive.h"

/* Days of it: what is kept from one interval to the next does not grow, whoever comes and goes. */

enum { CHANGES_S = 1000 };

/* Every few minutes programs grow and end, loads change, a guest goes and comes back, and somebody
 * pins everyone to pCPU 0. */
static char *scenario_of(unsigned duration_s)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    fprintf(out, "{\"duration_s\": %u, \"step_ms\": 1000, \"guests\": [", duration_s);
    fprintf(out, "{\"name\": \"a\", \"count\": 3, \"pct\": 40, \"noise_pct\": 5},"
                 "{\"name\": \"b\", \"pct\": 70}], \"events\": [{\"do\": \"online\", "
                 "\"pcpus\": \"0\"}");
    for (unsigned t = CHANGES_S; t < duration_s; t += CHANGES_S)
        fprintf(out,
                ",{\"at_s\": %u, \"do\": \"grow\", \"guest\": \"a-1\", \"until_mib\": 300},"
                "{\"at_s\": %u, \"do\": \"stop\", \"guest\": \"a-2\"},"
                "{\"at_s\": %u, \"do\": \"start\", \"guest\": \"a-2\"},"
                "{\"at_s\": %u, \"do\": \"load\", \"guest\": \"b\", \"pct\": %u},"
                "{\"at_s\": %u, \"do\": \"pin\", \"pcpus\": \"0\"}",
                t, t + 10, t + 40, t + 60, t / CHANGES_S % 90, t + 90);
    fprintf(out, "]}");
    assert_int_equal(fclose(out), 0);
    return text;
}

static long resident_kib(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void play(unsigned duration_s, enum simulated_kind kind)
{
    char *scenario = scenario_of(duration_s);
    struct memory_settings memory;
    struct vcpu_settings vcpu;
    struct err err = {0, ""};
    struct ticker ticker;
    struct host host;
    int r;

    vcpu_settings_default(&vcpu);
    memory_settings_default(&memory);
    memory.interval_s = 1;
    if (simulated_open_text(scenario, kind, 1, &host, &ticker, &err) < 0)
        fail_msg("%s", err.text);
    r = kind == SIMULATED_VCPU ? drive_vcpus(&host, &ticker, &vcpu, NULL, &err)
                               : drive_memory(&host, &ticker, &memory, &err);
    if (r < 0)
        fail_msg("%s", err.text);
    host.close(host.self);
    free(scenario);
}

static void stays_flat(enum simulated_kind kind)
{
    long after_a_day;

    play(20000, kind);
    after_a_day = resident_kib();
    play(100000, kind);
    /* the scenario itself is larger by 400 events */
    assert_in_range(resident_kib(), 0, after_a_day + 2048);
}

static void a_scheduler_stays_flat_over_100000_intervals(void **state)
{
    (void)state;
    stays_flat(SIMULATED_VCPU);
}

static void a_coordinator_stays_flat_over_100000_intervals(void **state)
{
    (void)state;
    stays_flat(SIMULATED_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scheduler_stays_flat_over_100000_intervals),
        cmocka_unit_test(a_coordinator_stays_flat_over_100000_intervals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
