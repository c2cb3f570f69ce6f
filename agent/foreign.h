/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FOREIGN_H
#define EVENKEEL_AGENT_FOREIGN_H

#include "agent/base/apply.h"
#include "agent/base/log.h"

/* Whether somebody else changes what is ours to change too: a vCPU whose mask is another one than in the
 * last sample, though we have not changed it, or not to that. What becomes of it is the planner's
 * (planner/vcpu/foreign.h). */
struct foreign {
    struct foreign_vcpu *vcpus; /* owned, in the order of the last sample */
    size_t n;
    uint64_t online;       /* a mark of the pCPUs that were online then */
    struct vcpu_pin *pins; /* owned: what we have pinned since */
    size_t n_pins;
    bool is_yielded; /* everything, as of the last plan */
};
void foreign_done(struct foreign *foreign);

/* Marks the sample's vCPUs that somebody else has moved, and says so, once in a quarter of an hour for
 * each: aloud where it was a pin of ours, else with --verbose. Where pCPUs came or went, or a slice has
 * others, the kernel may have done it: then nobody is. Without memory nobody is marked. */
void foreign_mark(struct foreign *foreign, struct vcpu_sample *sample, const struct log *log);
/* What was carried out of the plan. The next sample shows it, or somebody else was faster. */
void foreign_applied(struct foreign *foreign, const struct vcpu_plan *plan,
                     const struct tally *tally);
/* What was found was put back since: the next sample is as good as the first. */
void foreign_forget_all(struct foreign *foreign);
/* Says who is left to others from now on. */
void foreign_warn(struct foreign *foreign, const struct vcpu_sample *sample,
                  const struct vcpu_plan *plan, const struct log *log);

#endif
