/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CONTROL_SCENE_H
#define EVENKEEL_AGENT_CONTROL_SCENE_H

#include <jansson.h>

#include "agent/base/options.h"
#include "agent/control/pauses.h"
#include "agent/report/report.h"
#include "planner/memory/planner.h"
#include "planner/vcpu/planner.h"

/* What became of the interval's plan. */
enum scene_fate {
    SCENE_SHOWN,  /* nothing: the program only looks */
    SCENE_PAUSED, /* nothing: everything was paused */
    SCENE_PART,   /* some changes were not made: the sample is as it was before all of them */
    SCENE_DONE,   /* all of it */
};

/* All that a decision of the last interval depended on, as it was after it: whoever asks what would
 * be done gets an answer from this, and the loop goes on meanwhile. Of one program; nothing in it
 * changes. */
struct scene {
    size_t refs; /* under the lock of the control */
    enum program program;
    enum scene_fate fate;
    struct interval interval;
    struct pauses pauses; /* when the interval began */
    struct vcpu_settings vcpu_settings;
    struct vcpu_planner *vcpu_planner; /* a copy */
    struct vcpu_sample vcpu_sample;
    struct vcpu_plan vcpu_plan;
    struct memory_settings memory_settings;
    struct memory_planner *memory_planner;
    struct memory_sample memory_sample;
    struct memory_plan memory_plan;
};
const char *scene_verdict(const struct scene *scene);
/* The guest that is called so, by name or UUID; false: there is none in the scene. */
bool scene_find_guest(const struct scene *scene, const char *name, struct guest_id *ret);
void scene_free(struct scene *scene); /* whatever its references; NULL is none */

/* What is asked, with guests by their true names. */
struct scene_floor {
    char *guest;
    uint64_t floor_mib;
};
struct question {
    char **without; /* owned, as all of it; ended by NULL, or NULL */
    struct cpuset reserve;
    struct scene_floor *floors;
    size_t n_floors;
    bool (*stop)(void *arg); /* whether to give up */
    void *stop_arg;
};
void question_done(struct question *question);
/* How many guests are not to be there. */
size_t question_without(const struct question *question);

/* The interval as a report has it, with vCPUs where they are after it, and whose they are in "guests": name as
 * it is shown, guest the true one, and uuid. A new reference, or NULL without memory. */
json_t *scene_report(const struct scene *scene);
/* The answer as a JSON text, malloc'ed: "program", "at", what was asked, and "plan" as a report of the
 * interval would have it. NULL with a sentence where it is about a guest that the scene does not have,
 * or there is no memory. */
char *scene_answer(const struct scene *scene, const struct question *question, struct err *err);

#endif
