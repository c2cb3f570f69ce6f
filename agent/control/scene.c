/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/control/scene.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/guest_name.h"
#include "agent/base/json_values.h"
#include "agent/report/report_json.h"
#include "planner/memory/check.h"
#include "planner/memory/what_if.h"
#include "planner/vcpu/check.h"
#include "planner/vcpu/what_if.h"

const char *scene_verdict(const struct scene *scene)
{
    return verdict_text(scene->program == PROGRAM_VCPU ? scene->vcpu_plan.verdict
                                                       : scene->memory_plan.verdict);
}

void scene_free(struct scene *scene)
{
    if (!scene)
        return;
    vcpu_planner_free(scene->vcpu_planner);
    vcpu_sample_done(&scene->vcpu_sample);
    vcpu_plan_done(&scene->vcpu_plan);
    memory_planner_free(scene->memory_planner);
    memory_sample_done(&scene->memory_sample);
    memory_plan_done(&scene->memory_plan);
    free(scene);
}

void question_done(struct question *question)
{
    for (char **name = question->without; name && *name; name++)
        free(*name);
    free(question->without);
    for (size_t i = 0; i < question->n_floors; i++)
        free(question->floors[i].guest);
    free(question->floors);
    *question = (struct question){0};
}

size_t question_without(const struct question *question)
{
    size_t n = 0;

    while (question->without && question->without[n])
        n++;
    return n;
}

/* vCPUs stand in a report under the name that is shown, and histories have the true one. */
static json_t *names_of(const struct vcpu_sample *sample)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < sample->n_vcpus; i += vcpu_sample_guest_size(sample, i)) {
        const struct guest_id *guest = &sample->vcpus[i].guest;

        failures +=
            json_array_append_new(array, json_members("name", json_from_text(guest->name), "guest",
                                                      json_from_guest(guest), "uuid",
                                                      json_from_uuid(guest), NULL)) < 0;
    }
    return json_unless(array, failures);
}

json_t *scene_report(const struct scene *scene)
{
    json_t *report;

    if (scene->program == PROGRAM_MEMORY)
        return report_json_memory(&scene->memory_plan, &scene->interval, true);
    report = report_json_vcpu(&scene->vcpu_sample, &scene->vcpu_plan, &scene->interval);
    if (json_object_set_new(report, "guests", names_of(&scene->vcpu_sample)) == 0)
        return report;
    json_decref(report);
    return NULL;
}

/* ---- Names ---- */

bool scene_find_guest(const struct scene *scene, const char *name, struct guest_id *ret)
{
    for (size_t i = 0; i < scene->vcpu_sample.n_vcpus; i++) {
        *ret = scene->vcpu_sample.vcpus[i].guest;
        if (guest_is_called(ret, name))
            return true;
    }
    for (size_t i = 0; i < scene->memory_sample.n_guests; i++) {
        *ret = scene->memory_sample.guests[i].guest;
        if (guest_is_called(ret, name))
            return true;
    }
    return false;
}

static int no_guest(const char *name, struct err *err)
{
    return err_set(err, -ENOENT, "there was no guest '%.200s' in the last interval", name);
}

static int find_without(const struct scene *scene, const struct question *question,
                        struct guest_id *ret, struct err *err)
{
    for (size_t i = 0; i < question_without(question); i++)
        if (!scene_find_guest(scene, question->without[i], &ret[i]))
            return no_guest(question->without[i], err);
    return 0;
}

static int find_floors(const struct scene *scene, const struct question *question,
                       struct memory_floor *ret, struct err *err)
{
    for (size_t i = 0; i < question->n_floors; i++) {
        if (!scene_find_guest(scene, question->floors[i].guest, &ret[i].guest))
            return no_guest(question->floors[i].guest, err);
        ret[i].floor_kib = question->floors[i].floor_mib * 1024;
    }
    return 0;
}

/* ---- Answers ---- */

static struct work limits_of(const struct work *limits, const struct question *question)
{
    struct work own = *limits;

    own.stop = question->stop;
    own.stop_arg = question->stop_arg;
    own.clock_ns = clock_monotonic_ns;
    return own;
}

static struct interval interval_of(const struct scene *scene, uint64_t began_ns)
{
    struct interval interval = {.number = scene->interval.number,
                                .t_s = scene->interval.t_s,
                                .at_ns = scene->interval.at_ns,
                                .dry_run = true,
                                .solve_ms = (double)(clock_monotonic_ns() - began_ns) / 1e6};

    memcpy(interval.at, scene->interval.at, sizeof(interval.at));
    return interval;
}

