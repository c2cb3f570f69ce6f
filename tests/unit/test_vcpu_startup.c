/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/vcpu/startup.h"

static const uint64_t SECOND = 1000000000;

/* Tracks ten seconds after the start, the last interval from 9 s on. */
struct scene {
    struct vcpu_track track[8];
    enum vcpu_role roles[8];
    struct vcpu_tracks tracks;
    double demand[8];
    struct vcpu_startup startup;
};

static void begin(struct scene *scene, size_t n)
{
    *scene = (struct scene){
        .tracks = {.at_ns = 10 * SECOND, .began_ns = 9 * SECOND, .elapsed_s = 1.0, .n = n}};
    scene->tracks.track = scene->track;
    for (size_t i = 0; i < n; i++)
        scene->roles[i] = VCPU_MOVES;
}

static void settled(struct scene *scene, size_t i, double demand)
{
    scene->track[i] = (struct vcpu_track){.known = true, .demand = demand, .activity = demand};
}

static void settling(struct scene *scene, size_t i, double demand, enum vcpu_settling how,
                     unsigned calm)
{
    settled(scene, i, demand);
    scene->track[i].settling = how;
    scene->track[i].settles_ns = 12 * SECOND;
    scene->track[i].calm = calm;
}

static void judge(struct scene *scene)
{
    vcpu_startup_judge(&scene->tracks, scene->roles, scene->demand, &scene->startup);
}

static void all_settled_are_planned_as_they_are(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, 2);
    settled(&s, 0, 0.3);
    settled(&s, 1, 0.7);
    judge(&s);
    assert_false(s.startup.surge);
    assert_float_equal(s.demand[0], 0.3, 1e-9);
    assert_float_equal(s.demand[1], 0.7, 1e-9);
}

static void a_surge_is_planned_with_its_mean_and_the_idle_with_it(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, 4);
    settling(&s, 0, 0.9, VCPU_WOKE, 0);
    settling(&s, 1, 0.3, VCPU_WOKE, 0);
    settled(&s, 2, 0.01); /* may be next */
    settled(&s, 3, 0.5);
    judge(&s);
    assert_true(s.startup.waking);
    assert_float_equal(s.demand[0], 0.6, 1e-9);
    assert_float_equal(s.demand[1], 0.6, 1e-9);
    assert_float_equal(s.demand[2], 0.6, 1e-9);
    assert_float_equal(s.demand[3], 0.5, 1e-9);
}

static void one_restless_vcpu_keeps_all_that_began_with_it(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, 2);
    settling(&s, 0, 0.2, VCPU_WOKE, 2);
    settling(&s, 1, 0.9, VCPU_WOKE, 0);
    judge(&s);
    assert_float_equal(s.demand[0], 0.55, 1e-9);
    s.track[1].calm = 2;
    judge(&s);
    assert_false(s.startup.surge);
    assert_float_equal(s.demand[0], 0.2, 1e-9);
}

static void a_rise_among_busy_ones_is_a_surge_but_no_waking(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, 3);
    settling(&s, 0, 0.8, VCPU_ROSE, 0);
    settling(&s, 1, 0.6, VCPU_ROSE, 0);
    settled(&s, 2, 0.01);
    judge(&s);
    assert_true(s.startup.surge);
    assert_false(s.startup.waking);
    assert_float_equal(s.demand[0], 0.7, 1e-9);
    assert_float_equal(s.demand[2], 0.01, 1e-9);
}

static void one_of_many_out_of_idle_counts_at_most_like_the_others(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, 8);
    for (size_t i = 1; i < 8; i++)
        settled(&s, i, 0.4);
    settling(&s, 0, 0.95, VCPU_WOKE, 0);
    judge(&s);
    assert_false(s.startup.surge);
    assert_float_equal(s.demand[0], 0.4, 1e-9);
    s.track[0].settling = VCPU_ROSE;
    judge(&s);
    assert_float_equal(s.demand[0], 0.95, 1e-9);
}

static void floating_vcpus_that_are_placed_now_speak_for_themselves(void **state)
{
    struct scene s;

    (void)state;
    begin(&s, 2);
    settling(&s, 0, 0.9, VCPU_WOKE, 1);
    settling(&s, 1, 0.2, VCPU_WOKE, 1);
    s.roles[0] = s.roles[1] = VCPU_PLACED;
    judge(&s);
    assert_float_equal(s.demand[0], 0.9, 1e-9);
    assert_float_equal(s.demand[1], 0.2, 1e-9);
    s.roles[0] = s.roles[1] = VCPU_WAITS;
    judge(&s);
    assert_int_equal(s.startup.n_waiting, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_settled_are_planned_as_they_are),
        cmocka_unit_test(a_surge_is_planned_with_its_mean_and_the_idle_with_it),
        cmocka_unit_test(one_restless_vcpu_keeps_all_that_began_with_it),
        cmocka_unit_test(a_rise_among_busy_ones_is_a_surge_but_no_waking),
        cmocka_unit_test(one_of_many_out_of_idle_counts_at_most_like_the_others),
        cmocka_unit_test(floating_vcpus_that_are_placed_now_speak_for_themselves),
    };

    return cmocka_run_group_tests_name("vcpu_startup", tests, NULL, NULL);
}
