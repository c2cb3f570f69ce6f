/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_ACT_ROUND_H
#define EVENKEEL_AGENT_FLEET_ACT_ROUND_H

#include "agent/base/main_loop.h"
#include "agent/fleet/act.h"
#include "agent/fleet/patch.h"
#include "agent/fleet/show.h"
#include "planner/fleet/may_act.h"

/* A round while it is done (act.c): what its parts share. */

/* One try: what was read, planned and is about to be sent. */
struct act_try {
    const struct request *request;
    struct scene scene;
    struct fleet_plan plan;
    struct engine_says says;
    struct patch patch;
    struct act_report *report;
    /* What hosts said themselves, where there is a list of them. Owned. */
    struct act_host *hosts;     /* [n_hosts], or NULL */
    bool *has_device, *has_job; /* [n_guests] */
    int64_t *memory_mib;        /* [n_guests] as libvirt has it; 0: not told */
    /* Until something is sent a signal simply ends us; from then on it asks to stop. */
    struct main_loop loop;
    bool has_loop;
};

/* act_look.c: whether anything may be done to this cluster just now. 0, or a negative errno with a
 * sentence. */
int act_check_cluster(struct act_try *round, struct err *err);
/* Whom a wish may not be written about stays where it is. */
void act_fix_guests(struct act_try *round);
/* What the report tells of a plan. */
void act_note_plan(struct act_try *round);

/* act_hosts.c: asks the hosts of the list, and says who was not asked. 0 or -ENOMEM. */
int act_ask_hosts(struct act_try *round, struct err *err);
void act_hosts_done(struct act_try *round);
/* Whether every host has room for who would come, by its own word. Of one that has not, those guests are
 * kept away, so that another plan has to be made: 1. 0: all is well. */
int act_check_hosts(struct act_try *round);

/* act_patch.c: the patch, made and checked in every way, the last of which is the engine's own word. */
int act_make_patch(struct act_try *round, struct err *err);

#endif
