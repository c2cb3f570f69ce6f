/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/control/scene.h"
#include "agent/control/why.h"
#include "planner/vcpu/what_if.h"
#include "tests/unit/guest_fixture.h"

/* Four guests, three of them on one of two pCPUs, and what was decided. */
static void make(struct scene *scene, struct guest_kit *kit, struct vcpu_planner **planner,
                 bool is_done)
{
    static const char *const affinity[] = {"0", "0", "0", "1"};

    guest_kit_init(kit, 2, 4, affinity);
    for (size_t i = 0; i < 4; i++)
        kit->load_permille[i] = 300;
    *planner = guest_kit_planner(NULL);
    *scene = (struct scene){.program = PROGRAM_VCPU, .at = "now", .is_done = is_done};
    vcpu_settings_default(&scene->vcpu_settings);
    for (int i = 0; i < 2; i++) {
        guest_kit_pass(kit, 2);
        vcpu_plan_done(&scene->vcpu_plan);
        guest_kit_plan(kit, *planner, &scene->vcpu_plan);
    }
    scene->vcpu_planner = *planner;
    scene->vcpu_sample = kit->sample;
}

static void clear(struct scene *scene, struct vcpu_planner *planner)
{
    vcpu_plan_done(&scene->vcpu_plan);
    vcpu_planner_free(planner);
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void why_says_where_why_and_what_would_change_it(void **state)
{
    struct vcpu_planner *planner;
    struct guest_kit kit;
    struct scene scene;
    const char *mover;
    json_t *about;

    (void)state;
    make(&scene, &kit, &planner, false);
    assert_int_equal(scene.vcpu_plan.n_pins, 1);
    mover = scene.vcpu_plan.pins[0].guest.name;
    about = why_about(&scene, mover);
    assert_string_equal(json_string_value(json_array_get(json_object_get(about, "lines"), 0)),
                        "vCPU 0 may run on pCPU 0 and wants 30.0 % of one");
    assert_string_equal(json_string_value(json_array_get(json_object_get(about, "lines"), 1)),
                        "  there 90.0 % are wanted of each pCPU, and 60.0 % on average");
    assert_non_null(strstr(text_of(about, "change"), "this interval's plan: vCPU 0 to pCPU 1, "));
    json_decref(about);
    about = why_about(&scene, "g3");
    assert_string_equal(text_of(about, "change"),
                        "nothing now: this interval's plan is about others");
    json_decref(about);
    assert_null(why_about(&scene, "nobody"));
    vcpu_plan_hold(&scene.vcpu_plan, VERDICT_HOLD_BALANCED, "balanced");
    about = why_about(&scene, "g3");
    assert_non_null(strstr(text_of(about, "change"), "no plan saves more than "));
    json_decref(about);
    kit.vcpus[3].running = false;
    about = why_about(&scene, "g3");
    assert_string_equal(text_of(about, "change"), "that it runs");
    json_decref(about);
    clear(&scene, planner);
}

static void an_answer_is_a_plan_of_the_host_that_would_be(void **state)
{
    char *without[] = {"g0", NULL};
    struct question question = {.without = without};
    struct vcpu_planner *planner;
    struct guest_kit kit;
    struct scene scene;
    struct err err = {0};
    json_t *answer;
    char *text;

    (void)state;
    make(&scene, &kit, &planner, false);
    text = scene_answer(&scene, &(struct question){0}, &err);
    answer = json_loads(text, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(json_object_get(answer, "plan"), "moves")), 1);
    json_decref(answer);
    free(text);
    text = scene_answer(&scene, &question, &err);
    answer = json_loads(text, 0, NULL);
    assert_string_equal(json_string_value(json_array_get(
                            json_object_get(json_object_get(answer, "if"), "without"), 0)),
                        "g0");
    assert_null(strstr(text, "\"g0/0\""));
    assert_non_null(strstr(text, "\"g1/0\""));
    json_decref(answer);
    free(text);
    without[0] = "nobody";
    assert_null(scene_answer(&scene, &question, &err));
    assert_int_equal(err.code, -ENOENT);
    assert_non_null(strstr(err.text, "'nobody'"));
    clear(&scene, planner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(why_says_where_why_and_what_would_change_it),
        cmocka_unit_test(an_answer_is_a_plan_of_the_host_that_would_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
