/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_VCPU_FACTS_H
#define EVENKEEL_AGENT_HOST_VCPU_FACTS_H

#include "agent/host/host_libvirt_guest.h"

/* What libvirt told of each guest's vCPUs one by one: their masks, which hardly ever change. The bulk call
 * tells the rest. So a sixteenth of the guests is asked in each sample, and who may have changed: whose
 * pins were set through libvirt, which tells of that; who was started, or has other vCPUs online, or
 * another slice; whose waiting jumped; and all of them where pCPUs came or went. */
struct vcpu_facts {
    struct vcpu_fact *list; /* owned; NULL: not asked yet */
    size_t n;
    bool is_due;       /* asked in the next sample whatever it shows */
    uint64_t at_ns;    /* of the last sample with it ... */
    uint64_t delay_ns; /* ... what all its vCPUs had waited then ... */
    double waited;     /* ... and how much they did in it, per time */
};
void vcpu_facts_done(struct vcpu_facts *facts);
/* Takes a list over that was just told. */
void vcpu_facts_set(struct vcpu_facts *facts, struct vcpu_fact *list, size_t n);
/* Whether the guest has to be asked in its turn-th sample, at at_ns; stats are those of the bulk call. */
bool vcpu_facts_are_due(struct vcpu_facts *facts, const unsigned char uuid[16], unsigned turn,
                        uint64_t at_ns, const struct guest_stats *stats);

#endif
