/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RECORD_RECORD_H
#define EVENKEEL_AGENT_RECORD_RECORD_H

#include "agent/base/options.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"

/* A recording is JSON lines: a header with the settings, then one object per decision with the
 * sample and the plan that it led to (agent/record/recording.md). It is written as it happens, so
 * that what led to a crash is on disk. */
extern const char recording_format[];
enum { RECORDING_VERSION = 1 };

struct recorder;
/* Makes the file new, readable by its owner only: it names guests. Where it exists, the next free
 * "FILE.1", "FILE.2" is made, so that a restart keeps the evidence of the crash before it. */
int recorder_open(const char *path, const struct options *options, struct recorder **ret,
                  struct err *err);
/* The file that was made; belongs to the recorder. */
const char *recorder_path(const struct recorder *recorder);
void recorder_free(struct recorder *recorder);

/* at is the time of day, or "". plan may be NULL: the step failed. 0 or a negative errno. */
int record_vcpu(struct recorder *recorder, const char *at, const struct vcpu_sample *sample,
                const struct vcpu_plan *plan, struct err *err);
int record_memory(struct recorder *recorder, const char *at, const struct memory_sample *sample,
                  const struct memory_plan *plan, struct err *err);
/* What the planner was told after the plan just recorded: memory_planner_retract(). */
int record_retraction(struct recorder *recorder, const struct guest_id *guest, struct err *err);
/* Likewise memory_planner_refused(). */
int record_balloon_refusal(struct recorder *recorder, const struct guest_id *guest,
                           struct err *err);
/* The same of a scheduler: vcpu_planner_refused(). */
int record_refusal(struct recorder *recorder, const struct vcpu_pin *pin, struct err *err);
/* The plan just recorded was not carried out: vcpu_planner_applied() was not told. */
int record_unapplied(struct recorder *recorder, struct err *err);
/* And vcpu_planner_refused_helpers(). */
int record_helper_refusal(struct recorder *recorder, const struct helper_pin *pin, struct err *err);

#endif
