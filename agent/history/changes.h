/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HISTORY_CHANGES_H
#define EVENKEEL_AGENT_HISTORY_CHANGES_H

#include <jansson.h>

#include "agent/report/report.h"
#include "planner/base/plan.h"

/* What an interval changed, as one line of JSON with its newline, malloc'ed; NULL without memory:
 *
 *   {"t": 1790000000, "at": "2026-11-30T03:12:07+01:00", "verdict": "apply", "objective": .., "bound": ..,
 *    "gap": .., "dry_run": false, "failed": 0, "changes": [
 *      {"guest": "web", "do": "pin", "vcpu": 0, "from": "1", "to": "2", "reason": ".."},
 *      {"guest": "db", "do": "free", "vcpu": 0, "from": "1", "to": null, "reason": ".."},
 *      {"guest": "db", "do": "grant", "from_mib": 512, "to_mib": 640, "reason": ".."}]}
 *
 * "reclaim" is the other way, and "put-back" what was found at first. from and to are null where it floats. "iothread" instead of "vcpu" is one of the
 * guest's other threads, 0 its emulator. "failed": true is in a change that was not carried out. */
char *changes_vcpus(const struct vcpu_plan *plan, const struct interval *interval, int64_t t_s);
char *changes_memory(const struct memory_plan *plan, const struct interval *interval, int64_t t_s);

/* One change that put something back, for an array of them; a thread beside vCPUs, the emulator: is_helpers
 * and iothread 0; an empty set floats. trouble is why it was not done, which is then the reason, and "failed" is
 * true; NULL: it was. NULL without memory. */
json_t *changes_pin_put_back(const struct guest_id *guest, bool is_helpers, unsigned thread,
                             const struct cpuset *from, const struct cpuset *to,
                             const char *trouble);
json_t *changes_size_put_back(const struct guest_id *guest, uint64_t from_kib, uint64_t to_kib,
                              const char *trouble);
/* What was put back, as a line of the same kind without a plan: verdict "put-back". Takes the array over. */
char *changes_put_back(json_t *changes, size_t failed, const char *at, int64_t t_s);

/* Whom the changes are about, as a number: a dry run shows the same ones in each interval. 0: nobody. */
uint64_t changes_vcpus_hash(const struct vcpu_plan *plan);
uint64_t changes_memory_hash(const struct memory_plan *plan);

#endif
