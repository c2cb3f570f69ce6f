/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_PLANNER_H
#define EVENKEEL_PLANNER_VCPU_PLANNER_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* Everything about a decision that may be chosen. Settings are data: they go into a recording. */
struct vcpu_settings {
    enum placement_objective objective;
    double penalty_points; /* deviation that one average move must save; 0 = grows with the pCPUs */
    double deadband_points;  /* no plan while the largest deviation is within this */
    double idle_pct;         /* no plan while the busiest pCPU has less demand than this */
    double rise_half_life_s; /* forecast: quick to believe a rise ... */
    double fall_half_life_s; /* ... slow to believe a fall */
    double settle_s;         /* how long a vCPU out of idle or much busier is not believed */
    double confirm_s;        /* a plan has to be worth it twice in a row, or over an interval this
                                long, until jumps are known to last; 0 = at first sight */
    double noise_factor;     /* the deadband is at least this many times what noise alone makes */
    bool use_delay;          /* demand = usage / (1 - delay); off only to show why it is needed */
    bool learn_habits; /* follow noise that wanders, and trust jumps where they last; off only to
                           show what it is worth */
    bool keep_lp;      /* leave the compact model in the plan */
    struct work limits;
};
void vcpu_settings_default(struct vcpu_settings *ret);
int vcpu_settings_check(const struct vcpu_settings *settings, struct err *err);

/* The state between intervals: last sample and forecasts, replaced as a whole at each step. */
struct vcpu_planner;
struct vcpu_planner *vcpu_planner_new(const struct vcpu_settings *settings); /* or NULL */
void vcpu_planner_free(struct vcpu_planner *planner);

/* One interval's decision. The sample is only read. On failure *ret is untouched and the planner
 * remembers as if the interval had not happened. Same samples, same plan. */
int vcpu_planner_step(struct vcpu_planner *planner, const struct vcpu_sample *sample,
                      struct vcpu_plan *ret, struct err *err);

/* A pin of the last plan failed although the guest is there: the vCPU is planned where it is for a
 * while, and longer each time, instead of being asked again in each interval. */
void vcpu_planner_refused(struct vcpu_planner *planner, const struct guest_id *guest,
                          unsigned vcpu);

/* The independent checker. It shares nothing with the code that makes plans: every vCPU of the sample
 * once; whoever moves runs, and goes to an allowed online pCPU; pins are exactly the difference; loads
 * and sigmas recomputed from sample and places; never dearer than changing nothing, never cheaper than
 * the bound. 0, or -EINVAL with the sentence. */
int vcpu_plan_check(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                    struct err *err);

#endif
