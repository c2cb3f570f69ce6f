/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/sim/ablation.h"
#include "tests/sim/memory_scene.h"

/* Hosts on which memory is not what it seems. Each scene holds, and fails when the program does not
 * see what makes it strange ("told": false), or does without the defence that is for it. */

#define HOST "{\"duration_s\": 120, \"host\": {\"memory_mib\": 8192}, \"guests\": ["
#define BUSY                                                                                       \
    "], \"events\": [{\"at_s\": 10, \"do\": \"grow\", \"guest\": \"odd\", \"mib_per_s\": 15,"      \
    "\"until_mib\": 900, \"hold_s\": 1000}"

struct scene {
    const char *guest;  /* its members */
    const char *events; /* from "], \"events\": [" on */
    bool (*holds)(const struct simulated_guest *odd);
    ablation *without; /* NULL: the definition is not seen */
};

static bool holds(const struct scene *scene, bool is_ablated)
{
    struct memory_settings settings;
    struct memory_record record;
    char text[2000];
    bool has_held;

    memory_settings_default(&settings);
    if (is_ablated && scene->without)
        scene->without(&settings);
    snprintf(text, sizeof(text), HOST "{\"name\": \"odd\", %s%s}%s]}", scene->guest,
             is_ablated && !scene->without ? ", \"told\": false" : "", scene->events);
    memory_scene(text, 2, &settings, &record);
    if (!is_ablated)
        memory_scene_safe(&record);
    has_held = scene->holds(memory_scene_guest(&record, "odd", 0));
    if (has_held == is_ablated)
        memory_record_print(&record, stderr);
    memory_record_done(&record);
    return has_held;
}

static void holds_with_and_not_without(const struct scene *scene)
{
    assert_true(holds(scene, false));
    assert_false(holds(scene, true));
}

static const uint64_t MIB = 1024;

/* 512 MiB of balloon, 512 MiB of virtio-mem. */
#define VIRTIO_MEM                                                                                 \
    "\"maximum_mib\": 1024, \"virtio_mem_mib\": 1024, \"plugged_mib\": 512, \"actual_mib\": 1024," \
    "\"cache_mib\": 0"

static bool is_fed_without_a_refusal(const struct simulated_guest *odd)
{
    return odd->refused_calls == 0 && odd->program_kib == 900 * MIB && odd->oom_below == 0 &&
           odd->unused_kib >= 90 * MIB;
}

static void a_balloon_beside_virtio_mem_grows_by_itself(void **state)
{
    const struct scene scene = {VIRTIO_MEM ", \"used_mib\": 300", BUSY, is_fed_without_a_refusal,
                                NULL};

    (void)state;
    holds_with_and_not_without(&scene);
}

static bool is_reclaimed(const struct simulated_guest *odd)
{
    return odd->refused_calls == 0 && odd->actual_kib <= 860 * MIB && odd->balloon_calls > 0;
}

static void a_balloon_beside_virtio_mem_is_asked_for_less_and_gives_less(void **state)
{
    const struct scene scene = {VIRTIO_MEM ", \"used_mib\": 600", "], \"events\": [", is_reclaimed,
                                NULL};

    (void)state;
    holds_with_and_not_without(&scene);
}

/* 256 MiB more are plugged while it grows. */
static void virtio_mem_is_plugged_while_the_balloon_moves(void **state)
{
    const struct scene scene = {
        VIRTIO_MEM ", \"used_mib\": 300",
        BUSY ",{\"at_s\": 25, \"do\": \"virtio-mem\", \"guest\": \"odd\", \"mib\": 768}",
        is_fed_without_a_refusal, NULL};

    (void)state;
    holds_with_and_not_without(&scene);
}

static bool has_rested(const struct simulated_guest *odd)
{
    return odd->actual_kib == odd->maximum_kib && odd->balloon_calls <= 20;
}

static void what_only_the_maximum_counts_is_never_asked_for(void **state)
{
    const struct scene scene = {
        "\"maximum_mib\": 1024, \"nvdimm_mib\": 512, \"actual_mib\": 512, \"used_mib\": 300,"
        "\"cache_mib\": 0",
        "], \"events\": [{\"at_s\": 10, \"do\": \"grow\", \"guest\": \"odd\", \"mib_per_s\": 15,"
        "\"until_mib\": 650, \"hold_s\": 1000}",
        has_rested, NULL};

    (void)state;
    holds_with_and_not_without(&scene);
}

static bool is_alive_and_well(const struct simulated_guest *odd)
{
    return odd->limit_kills == 0 && odd->alive && odd->actual_kib >= 880 * MIB;
}

static void a_grant_never_goes_beyond_a_hard_limit(void **state)
{
    const struct scene scene = {
        "\"maximum_mib\": 4096, \"hard_limit_mib\": 1024, \"swap_mib\": 600", BUSY,
        is_alive_and_well, NULL};

    (void)state;
    holds_with_and_not_without(&scene);
}

