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

#include "agent/base/guest_name.h"
#include "agent/control/scene.h"
#include "agent/control/why.h"
#include "planner/vcpu/what_if.h"
#include "tests/unit/guest_fixture.h"

static const struct pauses none;

/* Four guests, three of them on one of two pCPUs, and what was decided. */
static void make(struct scene *scene, struct guest_kit *kit, struct vcpu_planner **planner,
                 enum scene_fate fate)
{
    static const char *const affinity[] = {"0", "0", "0", "1"};

    guest_kit_init(kit, 2, 4, affinity);
    for (size_t i = 0; i < 4; i++)
        kit->load_permille[i] = 300;
    *planner = guest_kit_planner(NULL);
    *scene = (struct scene){
        .program = PROGRAM_VCPU, .fate = fate, .interval = {.number = 7, .at = "now", .t_s = 12.5}};
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
    make(&scene, &kit, &planner, SCENE_SHOWN);
    assert_int_equal(scene.vcpu_plan.n_pins, 1);
    mover = scene.vcpu_plan.pins[0].guest.name;
    about = why_about(&scene, mover, &none);
    assert_string_equal(json_string_value(json_array_get(json_object_get(about, "lines"), 0)),
                        "vCPU 0 may run on pCPU 0 and wants 30.0 % of one");
    assert_string_equal(json_string_value(json_array_get(json_object_get(about, "lines"), 1)),
                        "  there 90.0 % are wanted of each pCPU, and 60.0 % on average");
    assert_ptr_equal(
        strstr(text_of(about, "change"), "act = yes: this interval's plan has vCPU 0 to pCPU 1, "),
        text_of(about, "change"));
    json_decref(about);
    about = why_about(&scene, "g3", &none);
    assert_string_equal(text_of(about, "change"),
                        "nothing now: this interval's plan is about others");
    json_decref(about);
    assert_null(why_about(&scene, "nobody", &none));
    vcpu_plan_hold(&scene.vcpu_plan, VERDICT_HOLD_BALANCED, "balanced");
    about = why_about(&scene, "g3", &none);
    assert_non_null(strstr(text_of(about, "change"), "no plan saves more than "));
    json_decref(about);
    kit.vcpus[3].running = false;
    about = why_about(&scene, "g3", &none);
    assert_string_equal(text_of(about, "change"), "that it runs");
    json_decref(about);
    clear(&scene, planner);
}

/* What the guest is told to wait for. */
static void assert_change(const struct scene *scene, const char *guest, const struct pauses *pauses,
                          const char *wanted)
{
    json_t *about = why_about(scene, guest, pauses);

    assert_non_null(about);
    if (!strstr(text_of(about, "change"), wanted))
        fail_msg("%s: '%s' is not in '%s'", guest, wanted, text_of(about, "change"));
    json_decref(about);
}

static void a_guest_is_found_by_its_uuid_too(void **state)
{
    char uuid[GUEST_UUID_SIZE];
    char *without[] = {uuid, NULL};
    const struct question question = {.without = without};
    struct vcpu_planner *planner;
    struct guest_kit kit;
    struct scene scene;
    struct err err = {0};
    json_t *about;
    char *text;

    (void)state;
    make(&scene, &kit, &planner, SCENE_SHOWN);
    guest_uuid_text(&kit.vcpus[3].guest, uuid);
    about = why_about(&scene, uuid, &none);
    assert_string_equal(text_of(about, "guest"), "g3");
    json_decref(about);
    text = scene_answer(&scene, &question, &err);
    assert_non_null(strstr(text, "\"g0/0\""));
    assert_null(strstr(text, "\"g3/0\""));
    free(text);
    clear(&scene, planner);
}

static void a_report_is_the_interval_as_the_program_has_it(void **state)
{
    struct vcpu_planner *planner;
    struct guest_kit kit;
    struct scene scene;
    json_t *report, *there, *guests;
    char uuid[GUEST_UUID_SIZE];

    (void)state;
    make(&scene, &kit, &planner, SCENE_DONE);
    guest_name_set(&kit.vcpus[1].guest, "two\nlines");
    report = scene_report(&scene);
    assert_int_equal(json_integer_value(json_object_get(report, "interval")), 7);
    assert_string_equal(text_of(report, "at"), "now");
    assert_int_equal(json_array_size(json_object_get(report, "moves")), scene.vcpu_plan.n_pins);
    there = json_object_get(json_array_get(json_object_get(report, "pcpus"), 0), "vcpus");
    assert_int_equal(json_array_size(there), 3);
    guests = json_object_get(report, "guests");
    assert_int_equal(json_array_size(guests), 4);
    assert_string_equal(text_of(json_array_get(guests, 1), "guest"), "two\nlines");
    assert_string_equal(text_of(json_array_get(guests, 1), "name"), kit.vcpus[1].guest.name);
    guest_uuid_text(&kit.vcpus[1].guest, uuid);
    assert_string_equal(text_of(json_array_get(guests, 1), "uuid"), uuid);
    json_decref(report);
    clear(&scene, planner);
}

