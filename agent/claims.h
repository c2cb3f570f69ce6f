/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLAIMS_H
#define EVENKEEL_AGENT_CLAIMS_H

#include "agent/session.h"
#include "planner/base/claim.h"

/* --metadata: what of guests' own words counts. Each claim of which not all counts is named once, as
 * long as its guest is there. */
struct claims {
    struct claim_cut *said; /* owned; sorted by guest and kind */
    size_t n_said;
};

/* Works on a sample that has just been taken; a replay's is as it was recorded. 0 or -ENOMEM. */
int claims_heed_memory(struct claims *claims, const struct session *session,
                       struct memory_sample *sample);
int claims_heed_vcpus(struct claims *claims, const struct session *session,
                      struct vcpu_sample *sample);
void claims_done(struct claims *claims);

#endif
