/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/host/guest_stats.h"
#include "agent/host/sample_build.h"

struct param {
    const char *field;
    uint64_t value;
};

static struct guest_stats take(const struct param *params, size_t n)
{
    struct guest_stats stats = {0};

    for (size_t i = 0; i < n; i++)
        assert_int_equal(guest_stats_take(&stats, params[i].field, params[i].value), 0);
    return stats;
}
#define TAKE(params) take(params, sizeof(params) / sizeof((params)[0]))

/* A guest of four vCPUs at most, of which 0 and 3 are there, told in a strange order. */
static void vcpus_by_number_not_by_position(void **state)
{
    static const struct param params[] = {
        {"vcpu.3.delay", 77},   {"vcpu.current", 2},  {"vcpu.maximum", 4}, {"vcpu.3.state", 1},
        {"vcpu.3.time", 3000},  {"vcpu.0.time", 500}, {"vcpu.0.state", 0}, {"vcpu.0.wait", 9},
        {"vcpu.x.time", 1},     {"vcpu.3", 1},        {"vcpu.3.", 1},      {"vcpu.-1.time", 1},
        {"vcpu.99999.time", 1}, {"state.state", 1},   {"other.thing", 1},  {"", 1},
    };
    struct guest_stats stats = TAKE(params);

    (void)state;
    assert_int_equal(stats.n_vcpus, 4);
    assert_int_equal(stats.max_vcpus, 4);
    assert_true(stats.vcpus[0].has_time && !stats.vcpus[0].has_delay && !stats.vcpus[0].online);
    assert_false(stats.vcpus[1].has_time || stats.vcpus[2].has_time);
    assert_true(stats.vcpus[3].has_time && stats.vcpus[3].has_delay && stats.vcpus[3].online);
    assert_int_equal(stats.vcpus[3].time_ns, 3000);
    assert_int_equal(stats.vcpus[3].delay_ns, 77);
    assert_int_equal(guest_stats_run(&stats), GUEST_RUNNING);
    guest_stats_done(&stats);
}

static void balloon_fields_and_their_absence(void **state)
{
    static const struct param full[] = {
        {"balloon.usable", 5},      {"balloon.current", 100},     {"balloon.unused", 3},
        {"balloon.available", 90},  {"balloon.maximum", 200},     {"balloon.rss", 80},
        {"balloon.swap_in", 1},     {"balloon.swap_out", 2},      {"balloon.major_fault", 6},
        {"balloon.disk_caches", 7}, {"balloon.last-update", 123}, {"balloon.hugetlb_pgalloc", 1},
    };
    static const struct param bare[] = {{"balloon.current", 100}};
    struct guest_stats stats = TAKE(full);

    (void)state;
    assert_int_equal(stats.memory.has, MEMORY_HAS_UNUSED | MEMORY_HAS_AVAILABLE |
                                           MEMORY_HAS_USABLE | MEMORY_HAS_CACHES | MEMORY_HAS_SWAP |
                                           MEMORY_HAS_FAULTS | MEMORY_HAS_RSS);
    assert_int_equal(stats.memory.actual_kib, 100);
    assert_int_equal(stats.memory.maximum_kib, 200);
    assert_int_equal(stats.memory.unused_kib, 3);
    assert_int_equal(stats.memory.available_kib, 90);
    assert_int_equal(stats.memory.usable_kib, 5);
    assert_int_equal(stats.memory.caches_kib, 7);
    assert_int_equal(stats.memory.swap_in_kib, 1);
    assert_int_equal(stats.memory.swap_out_kib, 2);
    assert_int_equal(stats.memory.major_faults, 6);
    assert_int_equal(stats.memory.rss_kib, 80);
    assert_true(stats.has_actual && stats.has_maximum && stats.has_update);
    assert_int_equal(stats.last_update_s, 123);
    guest_stats_done(&stats);
    stats = TAKE(bare);
    assert_int_equal(stats.memory.has, 0);
    assert_true(stats.has_actual && !stats.has_maximum && !stats.has_update);
    guest_stats_done(&stats);
}

static void samples_grow_with_zeroed_readings(void **state)
{
    struct vcpu_sample vcpus = {0};
    struct memory_sample memory = {0};
    struct cpuset online = {0};
    size_t room = 0, memory_room = 0;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        struct vcpu_reading *vcpu = vcpu_sample_add(&vcpus, &room);
        struct memory_reading *guest = memory_sample_add(&memory, &memory_room);

        assert_int_equal(vcpu->cpu_time_ns, 0);
        assert_int_equal(guest->has, 0);
        vcpu->cpu_time_ns = vcpu->vcpu = i;
        guest->has = 1;
        guest->actual_kib = i;
    }
    assert_int_equal(vcpus.n_vcpus, 100);
    assert_int_equal(vcpus.vcpus[57].vcpu, 57);
    assert_int_equal(memory.guests[99].actual_kib, 99);
    cpuset_add(&online, 3);
    cpuset_add(&online, 4000);
    assert_int_equal(vcpu_sample_set_pcpus(&vcpus, &online), 0);
    assert_int_equal(vcpus.n_pcpus, 2);
    assert_int_equal(vcpus.pcpus[1].id, 4000);
    vcpu_sample_done(&vcpus);
    memory_sample_done(&memory);
}

static void sizes_that_no_machine_has_are_not_told(void **state)
{
    static const struct param params[] = {
        {"balloon.current", 100},
        {"balloon.current", UINT64_MAX},
        {"balloon.maximum", (UINT64_C(1) << 44) + 1},
        {"balloon.rss", (uint64_t)INT64_MAX - 15},
        {"balloon.swap_in", UINT64_MAX},
    };
    struct guest_stats stats = TAKE(params);

    (void)state;
    assert_int_equal(stats.memory.actual_kib, 100);
    assert_false(stats.has_maximum);
    assert_int_equal(stats.memory.has, MEMORY_HAS_SWAP);
    guest_stats_done(&stats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vcpus_by_number_not_by_position),
        cmocka_unit_test(balloon_fields_and_their_absence),
        cmocka_unit_test(samples_grow_with_zeroed_readings),
        cmocka_unit_test(sizes_that_no_machine_has_are_not_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