static void why_says_what_became_of_the_plan(void **state)
{
    struct vcpu_release release;
    struct helper_pin helper = {.reason = "its vCPUs are there"};
    struct vcpu_planner *planner;
    struct vcpu_plan made;
    struct vcpu_pin *pins;
    struct guest_kit kit;
    struct scene scene;
    const char *mover;

    (void)state;
    make(&scene, &kit, &planner, SCENE_DONE);
    made = scene.vcpu_plan;
    pins = scene.vcpu_plan.pins;
    mover = pins[0].guest.name;
    assert_change(&scene, mover, &none, "nothing now: this interval has done vCPU 0 to pCPU 1, ");
    scene.fate = SCENE_PART;
    assert_change(&scene, mover, &none, "the next interval: this one's plan, of which not all");
    release = (struct vcpu_release){.guest = pins[0].guest};
    helper.guest = pins[0].guest;
    cpuset_add(&helper.to, 1);
    scene.fate = SCENE_DONE;
    scene.vcpu_plan.n_pins = 0;
    scene.vcpu_plan.releases = &release;
    scene.vcpu_plan.n_releases = 1;
    assert_change(&scene, mover, &none, "has done vCPU 0 set free");
    scene.vcpu_plan.n_releases = 0;
    scene.vcpu_plan.helper_pins = &helper;
    scene.vcpu_plan.n_helper_pins = 1;
    assert_change(&scene, mover, &none, "has done its emulator to pCPU 1, its vCPUs are there");
    scene.vcpu_plan = made;
    clear(&scene, planner);
}

static void why_knows_pauses(void **state)
{
    const struct pauses all = {.list = {{.until_s = INT64_MAX}}, .n = 1};
    const struct pauses own = {.list = {{.guest = "g3", .until_s = 1796012345}}, .n = 1};
    struct pauses strange = own;
    char uuid[GUEST_UUID_SIZE], wanted[100];
    struct vcpu_planner *planner;
    struct guest_kit kit;
    struct scene scene;
    json_t *about;

    (void)state;
    setenv("TZ", "UTC0", 1);
    make(&scene, &kit, &planner, SCENE_SHOWN);
    assert_change(&scene, scene.vcpu_plan.pins[0].guest.name, &all,
                  "the end of its pause: evenkeelctl resume");
    assert_change(&scene, "g3", &own, "the end of its pause: evenkeelctl resume g3");
    guest_name_set(&kit.vcpus[3].guest,
                   "g3; reboot"); /* nobody should run what a guest is called */
    strcpy(strange.list[0].guest, "g3; reboot");
    guest_uuid_text(&kit.vcpus[3].guest, uuid);
    snprintf(wanted, sizeof(wanted), "evenkeelctl resume %s", uuid);
    assert_change(&scene, "g3; reboot", &strange, wanted);
    guest_name_set(&kit.vcpus[3].guest, "g3");
    about = why_about(&scene, "g3", &own);
    assert_string_equal(json_string_value(json_array_get(json_object_get(about, "lines"), 0)),
                        "it is paused, until 2026-11-30T04:19:05+00:00");
    json_decref(about);
    about = why_about(&scene, "g3", &all);
    assert_string_equal(json_string_value(json_array_get(json_object_get(about, "lines"), 0)),
                        "everything is paused, until it is resumed");
    json_decref(about);
    clear(&scene, planner);
}

/* What an interval did not do for a pause is not waiting for act = yes. */
static void why_knows_pauses_that_are_over(void **state)
{
    struct vcpu_planner *planner;
    struct guest_kit kit;
    struct scene scene;
    const char *mover;
    json_t *about;

    (void)state;
    make(&scene, &kit, &planner, SCENE_PAUSED);
    mover = scene.vcpu_plan.pins[0].guest.name;
    scene.pauses = (struct pauses){.list = {{.until_s = INT64_MAX}}, .n = 1};
    assert_change(&scene, mover, &none, "the next interval: in this one, whose plan has vCPU 0 to");
    assert_change(&scene, "g3", &none, "this interval's plan is about others");
    scene.pauses = (struct pauses){.list = {{.guest = "g3", .until_s = INT64_MAX}}, .n = 1};
    kit.vcpus[3].has_strange_limits = true;
    assert_change(&scene, "g3", &none, "its pause has ended");
    about = why_about(&scene, "g3", &none);
    assert_string_equal(json_string_value(json_array_get(json_object_get(about, "lines"), 0)),
                        "it was paused in this interval, and is no more");
    assert_null(
        strstr(json_string_value(json_array_get(json_object_get(about, "lines"), 1)), "limits"));
    json_decref(about);
    scene.pauses.n = 0; /* it was no pause */
    vcpu_plan_hold(&scene.vcpu_plan, VERDICT_HOLD_BALANCED, "balanced");
    assert_change(&scene, "g3", &none, "its definition is read in one of the next intervals");
    clear(&scene, planner);
}

