/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/vcpu_scene.h"

/* Large hosts. */

/* 128 vCPUs on 64 pCPUs, crowded onto one of them. */
static void a_large_host(void **state)
{
    struct cpu_record record;

    (void)state;
    vcpu_scene("{\"duration_s\": 40, \"step_ms\": 100, \"host\": {\"pcpus\": 64, \"memory_mib\": "
               "65536}, \"guests\": ["
               "{\"name\": \"a\", \"count\": 64, \"vcpus\": 2, \"pct\": 35,"
               "\"affinity\": \"0\"}]}",
               5, NULL, &record);
    assert_true(vcpu_scene_sigma(&record) < 3);
    assert_in_range(vcpu_scene_pins(&record, 0), 96, 128);
    assert_int_equal(vcpu_scene_pins(&record, 20), 0);
    cpu_record_done(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
