/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_REPORT_SETS_H
#define EVENKEEL_AGENT_REPORT_REPORT_SETS_H

#include <stdbool.h>
#include <stdio.h>

#include "planner/base/plan.h"

/* Plans above level pcpu, for people: guests on sets of pCPUs. */

/* A table of the sets, and who floats, in the order of the rows; NULL is none. */
struct order_row;
void report_sets(FILE *out, bool verbose, const struct vcpu_sample *sample,
                 const struct vcpu_plan *plan, const struct order_row *rows);
/* A line for each guest that goes somewhere, or is set free. */
void report_sets_pins(FILE *out, const struct vcpu_plan *plan, bool dry_run);

/* A line for each emulator and I/O thread that follows its guest, at whatever level. */
void report_sets_helpers(FILE *out, const struct vcpu_plan *plan, bool dry_run);

#endif