static void why_says_what_would_change_a_size(void **state)
{
    struct memory_place places[2] = {{.explain = "has its wish", .wish_kib = 1 << 20},
                                     {.explain = "left alone", .state = GUEST_FIXED}};
    struct memory_reading readings[2] = {{.has_balloon = true, .run = GUEST_RUNNING},
                                         {.has_balloon = true, .run = GUEST_RUNNING}};
    const struct pauses own = {.list = {{.guest = "b", .until_s = INT64_MAX}}, .n = 1};
    struct balloon_step step = {
        .from_kib = 2 << 20, .to_kib = 1 << 20, .reason = "it needs no more"};
    struct scene scene = {.program = PROGRAM_MEMORY, .fate = SCENE_DONE};
    json_t *about;

    (void)state;
    for (unsigned char i = 0; i < 2; i++) {
        places[i].guest = (struct guest_id){.uuid = {i}, .name = {(char)('a' + i)}};
        readings[i].guest = places[i].guest;
    }
    readings[1].policy.excluded = true;
    scene.memory_sample = (struct memory_sample){.guests = readings, .n_guests = 2};
    scene.memory_plan = (struct memory_plan){.places = places, .n_places = 2};
    scene.memory_plan.verdict = VERDICT_HOLD_OPTIMAL;
    assert_change(&scene, "a", &none, "more memory that is free");
    places[0].target_kib = places[0].wish_kib;
    assert_change(&scene, "a", &none, "more or less memory in use");
    places[0].state = GUEST_SILENT;
    assert_change(&scene, "a", &none, "can be believed");
    step.guest = places[0].guest;
    scene.memory_plan.reclaims = &step;
    scene.memory_plan.n_reclaims = 1;
    assert_change(&scene, "a", &none, "this interval has done 2048 to 1024 MiB, it needs no more");
    assert_change(&scene, "b", &none, "its definition, or the option");
    about = why_about(&scene, "b", &own);
    assert_string_equal(json_string_value(json_array_get(json_object_get(about, "lines"), 0)),
                        "it is paused, until it is resumed");
    assert_int_equal(json_array_size(json_object_get(about, "lines")), 2);
    assert_string_equal(text_of(about, "change"), "the end of its pause: evenkeelctl resume b");
    json_decref(about);
    scene.pauses = own;
    assert_change(&scene, "b", &none, "its pause has ended");
    about = why_about(&scene, "b", &none);
    assert_int_equal(json_array_size(json_object_get(about, "lines")), 2);
    json_decref(about);
    scene.pauses.n = 0;
    readings[1].policy.excluded = false;
    readings[1].has_balloon = false;
    assert_change(&scene, "b", &none, "a balloon device");
    readings[1].has_balloon = readings[1].locked = true;
    readings[1].lock = MEMORY_LOCK_UNREADABLE;
    assert_change(&scene, "b", &none, "a definition that can be read");
    readings[1].lock = MEMORY_LOCK_UNREAD;
    places[1].state = GUEST_LEARNING;
    assert_change(&scene, "b", &none, "its definition is read in one of the next intervals");
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
    make(&scene, &kit, &planner, SCENE_SHOWN);
    text = scene_answer(&scene, &(struct question){0}, &err);
    answer = json_loads(text, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(json_object_get(answer, "plan"), "moves")), 1);
    assert_true(json_number_value(json_object_get(json_object_get(answer, "plan"), "t_s")) == 12.5);
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
        cmocka_unit_test(a_guest_is_found_by_its_uuid_too),
        cmocka_unit_test(a_report_is_the_interval_as_the_program_has_it),
        cmocka_unit_test(why_says_what_became_of_the_plan),
        cmocka_unit_test(why_knows_pauses),
        cmocka_unit_test(why_knows_pauses_that_are_over),
        cmocka_unit_test(why_says_what_would_change_a_size),
        cmocka_unit_test(an_answer_is_a_plan_of_the_host_that_would_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
