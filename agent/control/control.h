/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CONTROL_CONTROL_H
#define EVENKEEL_AGENT_CONTROL_CONTROL_H

#include <stdbool.h>

#include "agent/base/options.h"
#include "agent/control/pauses.h"
#include "agent/metrics/metrics.h"
#include "agent/report/report.h"
#include "planner/base/plan.h"
#include "planner/memory/planner.h"
#include "planner/vcpu/planner.h"

/* What operators ask a running program, over D-Bus, and tell it. A thread of its own serves the bus,
 * from what the loop published after its last interval: a question waits neither for a decision nor
 * for a call to libvirt, and the loop waits for nobody. What is told (pauses, a reload) the loop
 * picks up by itself. */
struct control;

/* NULL: no memory. Nothing is served yet. can_reload: there is a configuration. History and metrics are
 * borrowed, and read; NULL: there are none. */
struct history;
struct control *control_new(enum program program, bool can_reload, struct history *history,
                            struct metrics *metrics);
/* Takes the program's name on the system's bus and begins to serve. 0, or a negative errno with a sentence:
 * without a bus nobody can ask, and with tries_again one is looked for each second. In both cases pauses
 * that an earlier run left in a file of the folder hold. They are kept there; where that cannot be,
 * *trouble says so, and they end with the program. Without a folder, of a simulated host, they end with it as
 * well, and its name is the next program's that asks. */
int control_serve(struct control *control, const char *folder, bool tries_again,
                  struct err *trouble, struct err *err);
/* Whether anybody can ask, now or once there is a bus; control may be NULL. */
bool control_is_serving(const struct control *control);
void control_free(struct control *control);

/* The options that are in force now; control may be NULL. */
void control_tell_config(struct control *control, const struct options *options);
/* What is told of the last interval. The loop calls one of these after it; control may be NULL. */
void control_tell_vcpu(struct control *control, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, const struct interval *interval);
void control_tell_memory(struct control *control, const struct memory_sample *sample,
                         const struct memory_plan *plan, const struct interval *interval);
/* What questions of why and of what would be done are answered from: the sample, as it is after the plan was carried out, and the plan, which are taken over, and a copy of what the planner remembers. */
void control_keep_vcpus(struct control *control, const struct vcpu_planner *planner,
                        const struct vcpu_settings *settings, struct vcpu_sample *sample,
                        struct vcpu_plan *plan, const struct interval *interval);
void control_keep_memory(struct control *control, const struct memory_planner *planner,
                         const struct memory_settings *settings, struct memory_sample *sample,
                         struct memory_plan *plan, const struct interval *interval);
/* What the program waits for, or why the last interval failed. */
void control_tell_trouble(struct control *control, const char *text);

/* Why what is found cannot be written down, so that nothing is changed; "": it can. */
void control_tell_state(struct control *control, const char *text);

/* Whether everything is paused; control may be NULL. */
bool control_is_paused(struct control *control);
/* Whether everything is paused, or somebody paused something since the sample was marked: what was planned from it
 * is not made. */
bool control_is_overtaken(struct control *control);
/* Marks the guests of a sample that are to be left alone. */
void control_mark_vcpus(struct control *control, struct vcpu_sample *sample);
void control_mark_memory(struct control *control, struct memory_sample *sample);

/* The loop listens to this descriptor, which an operator's word makes readable. Before control_serve(). */
void control_wakes(struct control *control, int fd);
/* Whether somebody asked to put back what was found; *ret is the guest's name, "": all. */
bool control_take_release(struct control *control, char ret[PAUSE_NAME_SIZE]);
/* Whether somebody asked to read the configuration again since this was asked last. */
bool control_take_reload(struct control *control);
/* Has the guest left alone, or all (""), for so long; 0: until somebody resumes it. 0, -ENAMETOOLONG or
 * -ENOSPC. */
int control_pause(struct control *control, const char *guest, uint64_t seconds);
/* Ends that, or all of it (""). 0; -ENOENT: that was not paused; -EBUSY: but everything is. */
int control_resume(struct control *control, const char *guest);
/* What came of that. */
struct control_result {
    bool only_looks;     /* this program changes nothing, and puts nothing back */
    size_t done, owed;   /* put back, and still to be */
    const char *trouble; /* NULL: none */
};
void control_released(struct control *control, const struct control_result *result);

/* How the reload ended that was asked for: trouble NULL, or why what was in force stays, which is told
 * until the next one. */
void control_reloaded(struct control *control, const char *trouble);

#endif
