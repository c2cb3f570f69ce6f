/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_APPLY_H
#define EVENKEEL_AGENT_BASE_APPLY_H

#include <jansson.h>

#include <stddef.h>

#include "agent/base/host.h"
#include "agent/base/log.h"
#include "agent/base/stop.h"

/* How an interval's actions went. A guest that vanished since the sample is normal life. */
struct tally {
    size_t done, gone, failed;
    json_t
        *changes; /* borrowed array that gets what was put back (history/changes.h); may be NULL */
    /* Of each change of a plan, whether it was carried out; borrowed, may be NULL. In the order pins, releases and
     * helpers, or reclaims and grants. */
    bool *made;
};

/* Notes whether that change was carried out, by its result, and returns it. */
static inline bool tally_made(const struct tally *tally, size_t change, int r)
{
    if (tally->made)
        tally->made[change] = r >= 0;
    return r >= 0;
}

/* Performs the plan's diff in its order (memory: reclaims, then grants), until a stop is asked.
 * Each failure is logged with the guest's name and counted, and the others go on; only a lost
 * connection ends the round, its remaining actions counted as failed. Nothing is retried: the next
 * sample tells the truth. refused() hears of each pin that failed although guest and connection are
 * there; may be NULL. */
void apply_vcpu_plan(const struct host *host, const struct vcpu_plan *plan, const struct stop *stop,
                     const struct log *log, struct tally *tally,
                     void (*refused)(void *arg, const struct vcpu_pin *pin), void *arg);
/* Likewise its helpers, after that. refused() hears of what failed as above; may be NULL. */
void apply_helper_pins(const struct host *host, const struct vcpu_plan *plan,
                       const struct stop *stop, const struct log *log, struct tally *tally,
                       void (*refused)(void *arg, const struct helper_pin *pin), void *arg);
/* undone() hears of each step that was not carried out, for the planner to know; may be NULL.
 * is_refused: guest and connection are there, and so is nothing that will pass by itself. Returns
 * whether the failure is worth a warning. */
void apply_memory_plan(const struct host *host, const struct memory_plan *plan,
                       const struct stop *stop, const struct log *log, struct tally *tally,
                       bool (*undone)(void *arg, const struct guest_id *guest, bool is_refused),
                       void *arg);

/* Counts and logs one action's result; false once the connection is lost. */
bool tally_add(struct tally *tally, const struct log *log, const struct guest_id *guest, int r,
               const struct err *err);

#endif
