/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_DECIDE_H
#define EVENKEEL_PLANNER_VCPU_DECIDE_H

#include "planner/vcpu/build.h"
#include "planner/vcpu/consult.h"
#include "planner/vcpu/floating.h"
#include "planner/vcpu/grain.h"
#include "planner/vcpu/planner.h"

/* Private to planner.c: one interval's decision at one level. */

struct vcpu_planner {
    struct vcpu_settings settings;
    struct vcpu_tracks tracks;
    struct vcpu_floating floating;
    struct vcpu_grain grain;
    bool plan_seen; /* and the last one had a plan that waits to be confirmed */
};

/* One interval's question, answer and verdict on their way through the steps below. */
struct decision {
    struct vcpu_tracks tracks;
    struct vcpu_build build;
    struct placement_answer answer; /* GLPK's */
    bool plan_found;                /* one that moves something */
    double limit_points;            /* the deadband, noise included */
    double gain_points;             /* what a plan has to save beyond its price */
    double deviation_points, busiest_pct;
    struct vcpu_floating floating;
    struct vcpu_grain grain;
    bool is_away;       /* some guest's memory is so far that leaving may be worth it */
    bool is_overloaded; /* some pCPU has more demand than it can serve */
    struct vcpu_plan plan;
};

void decision_done(struct decision *d);

/* The straight line at one level: a complete plan. d holds the tracks and nothing else. 0 or a negative
 * errno. */
int decide_at(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
              enum topology_level level, struct decision *d, struct err *err);
/* The same without a search: what changing nothing costs, GLPK's word on it where nobody floats, and
 * where everybody is. */
int decide_to_hold(const struct vcpu_planner *planner, const struct vcpu_sample *sample,
                   enum topology_level level, struct decision *d, struct err *err);
/* Turns the plan into one that changes nothing, but that our own pins are taken back. */
int decide_nothing(const struct vcpu_sample *sample, bool releases, struct decision *d);
/* Forgets it all but the tracks, for another level. */
void decide_anew(struct decision *d);

#endif
