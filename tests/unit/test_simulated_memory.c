/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/simulated_fixture.h"

static const uint64_t MIB = 1024;

static void assert_mib(uint64_t kib, uint64_t min_mib, uint64_t max_mib)
{
    assert_in_range(kib, min_mib * MIB, max_mib * MIB);
}

static void a_balloon_has_a_speed(void **state)
{
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_MEMORY, 1,
             "{\"guests\": [{\"name\": \"a\", \"actual_mib\": 1000, \"balloon_mib_per_s\": 50,"
             "\"balloon_delay_s\": 0}]}");
    kit_wait(&kit, 1);
    assert_int_equal(kit_balloon(&kit, "a", 800), 0);
    kit_wait(&kit, 2);
    assert_mib(kit_guest(&kit, 0).actual_kib, 899, 901);
    kit_wait(&kit, 4);
    assert_mib(kit_guest(&kit, 0).actual_kib, 800, 800);
    assert_int_equal(kit_balloon(&kit, "a", 5000), 0);
    kit_wait(&kit, 40);
    assert_mib(kit_guest(&kit, 0).actual_kib, 2048, 2048);
    assert_int_equal(kit_guest(&kit, 0).balloon_calls, 2);
    kit_close(&kit);
}

/* What is granted costs the host nothing until it is touched; what is freed stays backed until the
 * balloon takes it. */
static void host_memory_follows_touching(void **state)
{
    struct simulated_memory before, now;
    struct kit kit;

    (void)state;
    kit_open(
        &kit, SIMULATED_MEMORY, 1,
        "{\"host\": {\"memory_mib\": 4096, \"other_mib\": 100}, \"guests\": [{\"name\": \"a\"}],"
        "\"events\": [{\"at_s\": 5, \"do\": \"use\", \"mib\": 700},"
        "{\"at_s\": 8, \"do\": \"use\", \"mib\": 100}]}");
    kit_wait(&kit, 1);
    simulated_memory(kit.world, &before);
    assert_int_equal(before.free_kib, (4096 - 100 - 512 - 60) * MIB);
    kit_balloon(&kit, "a", 1024);
    kit_wait(&kit, 3);
    simulated_memory(kit.world, &now);
    assert_int_equal(now.free_kib, before.free_kib);
    assert_int_equal(now.committed_free_kib, (int64_t)((4096 - 100 - 1024 - 60) * MIB));
    kit_wait(&kit, 3);
    simulated_memory(kit.world, &now);
    assert_mib(now.free_kib, 4096 - 100 - 60 - 846, 4096 - 100 - 60 - 844);
    kit_wait(&kit, 2);
    simulated_memory(kit.world, &before);
    assert_int_equal(before.free_kib, now.free_kib);
    kit_balloon(&kit, "a", 300);
    kit_wait(&kit, 5);
    simulated_memory(kit.world, &now);
    assert_true(now.free_kib > before.free_kib + 500 * MIB);
    kit_close(&kit);
}

/* Starved: the watermark first, then the cache goes, then the program dies. */
static void a_starved_guest_bottoms_out_and_kills(void **state)
{
    uint64_t least_cache = UINT64_MAX;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_MEMORY, 1,
             "{\"guests\": [{\"name\": \"a\", \"watermark_mib\": 60}],"
             "\"events\": [{\"at_s\": 2, \"do\": \"grow\", \"mib_per_s\": 20}]}");
    for (int i = 0; i < 30; i++) {
        struct simulated_guest guest = kit_guest(&kit, 0);

        kit_wait(&kit, 1);
        least_cache = guest.cache_kib < least_cache ? guest.cache_kib : least_cache;
    }
    assert_mib(kit_guest(&kit, 0).lowest_unused_kib, 59, 60);
    assert_mib(least_cache, 8, 40);
    assert_int_equal(kit_guest(&kit, 0).oom_below, 1);
    assert_int_equal(kit_guest(&kit, 0).oom_at_maximum, 0);
    assert_false(kit_guest(&kit, 0).program_runs);
    assert_mib(kit_guest(&kit, 0).used_kib, 170, 170);
    kit_close(&kit);
}

