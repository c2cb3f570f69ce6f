/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/sim/memory_scene.h"

/* One guest grows, two are idle, one does not behave: the grower gets what it needs, the host keeps
 * its reserve, and the odd one is neither harmed nor pestered. */

/* free at first: 2600 - 250 - 4 * (512 + 60) = 62 MiB over the reserve: the grower needs the
 * others */
#define WORLD(odd, events)                                                                         \
    "{\"duration_s\": 160, \"host\": {\"memory_mib\": 2800, \"other_mib\": 250}, \"guests\": ["    \
    "{\"name\": \"grower\"}, {\"name\": \"idle-1\"}, {\"name\": \"idle-2\"},"                      \
    "{\"name\": \"odd\"" odd "}], \"events\": ["                                                   \
    "{\"at_s\": 30, \"do\": \"grow\", \"guest\": \"grower\", \"mib_per_s\": 10,"                   \
    "\"until_mib\": 350, \"hold_s\": 1000}" events "]}"

struct scene {
    const char *name, *scenario;
    uint64_t odd_min_mib, odd_max_mib; /* at the end */
    uint64_t max_calls;                /* for the odd one, in the last 100 s */
};

static const struct scene scenes[] = {
    {"plain", WORLD("", ""), 400, 450, 10},
    {"no driver", WORLD(", \"balloon_driver\": false", ""), 512, 512, 0},
    {"no device", WORLD(", \"balloon_device\": false", ""), 512, 512, 0},
    {"stuck", WORLD(", \"balloon_mib_per_s\": 0", ""), 512, 512, 6},
    {"slow", WORLD(", \"balloon_mib_per_s\": 2, \"balloon_delay_s\": 2", ""), 400, 450, 50},
    {"hidden lower limit", WORLD(", \"balloon_least_mib\": 480", ""), 480, 480, 6},
    {"locked", WORLD(", \"locked\": true, \"maximum_mib\": 512", ""), 512, 512, 0},
    {"paused", WORLD("", ",{\"at_s\": 4, \"do\": \"pause\", \"guest\": \"odd\"}"), 500, 512, 0},
    {"statistics missing",
     WORLD("", ",{\"do\": \"statistics\", \"are\": \"missing\", \"guest\": \"odd\"}"), 512, 512, 0},
    {"statistics frozen",
     WORLD("", ",{\"do\": \"statistics\", \"are\": \"frozen\", \"guest\": \"odd\"}"), 512, 512, 0},
    {"statistics -1",
     WORLD("", ",{\"do\": \"statistics\", \"are\": \"minus-one\", \"guest\": \"odd\"}"), 512, 512,
     0},
    {"statistics absurd",
     WORLD("", ",{\"do\": \"statistics\", \"are\": \"absurd\", \"guest\": \"odd\"}"), 512, 512, 0},
    {"statistics from the future",
     WORLD("", ",{\"do\": \"statistics\", \"are\": \"future\", \"guest\": \"odd\"}"), 512, 512, 0},
    {"autodeflate", WORLD(", \"autodeflate\": true", ""), 400, 450, 10},
    {"vanishes", WORLD("", ",{\"do\": \"vanish\", \"guest\": \"odd\"}"), 0, 600, 2},
    {"stops", WORLD("", ",{\"at_s\": 40, \"do\": \"stop\", \"guest\": \"odd\"}"), 0, 600, 4},
    {"all calls fail", WORLD("", ",{\"do\": \"refuse\", \"guest\": \"odd\", \"for_s\": 500}"), 512,
     512, 0},
};

static void play(const struct scene *scene)
{
    const struct simulated_guest *grower;
    struct memory_record record;
    uint64_t odd;

    printf("             %s\n", scene->name);
    memory_scene(scene->scenario, 2, NULL, &record);
    memory_scene_safe(&record);
    grower = memory_scene_guest(&record, "grower", 0);
    odd = memory_scene_actual_mib(&record, "odd", 0);
    if (grower->oom_below || !grower->program_runs || odd < scene->odd_min_mib ||
        odd > scene->odd_max_mib || memory_scene_calls(&record, "odd", 60) > scene->max_calls) {
        memory_record_print(&record, stderr);
        fail_msg("%s: grower %s, odd one at %llu MiB with %llu calls", scene->name,
                 grower->program_runs ? "lives" : "died", (unsigned long long)odd,
                 (unsigned long long)memory_scene_calls(&record, "odd", 60));
    }
    /* at rest nobody is called any more */
    assert_in_range(memory_scene_calls(&record, "idle-1", 140), 0, 1);
    assert_in_range(memory_scene_calls(&record, "grower", 140), 0, 1);
    memory_record_done(&record);
}

