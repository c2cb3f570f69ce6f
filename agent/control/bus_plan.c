/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/control/bus_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/control/bus_names.h"

enum { MAX_NAMES = 1024 };

static int read_floors(sd_bus_message *call, struct question *question)
{
    int r = sd_bus_message_enter_container(call, SD_BUS_TYPE_ARRAY, "{st}");

    question->floors = calloc(MAX_NAMES, sizeof(*question->floors));
    if (!question->floors)
        return -ENOMEM;
    while (r >= 0) {
        struct scene_floor *floor = &question->floors[question->n_floors];
        const char *guest;

        r = sd_bus_message_read(call, "{st}", &guest, &floor->floor_mib);
        if (r <= 0)
            break;
        if (question->n_floors + 1 == MAX_NAMES || floor->floor_mib > memory_most_kib / 1024)
            return -E2BIG;
        floor->guest = strdup(guest);
        if (!floor->guest)
            return -ENOMEM;
        question->n_floors++;
    }
    return r < 0 ? r : sd_bus_message_exit_container(call);
}

static int read_question(sd_bus_message *call, struct question *question)
{
    const char *reserve;
    int r = sd_bus_message_read_strv(call, &question->without);

    if (r >= 0 && question_without(question) > MAX_NAMES)
        return -E2BIG;
    if (r >= 0)
        r = sd_bus_message_read(call, "s", &reserve);
    if (r >= 0 && reserve[0])
        r = cpuset_parse(reserve, &question->reserve);
    return r < 0 ? r : read_floors(call, question);
}

static const char *mistake_of(const struct control *control, const struct question *question, int r)
{
    if (r == -E2BIG)
        return "too many guests, or too large a floor";
    if (r < 0)
        return "pCPUs are written like 0-3,7";
    if (control->program == PROGRAM_VCPU && question->n_floors)
        return "floors are of memory, which vcpu_scheduler does not plan";
    if (control->program == PROGRAM_MEMORY && cpuset_count(&question->reserve))
        return "pCPUs are not what memory_coordinator plans";
    return NULL;
}

int bus_plan_ask(struct bus_plan *plan, struct control *control, sd_bus_message *call,
                 sd_bus_error *error)
{
    struct question question = {0};
    const char *mistake;
    int r;

    if (plan->call)
        return sd_bus_error_set(error, BUS_ERROR_BUSY, "a plan is being made: ask again after it");
    r = read_question(call, &question);
    mistake = r == -ENOMEM ? NULL : mistake_of(control, &question, r);
    if (r == -ENOMEM || mistake) {
        question_done(&question);
        return mistake ? sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS, mistake) : r;
    }
    plan->scene = control_take_scene(control);
    if (!plan->scene) {
        question_done(&question);
        return sd_bus_error_set(error, BUS_ERROR_NOT_YET, "there was no interval yet to plan from");
    }
    plan->pondering = ponder_begin(plan->scene, &question, control->wake_fd);
    if (!plan->pondering) {
        control_drop_scene(control, plan->scene);
        return -ENOMEM;
    }
    plan->call = sd_bus_message_ref(call);
    return 1;
}

void bus_plan_answer(struct bus_plan *plan, struct control *control, bool is_ending)
{
    struct err err = {0};
    char *text;

    if (!plan->call || !(is_ending || ponder_is_done(plan->pondering)))
        return;
    text = ponder_end(plan->pondering, &err);
    control_drop_scene(control, plan->scene);
    if (text)
        sd_bus_reply_method_return(plan->call, "s", text);
    else
        sd_bus_reply_method_errorf(plan->call,
                                   err.code == -ENOENT ? BUS_ERROR_NO_GUEST : SD_BUS_ERROR_FAILED,
                                   "%s", err.text);
    free(text);
    sd_bus_message_unref(plan->call);
    *plan = (struct bus_plan){0};
}
