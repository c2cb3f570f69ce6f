/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scenes of tests/sim/shapes, left alone: what any planner has to beat, or not to spoil. */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/shape_scene.h"

#define FOLDER SOURCE_DIR "/tests/sim/shapes/"

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%g is not within %g of %g", value, within, expected);
}

static struct shape_result play(const char *scene)
{
    struct shape_result result = shape_scene(scene, NULL, 0.02);

    assert_int_equal(result.pins, 0);
    return result;
}

static void each_scene_can_be_read(void **state)
{
    DIR *folder = opendir(FOLDER);
    const struct dirent *entry;
    size_t n = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        const char *end = strstr(entry->d_name, ".json");
        struct ticker ticker;
        struct host host;
        char scene[100];

        if (!end)
            continue;
        snprintf(scene, sizeof(scene), "%.*s", (int)(end - entry->d_name), entry->d_name);
        shape_scene_open(scene, &host, &ticker);
        host.close(host.self);
        n++;
    }
    closedir(folder);
    assert_int_equal(n, 28);
}

/* The work of eight busy vCPUs that somebody pinned to four cores, and that the kernel may place. */
static void siblings_cost_three_of_eight_pcpus(void **state)
{
    struct shape_result pinned, floating;

    (void)state;
    pinned = play("s1_siblings");
    floating = play("v7_siblings");
    assert_near(pinned.worked, 5, 0.05);
    assert_near(pinned.formula_worked, 5, 0.01);
    assert_near(floating.worked, 8, 0.1);
    assert_near(floating.formula_worked, 8, 0.01);
}

/* The formula knows no background, which takes half a percent here. */
static void a_kernel_that_may_place_all_lets_few_wait(void **state)
{
    static const struct {
        const char *scene;
        double lost; /* in pCPUs, by the formula */
    } cases[] = {
        {"s2_pool", 0.11}, {"v1_busy_and_idle", 0}, {"v2_overcommit", 0}, {"v5_stacked", 0.51}};

    (void)state;
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        struct shape_result result = play(cases[k].scene);

        assert_true(result.formula_is_exact);
        assert_near(result.formula_lost, cases[k].lost, 0.01);
        assert_near(result.lost, cases[k].lost, 0.05 + 0.6 * cases[k].lost);
    }
}

static void floating_guests_are_on_all_caches(void **state)
{
    struct shape_result result;

    (void)state;
    result = play("s3_caches");
    assert_near(result.caches, 16, 0.01);
    assert_near(result.worked, 96, 2);
    assert_int_equal(result.floating, 96);
}

/* Six vCPUs of 40 % with nine tenths of their memory far away, of what all run. */
static void memory_is_far_from_a_guest_that_stays(void **state)
{
    struct shape_result result;

    (void)state;
    result = play("s5_far_memory");
    assert_near(result.remote_pct, 27, 2);
    assert_true(result.lost > 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_scene_can_be_read),
        cmocka_unit_test(siblings_cost_three_of_eight_pcpus),
        cmocka_unit_test(a_kernel_that_may_place_all_lets_few_wait),
        cmocka_unit_test(floating_guests_are_on_all_caches),
        cmocka_unit_test(memory_is_far_from_a_guest_that_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
