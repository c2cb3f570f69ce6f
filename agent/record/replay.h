/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RECORD_REPLAY_H
#define EVENKEEL_AGENT_RECORD_REPLAY_H

#include "agent/base/clock.h"
#include "agent/base/host.h"
#include "agent/base/log.h"
#include "agent/base/options.h"
#include "agent/base/ticker.h"

/* The third world: a recording. Its samples are planned again, and each new plan has to equal the
 * recorded one in every member and every bit. A plan that the clock or a signal had cut short
 * cannot be repeated and is counted apart. */
struct replay;

/* Interval and settings of the recording replace those in *options. 0, or a negative errno with a
 * sentence that names the line. The host refuses every change with -EPERM. */
int replay_open(const char *path, struct options *options, struct replay **ret,
                struct host *ret_host, struct ticker *ret_ticker, struct err *err);
void replay_free(struct replay *replay);

/* Tells the planner what it was told between the last plan and this sample. */
void replay_retractions(struct replay *replay, struct memory_planner *planner);
void replay_refusals(struct replay *replay, struct vcpu_planner *planner);

/* Compares with the entry that the last sample came from; plan NULL: the step failed. A difference
 * is logged with the members that differ. */
void replay_compare_vcpu(struct replay *replay, const struct vcpu_plan *plan,
                         const struct log *log);
void replay_compare_memory(struct replay *replay, const struct memory_plan *plan,
                           const struct log *log);

/* The time of day that was recorded with the last sample; empty: none was, or it is none. */
void replay_at(const struct replay *replay, char ret[CLOCK_TEXT_SIZE]);

struct replay_result {
    uint64_t equal, different, cut_short;
};
struct replay_result replay_result(const struct replay *replay);
/* How much of the recording was read, of 1; NAN of a pipe. */
double replay_share(const struct replay *replay);

#endif
