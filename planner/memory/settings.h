/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_SETTINGS_H
#define EVENKEEL_PLANNER_MEMORY_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "models/base/work.h"
#include "planner/base/sample.h"
#include "planner/base/setting.h"

/* Everything about a decision that may be chosen. Settings are data: they go into a recording. The
 * defaults are in settings.c. */
struct memory_settings {
    double interval_s; /* until the next chance to act: what growth has to be covered */

    /* What a guest keeps. */
    uint64_t guest_unused_kib;   /* unused memory */
    uint64_t guest_least_kib;    /* no guest is brought below this size */
    uint64_t guest_idle_kib;     /* idle memory beyond the unused that is not worth taking */
    double guest_cache_pct;      /* share of its droppable cache that is part of its floor; the rest
                                    is given up where another guest's floor is broken */
    uint64_t guest_overhead_kib; /* what its process needs beside its memory, at least; more where a
                                    guest that has touched everything shows more */

    /* What the host keeps. */
    uint64_t host_reserve_kib; /* memory never handed out */
    double host_reserve_pct;   /* and this share of the host, whichever is more */
    uint64_t host_budget_kib;  /* the guests' sizes together may not be more; 0: no such limit */

    /* When idle memory is taken. */
    bool only_pressed;   /* only while the host has less free than it should or a wish is unmet */
    double pressure_pct; /* that is this share of the host, beyond reserve and promises */

    /* How balloons are moved. */
    uint64_t release_kib_per_2s; /* largest step down */
    double release_pct_per_2s;   /* the same as a share of the guest; the smaller one holds */
    uint64_t deadband_kib;       /* no balloon call for less */
    uint64_t fair_step_kib;      /* fair shares are not enforced more finely (at weight 100) */

    /* What is believed, and when. */
    double fall_half_life_s; /* a fall of demand is believed by half after this */
    double quiet_s;          /* growth has stopped when there was none for so long; at 0 a guest
                                gives even while it grows */
    double stuck_s;          /* a balloon that has not moved for so long is stuck */
    double retry_s;     /* a stuck guest is asked again after this, then after twice that ... */
    double stats_age_s; /* statistics older than this are not believed */

    /* Defences. Each has a value that switches it off, with which tests show what it prevents. */
    double refused_s; /* after a balloon call that failed the guest is left alone for so long,
                               then for twice that ...; off: 0 */
    uint64_t
        max_kept_kib;    /* so much of what a balloon took may stay with the guest's process before
                               the guest is left alone; off: 2^36 */
    double floor_pct;    /* share of its floor that a guest keeps when others need memory; off: 0 */
    double promised_pct; /* share of what guests may still touch that counts as spent; off: 0 */
    double advance_pct;  /* share of this plan's reclaims that is granted before it has arrived;
                               off: 100 */
    double margin_climbs; /* a guest is aimed so many of its usual rises from report to report above
                             its floor; off: 0 */
    uint64_t dip_kib; /* a guest that has not grown by more since it began is given that much again
                         and no more; off: 0 */
    double headroom_pct;   /* share of the growth foreseen that is granted ahead; off: 0 */
    double max_patience_s; /* longest that a fall has to last after regretted releases; off: 0 */
    uint64_t progress_kib; /* a balloon that moves by this is slow and not stuck; off: 2^36 */
    uint64_t max_reverts;  /* a guest that came back up by itself so often after a release is left
                               there; off: 2^36 */
    double corrections;    /* how often a size that others have set is set anew, before it is left
                              to them (planner/memory/hands.h); off: 1e9 */
    uint64_t min_readings; /* believable readings before a guest's memory may be taken; off: 0 */
    bool use_jumps;        /* where only_pressed, a guest keeps room to grow by as much as it did
                              before within a few intervals; off: false */
    bool use_pairing;      /* a report goes with the size that the guest had then, not with its size
                               now; off: false */
    bool use_disbelief;    /* a report that cannot be true is none; off: false */

    bool use_old_reports; /* a report is of now, however old: for a look at guests that may not be
                             asked for a newer one */
    bool keep_lp;         /* leave the models in the plan */
    bool explain;         /* say for each guest why it has its size */
    struct work limits;
};
void memory_settings_default(struct memory_settings *ret);
/* 0, or -EINVAL with a sentence that names the setting. */
int memory_settings_check(const struct memory_settings *settings, struct err *err);

/* The settings that decide. keep_lp and explain only choose what is shown, and limits have a form
 * of their own. */
const struct setting *memory_settings_table(size_t *n);

/* Host memory that is never handed out, from a sample alone. */
uint64_t memory_settings_reserve_kib(const struct memory_settings *settings,
                                     const struct memory_sample *sample);
/* The largest step down that one interval may take from a guest of this size. */
uint64_t memory_settings_release_limit_kib(const struct memory_settings *settings,
                                           uint64_t actual_kib);

#endif