static void swap_comes_before_killing(void **state)
{
    struct memory_sample sample;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_MEMORY, 1,
             "{\"guests\": [{\"name\": \"a\", \"swap_mib\": 500}],"
             "\"events\": [{\"at_s\": 2, \"do\": \"grow\", \"mib_per_s\": 20, \"until_mib\": 400,"
             "\"hold_s\": 100}]}");
    kit_wait(&kit, 40);
    assert_int_equal(kit_guest(&kit, 0).oom_below, 0);
    assert_true(kit_guest(&kit, 0).swap_kib > 50 * MIB);
    assert_int_equal(kit.host.sample_memory(kit.host.self, &sample, NULL), 0);
    assert_true(sample.guests[0].swap_in_kib > 0 && sample.guests[0].swap_out_kib > 0);
    assert_true(sample.guests[0].major_faults > 0);
    memory_sample_done(&sample);
    kit_close(&kit);
}

/* A program ends at its size, frees at once; growth has the pace asked for. */
static void a_program_grows_at_its_pace(void **state)
{
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_MEMORY, 1,
             "{\"guests\": [{\"name\": \"a\", \"actual_mib\": 2048}], \"events\": ["
             "{\"at_s\": 1, \"do\": \"grow\", \"mib_per_s\": 20, \"until_mib\": 512}]}");
    kit_wait(&kit, 22);
    assert_mib(kit_guest(&kit, 0).program_kib, 340, 460);
    kit_wait(&kit, 12);
    assert_false(kit_guest(&kit, 0).program_runs);
    assert_mib(kit_guest(&kit, 0).program_peak_kib, 511, 513);
    assert_int_equal(kit_guest(&kit, 0).oom_below, 0);
    kit_close(&kit);
}

static void reports_are_taken_once_a_second(void **state)
{
    uint64_t oldest = 0;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_MEMORY, 0.25,
             "{\"guests\": [{\"name\": \"a\"}], \"events\": [{\"at_s\": 2, \"do\": \"grow\"}]}");
    for (int i = 0; i < 40; i++) {
        struct memory_sample sample;

        kit_wait(&kit, 1);
        assert_int_equal(kit.host.sample_memory(kit.host.self, &sample, NULL), 0);
        assert_true(sample.guests[0].has & MEMORY_HAS_AGE);
        oldest = sample.guests[0].stats_age_ns > oldest ? sample.guests[0].stats_age_ns : oldest;
        memory_sample_done(&sample);
    }
    assert_in_range(oldest, 700000000, 1020000000);
    kit_close(&kit);
}

/* Below nothing, the host kills the largest guest; the simulation says so. */
static void an_overdrawn_host_kills(void **state)
{
    struct simulated_memory memory;
    struct kit kit;

    (void)state;
    kit_open(&kit, SIMULATED_MEMORY, 1,
             "{\"host\": {\"memory_mib\": 2048, \"other_mib\": 100, \"cache_mib\": 50},"
             "\"guests\": [{\"name\": \"a\"}, {\"name\": \"b\", \"actual_mib\": 1024}],"
             "\"events\": [{\"at_s\": 3, \"do\": \"other-memory\", \"mib\": 600}]}");
    kit_wait(&kit, 3);
    assert_true(kit_guest(&kit, 1).alive);
    kit_wait(&kit, 2);
    simulated_memory(kit.world, &memory);
    assert_int_equal(memory.host_oom_kills, 1);
    assert_false(kit_guest(&kit, 1).alive);
    assert_true(kit_guest(&kit, 0).alive);
    assert_int_equal(memory.lowest_free_kib, 0);
    kit_close(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_balloon_has_a_speed),
        cmocka_unit_test(host_memory_follows_touching),
        cmocka_unit_test(a_starved_guest_bottoms_out_and_kills),
        cmocka_unit_test(swap_comes_before_killing),
        cmocka_unit_test(a_program_grows_at_its_pace),
        cmocka_unit_test(reports_are_taken_once_a_second),
        cmocka_unit_test(an_overdrawn_host_kills),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