static void odd_guests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
        play(&scenes[i]);
}

/* A guest that reports no unused memory at all is in need: it must not starve others of theirs. */
static void statistics_of_zero_do_not_drain_the_host(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene(WORLD("", ",{\"do\": \"statistics\", \"are\": \"zero\", \"guest\": \"odd\"}"), 2,
                 NULL, &record);
    memory_scene_safe(&record);
    assert_int_equal(memory_scene_guest(&record, "grower", 0)->oom_below, 0);
    memory_record_done(&record);
}

/* Obeys, and goes back when the memory has been given away: it is asked less and less often, and
 * what it takes back is the most that the reserve can lose. */
static void a_guest_that_reverts_is_not_asked_for_ever(void **state)
{
    struct memory_record record;
    const struct simulated_memory *host;

    (void)state;
    memory_scene(WORLD(", \"balloon_reverts_s\": 6", ""), 2, NULL, &record);
    host = &record.host[record.n_samples - 1];
    assert_true(host->lowest_committed_free_kib >= (200 - 80) * 1024);
    assert_int_equal(host->host_oom_kills, 0);
    assert_int_equal(memory_scene_guest(&record, "grower", 0)->oom_below, 0);
    assert_in_range(memory_scene_calls(&record, "odd", 60), 0, 12);
    memory_record_done(&record);
}

static void migrating_guests_are_left_alone(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene(WORLD("", ",{\"do\": \"migrate\", \"guest\": \"odd\", \"for_s\": 1000}"), 2, NULL,
                 &record);
    memory_scene_safe(&record);
    assert_int_equal(memory_scene_actual_mib(&record, "odd", 0), 512);
    memory_record_done(&record);
}

/* A guest that is shown with 256 MiB arrives with 1024, while another one takes whatever it gets. */
#define ARRIVAL(told)                                                                              \
    "{\"duration_s\": 160, \"host\": {\"memory_mib\": 3300, \"other_mib\": 250}, \"guests\": ["    \
    "{\"name\": \"grower\", \"swap_mib\": 1000}, {\"name\": \"idle-1\"}, {\"name\": \"idle-2\"},"  \
    "{\"name\": \"comer\", \"present\": false, \"maximum_mib\": 1024, \"actual_mib\": 256," told   \
    "\"used_mib\": 120, \"cache_mib\": 20}], \"events\": ["                                        \
    "{\"at_s\": 40, \"do\": \"incoming\", \"guest\": \"comer\", \"for_s\": 30, \"mib\": 1024},"    \
    "{\"at_s\": 42, \"do\": \"grow\", \"guest\": \"grower\", \"mib_per_s\": 20}]}"

static void an_arriving_guest_finds_all_that_it_may_hold(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene(ARRIVAL(""), 2, NULL, &record);
    memory_scene_safe(&record);
    assert_int_equal(memory_scene_calls(&record, "comer", 2),
                     memory_scene_calls(&record, "comer", 72));
    assert_true(memory_scene_actual_mib(&record, "comer", 72) > 1000);
    assert_true(memory_scene_actual_mib(&record, "grower", 70) > 512);
    /* What it does not need the other one has in the end. */
    assert_true(memory_scene_actual_mib(&record, "comer", 0) < 400);
    assert_true(memory_scene_actual_mib(&record, "grower", 0) >
                memory_scene_actual_mib(&record, "grower", 70) + 400);
    memory_record_done(&record);
}

static void taken_for_paused_it_would_cost_the_reserve(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene(ARRIVAL("\"told\": false,"), 2, NULL, &record);
    assert_true(record.host[record.n_samples - 1].lowest_committed_free_kib < 150 * 1024);
    memory_record_done(&record);
}

