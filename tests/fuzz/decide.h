/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_FUZZ_DECIDE_H
#define EVENKEEL_TESTS_FUZZ_DECIDE_H

#include "agent/base/host.h"
#include "agent/base/ticker.h"
#include "agent/record/replay.h"
#include "planner/memory/planner.h"
#include "planner/vcpu/planner.h"

/* Intervals as both programs go through them, from sample to report, on a host that may tell anything.
 * Whatever it tells, no plan is refused by its checker, and none is dearer than changing nothing. */

/* Little work, so that many inputs are tried. */
void decide_quickly(struct work *limits);
/* At most so many intervals, or until the ticker ends it. replay may be NULL: then plans are applied. */
void decide_vcpus(const struct host *host, struct ticker *ticker,
                  const struct vcpu_settings *settings, struct replay *replay, int intervals);
void decide_memory(const struct host *host, struct ticker *ticker,
                   const struct memory_settings *settings, struct replay *replay, int intervals);

#endif
