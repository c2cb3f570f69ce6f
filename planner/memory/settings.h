/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_SETTINGS_H
#define EVENKEEL_PLANNER_MEMORY_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/base/work.h"
#include "planner/base/sample.h"
#include "planner/base/setting.h"

/* Defences that can be left out, one by one, so that a test can show what each of them prevents.
 * Data like everything else in the settings: a recording holds them. A daemon leaves none out. */
enum {
    MEMORY_WITHOUT_PROMISES = 1 << 0,   /* memory granted but not yet touched counts as free */
    MEMORY_WITHOUT_OVERHEAD = 1 << 1,   /* a guest's process needs nothing beside its memory */
    MEMORY_WITHOUT_PHASES = 1 << 2,     /* grants out of what this plan's reclaims will free */
    MEMORY_WITHOUT_OBEDIENCE = 1 << 3,  /* a guest that does not move is believed to move soon */
    MEMORY_WITHOUT_DISBELIEF = 1 << 4,  /* statistics are true, however old or strange */
    MEMORY_WITHOUT_STEP_LIMIT = 1 << 5, /* release everything at once */
    MEMORY_WITHOUT_DEADBAND = 1 << 6,   /* move balloons for a page */
    MEMORY_WITHOUT_FORECAST = 1 << 7,   /* no headroom for growth */
    MEMORY_WITHOUT_SLOW_FALL = 1 << 8,  /* believe a fall at once */
    MEMORY_WITHOUT_DIRECTION = 1 << 9,  /* release while a guest still grows, or just did */
    MEMORY_WITHOUT_PATIENCE = 1 << 10,  /* release again what was regretted the last time */
    MEMORY_WITHOUT_PAIRING = 1 << 11,   /* unused belongs to actual, even while the balloon moves */

    MEMORY_WITHOUT_FLOORS = 1 << 13,   /* take from any guest what another one needs */
    MEMORY_WITHOUT_LEARNING = 1 << 14, /* release from guests that were only just seen */
    MEMORY_WITHOUT_CHECK = 1 << 15,    /* apply without asking the checker */
    MEMORY_WITHOUT_PROGRESS = 1 << 12, /* a slow guest is as good as a stuck one */
    MEMORY_WITHOUT_ALL = (1 << 16) - 1,
};

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
    double fall_half_life_s;     /* a fall of demand is believed by half after this */
    double quiet_s;              /* growth has stopped when there was none for so long */
    double stuck_s;              /* a balloon that has not moved for so long is stuck */
    double retry_s;              /* ask a stuck guest again after this, then after twice that ... */
    double stats_age_s;          /* statistics older than this are not believed */
    bool keep_lp;                /* leave the models in the plan */
    bool explain;                /* say for each guest why it has its size */
    unsigned without;            /* MEMORY_WITHOUT_* */
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

static inline bool memory_is_without(const struct memory_settings *settings, unsigned defence)
{
    return (settings->without & defence) != 0;
}

#endif