static bool has_its_size_back(const struct simulated_guest *odd)
{
    return odd->actual_kib >= 2000 * MIB && odd->lowest_actual_kib < 1950 * MIB;
}

static void a_guest_that_keeps_its_pages_gets_its_size_back(void **state)
{
    const struct scene scene = {
        "\"maximum_mib\": 2048, \"actual_mib\": 2048, \"keeps_pages\": true", "], \"events\": [",
        has_its_size_back, NULL};
    struct scene other = scene;

    (void)state;
    other.without = without_yield;
    holds_with_and_not_without(&other);
}

/* Its balloon is slow: too little at once to be seen in one interval. */
static void a_guest_that_keeps_its_pages_bit_by_bit(void **state)
{
    const struct scene scene = {
        "\"maximum_mib\": 2048, \"actual_mib\": 2048, \"keeps_pages\": true,"
        "\"balloon_mib_per_s\": 12",
        "], \"events\": [", has_its_size_back, without_yield};

    (void)state;
    holds_with_and_not_without(&scene);
}

/* Memory that was never touched cannot come back: nothing is wrong with this guest. */
static bool is_small_and_left(const struct simulated_guest *odd)
{
    return odd->actual_kib <= 460 * MIB && odd->balloon_calls <= 20;
}

static void a_guest_that_has_touched_little_is_no_guest_that_keeps(void **state)
{
    const struct scene scene = {"\"maximum_mib\": 2048, \"actual_mib\": 2048, \"touched_mib\": 330",
                                "], \"events\": [", is_small_and_left, NULL};

    (void)state;
    assert_true(holds(&scene, false));
}

static bool was_seldom_refused(const struct simulated_guest *odd)
{
    return odd->refused_calls > 0 && odd->refused_calls <= 5;
}

static void a_refused_balloon_call_is_not_made_in_each_interval(void **state)
{
    const struct scene scene = {
        "\"maximum_mib\": 2048, \"actual_mib\": 1024",
        "], \"events\": [{\"do\": \"refuse\", \"guest\": \"odd\", \"for_s\": 500}",
        was_seldom_refused, without_backoff};

    (void)state;
    holds_with_and_not_without(&scene);
}

static bool is_untouched(const struct simulated_guest *odd)
{
    return odd->balloon_calls == 0 && odd->actual_kib == 1024 * MIB;
}

static void whatever_locks_its_memory_a_guest_is_left_alone(void **state)
{
    static const char *const locks[] = {"locked", "huge-pages", "device",
                                        "disk",   "encrypted",  "uncounted"};

    (void)state;
    for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
        char guest[100];
        const struct scene scene = {guest, "], \"events\": [", is_untouched, NULL};

        snprintf(guest, sizeof(guest), "\"actual_mib\": 1024, \"lock\": \"%s\"", locks[i]);
        holds_with_and_not_without(&scene);
    }
}

/* Half of the host is in ZFS's cache, which shrinks by itself and not when a guest wants more. */
#define ZFS(told)                                                                                  \
    "{\"duration_s\": 120, \"host\": {\"memory_mib\": 8192, \"arc_mib\": 4096, \"told\": " told    \
    "}, \"guests\": [{\"name\": \"a\", \"count\": 3, \"maximum_mib\": 3072}], \"events\": ["       \
    "{\"at_s\": 10, \"do\": \"grow\", \"mib_per_s\": 20, \"until_mib\": 2500, \"hold_s\": 1000}]}"

static void the_cache_of_zfs_is_no_free_memory(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene(ZFS("true"), 2, NULL, &record);
    memory_scene_safe(&record);
    assert_true(memory_scene_actual_mib(&record, "a-1", 40) > 700);
    memory_record_done(&record);
    memory_scene(ZFS("false"), 2, NULL, &record);
    assert_true(record.host[record.n_samples - 1].host_oom_kills > 0);
    memory_record_done(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_balloon_beside_virtio_mem_grows_by_itself),
        cmocka_unit_test(a_balloon_beside_virtio_mem_is_asked_for_less_and_gives_less),
        cmocka_unit_test(virtio_mem_is_plugged_while_the_balloon_moves),
        cmocka_unit_test(what_only_the_maximum_counts_is_never_asked_for),
        cmocka_unit_test(a_grant_never_goes_beyond_a_hard_limit),
        cmocka_unit_test(a_guest_that_keeps_its_pages_gets_its_size_back),
        cmocka_unit_test(a_guest_that_keeps_its_pages_bit_by_bit),
        cmocka_unit_test(a_guest_that_has_touched_little_is_no_guest_that_keeps),
        cmocka_unit_test(a_refused_balloon_call_is_not_made_in_each_interval),
        cmocka_unit_test(whatever_locks_its_memory_a_guest_is_left_alone),
        cmocka_unit_test(the_cache_of_zfs_is_no_free_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
