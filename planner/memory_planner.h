/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_PLANNER_H
#define EVENKEEL_PLANNER_MEMORY_PLANNER_H

#include "planner/err.h"
#include "planner/plan.h"
#include "planner/sample.h"

struct memory_settings {
    double interval_s;           /* until the next chance to act: what growth has to be covered */
    uint64_t guest_unused_kib;   /* unused memory each guest keeps: 100 MiB */
    uint64_t guest_least_kib;    /* no guest below this: 200 MiB */
    uint64_t host_reserve_kib;   /* host memory never handed out: 200 MiB */
    double host_reserve_pct;     /* and this share of the host, whichever is more */
    uint64_t host_budget_kib;    /* pretend the host has only this for guests; 0 = all it has */
    uint64_t release_kib_per_2s; /* largest step down ... */
    double release_pct_per_2s;   /* ... also as a share of the guest */
    uint64_t deadband_kib;       /* no balloon call for less */
    bool keep_lp;
    struct work limits;
};
void memory_settings_default(struct memory_settings *ret);
int memory_settings_check(const struct memory_settings *settings, struct err *err);

struct memory_planner;
struct memory_planner *memory_planner_new(const struct memory_settings *settings);
void memory_planner_free(struct memory_planner *planner);

/* As vcpu_planner_step(). */
int memory_planner_step(struct memory_planner *planner, const struct memory_sample *sample,
                        struct memory_plan *ret, struct err *err);

/* The independent checker: floor <= target <= ceiling, nothing touched that is fixed, reclaims fall
 * and grants rise, no step inside the deadband or beyond the release limit, and reserve + all
 * grants + what is still promised fit into memory that is free now. 0, or -EINVAL with the
 * sentence. */
int memory_plan_check(const struct memory_settings *settings, const struct memory_sample *sample,
                      const struct memory_plan *plan, struct err *err);

#endif
