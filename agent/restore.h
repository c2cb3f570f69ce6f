/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RESTORE_H
#define EVENKEEL_AGENT_RESTORE_H

#include "agent/base/apply.h"
#include "agent/base/originals.h"
#include "planner/memory/settings.h"

/* What is put back: for everything that a plan was about to change for the first time, the state in
 * the sample behind that plan. */

/* Call before applying. Something that cannot be remembered (no memory) cannot be put back: -ENOMEM
 * and the plan should not be applied. */
int restore_keep_vcpus(struct originals *originals, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, struct err *err);
/* Marks the vCPUs that floated when they were found and were pinned by us since: to what they are
 * pinned now, as far as that is online. with_single: to a single pCPU as well. Likewise helpers. */
void restore_mark_ours(const struct originals *originals, bool with_single,
                       struct vcpu_sample *sample);
/* Carries the plan's releases out: each floats as it was found. */
void restore_release_vcpus(const struct originals *originals, const struct host *host,
                           const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                           const struct stop *stop, const struct log *log, struct tally *tally);
/* Makes the sample what it is after the plan was carried out, all of it. */
void restore_follow(const struct originals *originals, const struct vcpu_plan *plan,
                    struct vcpu_sample *sample);
int restore_keep_memory(struct originals *originals, const struct memory_sample *sample,
                        const struct memory_plan *plan, struct err *err);
/* Whether that run of the guest has ended, for all that the host tells. */
bool restore_has_ended(const struct host *host, const struct original *original);
/* Guests that have ended, or were started again, leave (originals.h). Asks the host for so many, and goes
 * on from there the next time. */
void restore_forget(struct originals *originals, const struct host *host, size_t max_questions);

/* Reads the host once more, puts back what differs and takes out of the originals what is in place
 * then; the rest is still owed, and who has ended leaves. A guest is not believed to be in place while a change
 * of it may still come after that (host.h). Affinities exactly, those of helpers too. Sizes as far as planner/memory/restore.h
 * allows: first all reclaims, then the grants, in the order of UUIDs, and then the periods of
 * statistics. Ends early where a stop is asked.
 * guest: only that one's, by name or UUID; NULL: everybody's. -ENOENT: it neither runs nor is owed
 * anything. tally->changes gets what was put back. */
int restore_vcpus(struct originals *originals, const char *guest, const struct host *host,
                  const struct stop *stop, const struct log *log, struct tally *tally,
                  struct err *err);
int restore_memory(struct originals *originals, const char *guest, const struct host *host,
                   const struct stop *stop, const struct memory_settings *settings,
                   const struct log *log, struct tally *tally, struct err *err);

#endif
