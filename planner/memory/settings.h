/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_SETTINGS_H
#define EVENKEEL_PLANNER_MEMORY_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/base/work.h"
#include "planner/base/sample.h"
#include "planner/base/setting.h"

/* Everything about a decision that may be chosen. Settings are data: they go into a recording. A
 * defence is switched off by an extreme value, which its comment names. */
struct memory_settings {
    double interval_s;         /* until the next chance to act: what growth has to be covered */
    uint64_t guest_unused_kib; /* unused memory each guest keeps: 100 MiB */
    uint64_t guest_least_kib;  /* no guest below this: 200 MiB */
    uint64_t guest_idle_kib;   /* idle memory beyond that which is not worth taking: 30 MiB */
    double guest_cache_pct;    /* share of a guest's droppable cache that is part of its floor, 100;
                                  the rest is given up where another guest's floor is broken */
    uint64_t guest_overhead_kib; /* what a guest's process needs beside its memory: at least 64 MiB,
                                    more where a guest that has touched everything shows more */
    uint64_t host_reserve_kib;   /* host memory never handed out: 200 MiB */
    double host_reserve_pct;     /* and this share of the host, whichever is more */
    uint64_t host_budget_kib;    /* the guests' sizes together may not be more; 0 = no such limit */
    uint64_t release_kib_per_2s; /* largest step down ... */
    double release_pct_per_2s;   /* ... also as a share of the guest */
    uint64_t deadband_kib;       /* no balloon call for less */
    uint64_t fair_step_kib;      /* fair shares are not enforced more finely (at weight 100) */
    double fall_half_life_s;     /* a fall of demand is believed by half after this; 0: at once */
    double quiet_s;     /* growth has stopped when there was none for so long; 0: at once, and
                                    a guest gives even while it grows */
    double stuck_s;     /* a balloon that has not moved for so long is stuck */
    double retry_s;     /* ask a stuck guest again after this, then after twice that ... */
    double stats_age_s; /* statistics older than this are not believed */
    /* The following are as they should be; tests set the extreme value to show what each prevents. */
    double floor_pct;      /* share of a guest's floor that others may not take from: 100; 0: any
                                   guest gives what another one needs */
    double promised_pct;   /* share of what guests may still touch that counts as spent: 100; 0:
                                   it counts as free */
    double advance_pct;    /* share of what this plan's reclaims will free that is granted
                                   before it has arrived: 0; 100: all of it */
    double headroom_pct;   /* share of the growth foreseen that is granted ahead: 100; 0: none */
    double max_patience_s; /* longest that a fall has to last after releases regretted; 0: such a
                                   guest gives like any other */
    uint64_t progress_kib; /* a balloon that moves by this is not stuck; 2^36: a slow guest is as
                                   good as a stuck one */
    uint64_t max_reverts;  /* a guest that came back up by itself so often after a release is
                                   left there; 2^36: it is asked for ever */
    uint64_t readings_to_learn; /* believable readings before a guest's memory may be taken; 0: at
                                   first sight */
    bool use_pairing;   /* what a guest reports goes with the size it had then; off: with the
                                   size it has now, even while the balloon moves */
    bool use_disbelief; /* reports that cannot be true are none; off: all are believed, however
                                   old or strange */
    bool keep_lp;       /* leave the models in the plan */
    bool explain;       /* say for each guest why it has its size */
    struct work limits;
};
void memory_settings_default(struct memory_settings *ret);
/* 0, or -EINVAL with a sentence that names the setting. */
int memory_settings_check(const struct memory_settings *settings, struct err *err);

/* The settings that decide, for whoever reads or writes them all; keep_lp and explain choose what is
 * shown, and limits have a form of their own. */
const struct setting *memory_settings_table(size_t *n);

/* Host memory that is never handed out, from a sample alone. */
uint64_t memory_settings_reserve_kib(const struct memory_settings *settings,
                                     const struct memory_sample *sample);
/* The largest step down that one interval may take from a guest of this size. */
uint64_t memory_settings_release_limit_kib(const struct memory_settings *settings,
                                           uint64_t actual_kib);

#endif
