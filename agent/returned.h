/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RETURNED_H
#define EVENKEEL_AGENT_RETURNED_H

#include "agent/base/host.h"
#include "agent/base/log.h"
#include "agent/base/originals.h"

/* Guests that are another run than the one whose originals are known. One that was booted has what its
 * definition says, and nothing of ours. One that returned from saved memory, a snapshot's, or by migration
 * has what it went with, our pins and sizes among it: its originals are those that are kept of it, and
 * not what is found. Those that are in no sample leave where they have ended (originals.h), since the number
 * of a run that is over may be given to another one. Call with each sample, before anything is changed. */

/* The number of guests that returned. Where a host does not tell how a run began, or tells only that it
 * was paused meanwhile, one vCPU that is where we pinned it last shows that it returned, or statistics as
 * often as we ask for them. A question that fails is asked again with the next sample; until then the
 * guest is marked as one to be left alone. */
size_t returned_meet_vcpus(struct originals *originals, const struct host *host,
                           struct vcpu_sample *sample, const struct log *log);
size_t returned_meet_memory(struct originals *originals, const struct host *host,
                            struct memory_sample *sample, const struct log *log);

#endif
