/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the planner makes of the scenes of tests/sim/shapes at each level, and what is lost without a
 * defence. Lost is in pCPUs' worth: waiting, and work on busy siblings or far from memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/shape_scene.h"

static struct vcpu_settings at_level(enum pin_level level)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    settings.level = level;
    return settings;
}

/* The last quarter. */
static struct shape_result play(const char *scene, const struct vcpu_settings *settings)
{
    return shape_scene(scene, settings, 0.75);
}

static struct shape_result play_at(const char *scene, enum pin_level level)
{
    struct vcpu_settings settings = at_level(level);

    return play(scene, &settings);
}

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g is not within %g of %g", value, within, expected);
}

static void busy_vcpus_get_a_core_each(void **state)
{
    struct vcpu_settings blind = at_level(PIN_PCPU);

    (void)state;
    blind.use_cores = false;
    assert_near(play_at("s1_siblings", PIN_PCPU).worked, 8, 0.1);
    assert_near(play_at("v7_siblings", PIN_PCPU).worked, 8, 0.1);
    assert_true(play("s1_siblings", &blind).worked < 6);
    /* somebody's pins stay, but for those that share a core beside an idle one */
    assert_near(play_at("s1_siblings", PIN_AUTO).worked, 8, 0.1);
    blind.level = PIN_AUTO;
    assert_true(play("s1_siblings", &blind).worked < 6);
}

/* One pool that all share is best left alone: 64 vCPUs in bursts on one cache. */
static void one_cache_is_left_floating(void **state)
{
    struct vcpu_settings ungated = at_level(PIN_AUTO);
    struct shape_result result = play_at("s2_pool", PIN_AUTO);

    (void)state;
    ungated.gate_waiting = false;
    assert_int_equal(result.pins, 0);
    assert_true(result.lost < 0.25);
    assert_true(play("s2_pool", &ungated).pins > 0);
    assert_true(play_at("s2_pool", PIN_PCPU).lost > 5);
}

/* Who counts vCPUs puts both busy guests on one cache. */
static void busy_and_idle_guests_share_each_cache(void **state)
{
    struct vcpu_settings counting = at_level(PIN_AUTO);
    struct shape_result result = play("v1_busy_and_idle", &counting);

    (void)state;
    assert_near(result.caches, 1, 0.01);
    assert_true(result.deviation < 3);
    assert_true(result.lost < 0.1);
    counting.use_demands = false;
    assert_true(play("v1_busy_and_idle", &counting).deviation > 40);
}

static void more_vcpus_than_pcpus_wait_little_in_caches(void **state)
{
    struct shape_result result = play_at("v2_overcommit", PIN_AUTO);

    (void)state;
    assert_near(result.caches, 1, 0.01);
    assert_near(result.formula_lost, 0.05, 0.01);
    assert_true(result.lost < 0.15);
    assert_true(play_at("v2_overcommit", PIN_PCPU).lost > 2);
}

/* In a cache the kernel finds room beside it; whoever pins vCPUs to pCPUs has to see it. */
static void guests_stay_beside_what_the_host_does(void **state)
{
    struct shape_result result = play_at("v4_host_work", PIN_AUTO);
    struct vcpu_settings blind = at_level(PIN_PCPU);

    (void)state;
    assert_near(result.caches, 1, 0.01);
    assert_true(result.lost < 0.1);
    assert_true(play("v4_host_work", &blind).lost < 0.15);
    blind.use_busy = false;
    assert_true(play("v4_host_work", &blind).lost > 0.4);
}

/* Of twelve equal guests one or two belong on that cache, and three would be too many. */
static void what_the_host_does_fills_a_cache(void **state)
{
    struct vcpu_settings settings = at_level(PIN_LLC);
    struct shape_result result = play("v4_beside", &settings), blind;

    (void)state;
    settings.use_busy = false;
    blind = play("v4_beside", &settings);
    assert_near(result.caches, 1, 0.01);
    assert_true(result.lost < 0.2);
    assert_true(blind.lost > 2 * result.lost + 0.2);
}

/* A guest too wide for a cache gets the node that has room, within two intervals, and nobody has to go,
 * whether the others' masks are somebody's decision or may be changed. */
static void a_wide_guest_needs_no_room_made(void **state)
{
    static const char *const scenes[] = {"v3_fragments", "v6_scattered"};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct vcpu_settings settings = at_level(PIN_AUTO);

        for (int keep = 0; keep <= 1; keep++) {
            struct shape_result result;

            settings.keep_masks = keep;
            result = play(scenes[k], &settings);
            assert_int_equal(result.moves, 0);
            assert_int_equal(result.floating, 0);
            assert_true(result.last_pin_s < 40 + 4.5);
            assert_true(result.caches < 1.5); /* eight guests have one, and this one four */
            assert_true(result.lost < 0.2);
        }
        settings.place_wide = false;
        assert_int_equal(play(scenes[k], &settings).floating, 1);
    }
}