/* A hidden upper limit: what the guest will not take goes to the other one that asks. */
static void a_hidden_upper_limit_frees_memory_for_others(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene("{\"duration_s\": 120, \"host\": {\"memory_mib\": 2900, \"other_mib\": 250},"
                 "\"guests\": [{\"name\": \"a\"}, {\"name\": \"limited\","
                 "\"balloon_most_mib\": 600, \"swap_mib\": 1000}], \"events\": ["
                 "{\"at_s\": 20, \"do\": \"grow\", \"mib_per_s\": 12, \"until_mib\": 900,"
                 "\"hold_s\": 1000}]}",
                 2, NULL, &record);
    memory_scene_safe(&record);
    assert_int_equal(memory_scene_guest(&record, "a", 0)->oom_below, 0);
    assert_true(memory_scene_actual_mib(&record, "a", 0) >= 1150);
    assert_in_range(memory_scene_calls(&record, "limited", 100), 0, 3);
    memory_record_done(&record);
}

/* Other consumers of host memory come and go. */
static void host_memory_taken_by_others(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene("{\"duration_s\": 200, \"host\": {\"memory_mib\": 6000, \"other_mib\": 250},"
                 "\"guests\": [{\"name\": \"a\", \"actual_mib\": 1400, \"used_mib\": 400},"
                 "{\"name\": \"b\", \"actual_mib\": 1400, \"used_mib\": 400}], \"events\": ["
                 "{\"at_s\": 60, \"do\": \"other-memory\", \"mib\": 4300},"
                 "{\"at_s\": 120, \"do\": \"other-memory\", \"mib\": 300},"
                 "{\"at_s\": 130, \"do\": \"grow\", \"guest\": \"a\", \"until_mib\": 600,"
                 "\"hold_s\": 500}]}",
                 2, NULL, &record);
    assert_int_equal(record.host[record.n_samples - 1].host_oom_kills, 0);
    assert_true(memory_scene_actual_mib(&record, "a", 118) < 700);
    assert_int_equal(memory_scene_guest(&record, "a", 0)->oom_below, 0);
    assert_true(memory_scene_guest(&record, "a", 0)->program_runs);
    memory_record_done(&record);
}

static void an_outage_in_the_middle_of_growth(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene("{\"duration_s\": 120, \"guests\": [{\"name\": \"a\"}, {\"name\": \"b\"}],"
                 "\"events\": [{\"at_s\": 20, \"do\": \"grow\", \"guest\": \"a\","
                 "\"mib_per_s\": 5, \"until_mib\": 400, \"hold_s\": 500},"
                 "{\"at_s\": 40, \"do\": \"outage\", \"for_s\": 12}]}",
                 2, NULL, &record);
    memory_scene_safe(&record);
    assert_int_equal(memory_scene_guest(&record, "a", 0)->oom_below, 0);
    assert_in_range(memory_scene_guest(&record, "a", 0)->unused_kib, 100 * 1024, 260 * 1024);
    memory_record_done(&record);
}

/* Nothing changes: nothing is called, for an hour. */
static void steady_guests_are_not_called(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene("{\"duration_s\": 3660, \"step_ms\": 200, \"guests\": ["
                 "{\"name\": \"a\", \"count\": 4}, {\"name\": \"big\", \"actual_mib\": 2000,"
                 "\"used_mib\": 1500}]}",
                 2, NULL, &record);
    memory_scene_safe(&record);
    for (size_t g = 0; g < record.n_guests; g++)
        assert_int_equal(memory_scene_calls(&record, memory_record_at(&record, 0, g)->name, 60), 0);
    memory_record_done(&record);
}

/* A guest short of memory beside one with more than a GiB unused, and a host with nothing left. */
static void a_rich_neighbour_feeds_a_starved_guest(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene("{\"duration_s\": 60, \"host\": {\"memory_mib\": 2600, \"other_mib\": 250},"
                 "\"guests\": [{\"name\": \"poor\", \"actual_mib\": 256, \"used_mib\": 180,"
                 "\"cache_mib\": 12}, {\"name\": \"rich\", \"actual_mib\": 1700}]}",
                 2, NULL, &record);
    memory_scene_safe(&record);
    assert_true(memory_scene_guest(&record, "poor", 20)->unused_kib >= 100 * 1024);
    memory_record_done(&record);
}

/* Every guest grows to its own maximum and not beyond. */
static void every_guest_has_its_own_maximum(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene("{\"duration_s\": 250, \"host\": {\"memory_mib\": 12288}, \"guests\": ["
                 "{\"name\": \"small\", \"maximum_mib\": 1024},"
                 "{\"name\": \"middle\"}, {\"name\": \"large\", \"maximum_mib\": 4096}],"
                 "\"events\": [{\"at_s\": 20, \"do\": \"grow\", \"mib_per_s\": 20}]}",
                 2, NULL, &record);
    memory_scene_safe(&record);
    for (size_t g = 0; g < record.n_guests; g++) {
        const struct simulated_guest *guest = memory_record_at(&record, record.n_samples - 1, g);

        assert_int_equal(guest->oom_below, 0);
        assert_int_equal(guest->oom_at_maximum, 1);
        assert_true(guest->program_peak_kib > guest->maximum_kib / 2);
    }
    memory_record_done(&record);
}

