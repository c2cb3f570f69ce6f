/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HISTORY_CHANGES_H
#define EVENKEEL_AGENT_HISTORY_CHANGES_H

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
 * "reclaim" is the other way. from is null where a vCPU floated. "iothread" instead of "vcpu" is one of the
 * guest's other threads, 0 its emulator. */
char *changes_vcpus(const struct vcpu_plan *plan, const struct interval *interval, int64_t t_s);
char *changes_memory(const struct memory_plan *plan, const struct interval *interval, int64_t t_s);

/* Whom the changes are about, as a number: a dry run shows the same ones in each interval. 0: nobody. */
uint64_t changes_vcpus_hash(const struct vcpu_plan *plan);
uint64_t changes_memory_hash(const struct memory_plan *plan);

#endif