/* Caches cost 3.8 points of waiting there, nodes 1.5. */
static void what_waiting_may_cost_decides_the_level(void **state)
{
    static const struct {
        double waiting_pct, caches;
    } cases[] = {{5, 1}, {3, 2}, {1, 4}};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct vcpu_settings settings = at_level(PIN_AUTO);

        settings.waiting_pct = cases[k].waiting_pct;
        assert_near(play("v5_stacked", &settings).caches, cases[k].caches, 0.01);
    }
}

/* Programs that no busy time shows let vCPUs stand in line for 7 % of running. That is not twice what they
 * lose by the formula, most of it beside busy siblings, but many times what of it can be measured. */
static void what_is_measured_beside_siblings_has_the_last_word(void **state)
{
    struct vcpu_settings settings = at_level(PIN_AUTO);
    struct shape_result result = play("s14_unseen", &settings), blind;

    (void)state;
    assert_near(result.caches, 2, 0.01);
    assert_near(result.last_pin_s, 70, 4.5);
    settings.gate_waiting = false;
    blind = play("s14_unseen", &settings);
    assert_near(blind.caches, 1, 0.01);
    assert_true(blind.waited > 5 * result.waited);
}

/* It has outgrown its cache for good when that happens: it gets a node, and comes and goes no more. */
static void who_has_outgrown_a_cache_does_not_come_back_at_once(void **state)
{
    struct vcpu_settings settings = at_level(PIN_LLC);
    struct shape_result result = play("s15_border", &settings), blind;

    (void)state;
    assert_near(result.last_pin_s, 44, 4.5);
    settings.wide_s = 0;
    blind = play("s15_border", &settings);
    assert_true(blind.last_pin_s > 190);
    assert_true(blind.moves > 2 * result.moves);
}

static void guests_of_all_sizes_get_what_is_wide_enough(void **state)
{
    struct vcpu_settings settings = at_level(PIN_AUTO);
    struct shape_result result = play("s6_large", &settings);

    (void)state;
    assert_int_equal(result.floating, 1); /* the one that is larger than a node */
    assert_true(result.caches < 1.5);
    assert_true(result.lost < 1);
    assert_true(result.moves <= 20);
    settings.place_wide = false;
    assert_int_equal(play("s6_large", &settings).floating, 3);
}

/* Six vCPUs in seven are busy for moments only. What is seen of a guest in one interval is off by a fifth
 * of it, and who believes that moves guests for ever. */
static void a_guest_that_fits_is_on_one_cache(void **state)
{
    struct vcpu_settings settings = at_level(PIN_LLC);
    struct shape_result result = shape_scene("s3_caches", &settings, 0.25);

    (void)state;
    assert_near(result.caches, 1, 0.01);
    assert_true(result.deviation <= 5);
    assert_true(result.lost < 0.05 * result.ran);
    assert_int_equal(result.moves, 0);
    settings.settle_s = 0;
    assert_true(shape_scene("s3_caches", &settings, 0.25).moves > 0);
    settings = at_level(PIN_LLC);
    settings.learn_habits = false;
    assert_true(shape_scene("s3_caches", &settings, 0.25).moves > 12);
}

/* In both intervals that it takes to know what they want. With one seed in three a guest that was there, of
 * eight vCPUs at most, is moved later, when its load is known better. */
static void only_guests_that_came_late_are_placed(void **state)
{
    struct vcpu_settings settings = at_level(PIN_LLC);
    unsigned moves = 0;

    (void)state;
    for (unsigned seed = 4; seed <= 6; seed++) {
        struct shape_result result = shape_scene_seeded("s4_late", seed, &settings, 0.75);

        assert_near(result.caches, 1, 0.01);
        assert_int_equal(result.floating, 0);
        assert_true(result.last_pin_s < 30 + 4.5);
        moves += result.moves;
    }
    assert_true(moves <= 8);
    settings.keep_settled = false;
    assert_true(shape_scene_seeded("s4_late", 4, &settings, 0.75).moves > 8);
}

/* With them vCPUs in caches wait and run beside busy siblings for a tenth of what they work, and in nodes
 * for a fiftieth. It takes 20 s until that is believed, and nobody leaves what he was pinned to. */
static void caches_that_become_too_full_are_left_for_nodes(void **state)
{
    struct vcpu_settings settings = at_level(PIN_AUTO);
    struct shape_result result = shape_scene("s4_late", &settings, 0.9);

    (void)state;
    assert_true(result.lost < 0.05 * result.worked);
    assert_true(result.formula_lost < 0.05 * result.formula_worked);
    assert_int_equal(result.floating, 0);
    assert_int_equal(result.moves, 0);
    assert_near(result.last_pin_s, 30 + 20, 4.5);
    settings.gate_waiting = false;
    result = shape_scene("s4_late", &settings, 0.9);
    assert_near(result.caches, 1, 0.01);
    assert_true(result.lost > 0.1 * result.worked);
    assert_true(result.formula_lost > 0.1 * result.formula_worked);
}