/* 250 MiB free and a reserve of 200: nothing is handed out that is not there. */
static void a_host_near_its_reserve_is_not_overdrawn(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene("{\"duration_s\": 100, \"host\": {\"memory_mib\": 1644, \"other_mib\": 250},"
                 "\"guests\": [{\"name\": \"a\"}, {\"name\": \"b\"}], \"events\": ["
                 "{\"at_s\": 10, \"do\": \"grow\", \"mib_per_s\": 20}]}",
                 2, NULL, &record);
    memory_scene_safe(&record);
    assert_true(memory_scene_guest(&record, "a", 0)->balloon_calls > 0);
    memory_record_done(&record);
}

/* Donors give, and the call that was to pass it on fails; another donor's call fails. What was
 * given is neither lost nor given twice: the taker has it as soon as calls work again. */
static void half_a_transfer_loses_nothing(void **state)
{
    struct memory_record record;

    (void)state;
    memory_scene(WORLD("",
                       ",{\"at_s\": 36, \"do\": \"refuse\", \"guest\": \"grower\", \"for_s\": 8},"
                       "{\"at_s\": 36, \"do\": \"refuse\", \"guest\": \"idle-1\", \"for_s\": 30}"),
                 2, NULL, &record);
    memory_scene_safe(&record);
    assert_true(memory_scene_actual_mib(&record, "odd", 42) < 500);
    assert_in_range(memory_scene_actual_mib(&record, "grower", 42), 500, 620);
    assert_true(memory_scene_guest(&record, "grower", 0)->unused_kib >= 100 * 1024);
    assert_int_equal(memory_scene_guest(&record, "grower", 0)->oom_below, 0);
    assert_true(memory_scene_actual_mib(&record, "idle-1", 0) < 450);
    memory_record_done(&record);
}

/* The exercise's A stops at some size and holds it: from then on it gets nothing more, although
 * there is plenty. */
static void who_stopped_growing_is_fed_no_further(void **state)
{
    struct memory_record record;
    uint64_t stopped;

    (void)state;
    memory_scene("{\"duration_s\": 90, \"guests\": [{\"name\": \"a\"}], \"events\": ["
                 "{\"at_s\": 10, \"do\": \"grow\", \"guest\": \"a\", \"mib_per_s\": 20,"
                 "\"until_mib\": 600, \"hold_s\": 1000}]}",
                 2, NULL, &record);
    stopped = memory_scene_actual_mib(&record, "a", 44);
    assert_true(memory_scene_guest(&record, "a", 44)->unused_kib <= 250 * 1024);
    for (size_t t = 46; t <= 88; t += 2)
        assert_true(memory_scene_actual_mib(&record, "a", t) <= stopped);
    assert_in_range(memory_scene_guest(&record, "a", 0)->unused_kib, 100 * 1024, 130 * 1024);
    memory_record_done(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_guests),
        cmocka_unit_test(statistics_of_zero_do_not_drain_the_host),
        cmocka_unit_test(a_guest_that_reverts_is_not_asked_for_ever),
        cmocka_unit_test(migrating_guests_are_left_alone),
        cmocka_unit_test(an_arriving_guest_finds_all_that_it_may_hold),
        cmocka_unit_test(taken_for_paused_it_would_cost_the_reserve),
        cmocka_unit_test(a_hidden_upper_limit_frees_memory_for_others),
        cmocka_unit_test(host_memory_taken_by_others),
        cmocka_unit_test(an_outage_in_the_middle_of_growth),
        cmocka_unit_test(steady_guests_are_not_called),
        cmocka_unit_test(a_rich_neighbour_feeds_a_starved_guest),
        cmocka_unit_test(every_guest_has_its_own_maximum),
        cmocka_unit_test(a_host_near_its_reserve_is_not_overdrawn),
        cmocka_unit_test(half_a_transfer_loses_nothing),
        cmocka_unit_test(who_stopped_growing_is_fed_no_further),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