static json_t *plan_vcpus(const struct scene *scene, const struct vcpu_what_if *what_if,
                          struct err *err)
{
    struct vcpu_planner *planner = vcpu_planner_copy(scene->vcpu_planner);
    uint64_t began_ns = clock_monotonic_ns();
    struct vcpu_sample sample = {0};
    struct vcpu_plan plan = {0};
    struct err refusal = {0};
    json_t *json = NULL;
    int r =
        planner ? vcpu_planner_suppose(planner, what_if, &scene->vcpu_sample, &sample) : -ENOMEM;

    if (r < 0)
        err_set(err, r, "out of memory");
    if (r == 0)
        r = vcpu_planner_answer(planner, &sample, &plan, err);
    if (r == 0 && vcpu_check(&sample, &plan, &refusal) < 0)
        vcpu_plan_hold(&plan, VERDICT_HOLD_UNSAFE, refusal.text);
    if (r == 0) {
        struct interval interval = interval_of(scene, began_ns);

        json = report_json_vcpu(&sample, &plan, &interval);
        if (!json)
            err_set(err, -ENOMEM, "out of memory");
    }
    vcpu_plan_done(&plan);
    vcpu_sample_done(&sample);
    vcpu_planner_free(planner);
    return json;
}

static json_t *plan_memory(const struct scene *scene, const struct memory_what_if *what_if,
                           struct err *err)
{
    struct memory_planner *planner = memory_planner_copy(scene->memory_planner);
    uint64_t began_ns = clock_monotonic_ns();
    struct memory_sample sample = {0};
    struct memory_plan plan = {0};
    struct err refusal = {0};
    json_t *json = NULL;
    int r = planner ? memory_planner_suppose(planner, what_if, &scene->memory_sample, &sample)
                    : -ENOMEM;

    if (r < 0)
        err_set(err, r, "out of memory");
    if (r == 0)
        r = memory_planner_answer(planner, &sample, &plan, err);
    if (r == 0 && memory_check(&scene->memory_settings, &sample, &plan, &refusal) < 0)
        memory_plan_hold(&plan, VERDICT_HOLD_UNSAFE, refusal.text);
    if (r == 0) {
        struct interval interval = interval_of(scene, began_ns);

        json = report_json_memory(&plan, &interval, true);
        if (!json)
            err_set(err, -ENOMEM, "out of memory");
    }
    memory_plan_done(&plan);
    memory_sample_done(&sample);
    memory_planner_free(planner);
    return json;
}

static json_t *plan(const struct scene *scene, const struct question *question, struct err *err)
{
    size_t n = question_without(question);
    struct guest_id *without = calloc(n + 1, sizeof(*without));
    struct memory_floor *floors = calloc(question->n_floors + 1, sizeof(*floors));
    json_t *json = NULL;
    int r = -ENOMEM;

    if (without && floors) {
        r = find_without(scene, question, without, err);
        if (r == 0)
            r = find_floors(scene, question, floors, err);
    } else {
        err_set(err, r, "out of memory");
    }
    if (r == 0 && scene->program == PROGRAM_VCPU)
        json = plan_vcpus(scene,
                          &(struct vcpu_what_if){without, n, question->reserve,
                                                 limits_of(&scene->vcpu_settings.limits, question)},
                          err);
    else if (r == 0)
        json = plan_memory(
            scene,
            &(struct memory_what_if){without, n, floors, question->n_floors,
                                     limits_of(&scene->memory_settings.limits, question)},
            err);
    free(without);
    free(floors);
    return json;
}

static json_t *asked(const struct question *question)
{
    json_t *without = json_array(), *floors = json_object();
    int failures = 0;

    for (size_t i = 0; i < question_without(question); i++)
        failures += json_array_append_new(without, json_string(question->without[i])) < 0;
    for (size_t i = 0; i < question->n_floors; i++)
        failures += json_object_set_new(floors, question->floors[i].guest,
                                        json_from_count(question->floors[i].floor_mib)) < 0;
    return json_members("without", json_unless(without, failures), "reserve",
                        json_from_cpuset(&question->reserve), "floors_mib",
                        json_unless(floors, failures), NULL);
}

char *scene_answer(const struct scene *scene, const struct question *question, struct err *err)
{
    json_t *made = plan(scene, question, err);
    char *text;

    if (!made)
        return NULL;
    text = json_line(json_members("program", json_string(program_name(scene->program)), "at",
                                  json_string(scene->interval.at), "if", asked(question), "plan",
                                  made, NULL),
                     JSON_DIGITS_SHORT);
    if (!text)
        err_set(err, -ENOMEM, "out of memory");
    return text;
}