/* Ten guests boot together and want next to nothing for some seconds. One of those that were there may
 * move afterwards, and without the promise guests that have just got a set do. */
static void guests_that_start_do_not_crowd_one_set(void **state)
{
    static const struct {
        enum pin_level level;
        double lost;
        unsigned moves, moves_blind;
    } rows[] = {{PIN_LLC, 0.5, 4, 14}, {PIN_NODE, 0.2, 0, 6}, {PIN_AUTO, 0.5, 4, 14}};

    (void)state;
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct vcpu_settings settings = at_level(rows[r].level);
        struct shape_result result = shape_scene("s10_stampede", &settings, 0.66);

        assert_true(result.moves <= rows[r].moves);
        assert_true(result.lost < rows[r].lost);
        settings.count_promises = false;
        result = shape_scene("s10_stampede", &settings, 0.66);
        assert_true(result.moves >= rows[r].moves_blind);
        assert_true(rows[r].level == PIN_NODE || result.lost > 2 * rows[r].lost);
    }
}

/* After such a stampede onto a node. What a move has to save on two pCPUs holds everything there. */
static void two_nodes_are_evened_out(void **state)
{
    struct vcpu_settings settings = at_level(PIN_NODE);
    struct shape_result result;

    (void)state;
    settings.count_promises = false;
    result = shape_scene("s10_stampede", &settings, 0.85);
    assert_true(result.deviation < 5);
    assert_true(result.lost < 0.2);
    settings.penalty_points = 3.75;
    result = shape_scene("s10_stampede", &settings, 0.85);
    assert_true(result.deviation > 20);
    assert_true(result.lost > 0.5);
}

/* Emulators and I/O threads of guests near their memory: what floats is far from it for half of the time,
 * and takes longer for the same work. One guest's owner keeps his far away. */
static void helpers_follow_their_guests(void **state)
{
    struct vcpu_settings left_behind = at_level(PIN_AUTO);
    struct shape_result near = play_at("s8_helpers", PIN_AUTO), far;

    (void)state;
    left_behind.move_helpers = false;
    far = play("s8_helpers", &left_behind);
    assert_near(near.helpers_remote_pct, 6, 2);
    assert_true(far.helpers_remote_pct > 40);
    assert_true(near.helpers_ran < 0.95 * far.helpers_ran);
}

/* Three of six equal guests work for disks outside of their vCPUs, 2.3 pCPUs each: the first plan is the
 * right one only where it knows. */
static void helpers_count_with_their_guests(void **state)
{
    struct vcpu_settings blind = at_level(PIN_NODE);
    struct shape_result result = play_at("s9_heavy_helpers", PIN_NODE);

    (void)state;
    blind.count_helpers = false;
    assert_int_equal(result.moves, 0);
    assert_true(result.deviation < 1);
    assert_true(play("s9_heavy_helpers", &blind).moves > 0);
}

/* Eight of twelve guests belong on the fast cores. Who takes guests for as large as they look on slow ones
 * finds these too full as soon as they are there. */
static void demands_are_those_of_fast_cores(void **state)
{
    static const struct {
        const char *scene;
        enum pin_level level;
        unsigned moves;
    } rows[] = {{"s11_hybrid", PIN_LLC, 0}, {"s12_two_kinds", PIN_CORE, 2}};

    (void)state;
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct vcpu_settings settings = at_level(rows[r].level);

        assert_true(play(rows[r].scene, &settings).moves <= rows[r].moves);
        settings.use_speeds = false;
        assert_true(play(rows[r].scene, &settings).moves > rows[r].moves);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy_vcpus_get_a_core_each),
        cmocka_unit_test(one_cache_is_left_floating),
        cmocka_unit_test(busy_and_idle_guests_share_each_cache),
        cmocka_unit_test(more_vcpus_than_pcpus_wait_little_in_caches),
        cmocka_unit_test(guests_stay_beside_what_the_host_does),
        cmocka_unit_test(what_the_host_does_fills_a_cache),
        cmocka_unit_test(a_wide_guest_needs_no_room_made),
        cmocka_unit_test(what_waiting_may_cost_decides_the_level),
        cmocka_unit_test(what_is_measured_beside_siblings_has_the_last_word),
        cmocka_unit_test(who_has_outgrown_a_cache_does_not_come_back_at_once),
        cmocka_unit_test(guests_of_all_sizes_get_what_is_wide_enough),
        cmocka_unit_test(a_guest_that_fits_is_on_one_cache),
        cmocka_unit_test(only_guests_that_came_late_are_placed),
        cmocka_unit_test(caches_that_become_too_full_are_left_for_nodes),
        cmocka_unit_test(guests_that_start_do_not_crowd_one_set),
        cmocka_unit_test(two_nodes_are_evened_out),
        cmocka_unit_test(helpers_follow_their_guests),
        cmocka_unit_test(helpers_count_with_their_guests),
        cmocka_unit_test(demands_are_those_of_fast_cores),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
