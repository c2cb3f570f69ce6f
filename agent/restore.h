/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RESTORE_H
#define EVENKEEL_AGENT_RESTORE_H

#include "agent/base/apply.h"
#include "planner/memory/settings.h"

/* What --restore puts back: for everything that a plan is about to change for the first time, the
 * state in the sample behind that plan. */
struct restore;
struct restore *restore_new(void); /* NULL: out of memory. */
void restore_free(struct restore *restore);

/* Call before applying. Something that cannot be remembered (no memory) cannot be put back: -ENOMEM
 * and the plan should not be applied. */
int restore_keep_vcpus(struct restore *restore, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, struct err *err);
int restore_keep_memory(struct restore *restore, const struct memory_sample *sample,
                        const struct memory_plan *plan, struct err *err);

/* Reads the host once more and puts back what differs. Affinities exactly. Sizes as far as
 * planner/memory/restore.h allows: first all reclaims, then the grants, in the order of UUIDs. What
 * could not be put back whole is logged. */
int restore_vcpus(const struct restore *restore, const struct host *host, const struct log *log,
                  struct tally *tally, struct err *err);
int restore_memory(const struct restore *restore, const struct host *host,
                   const struct memory_settings *settings, const struct log *log,
                   struct tally *tally, struct err *err);

#endif
