/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_PARTS_H
#define EVENKEEL_AGENT_PAGE_PARTS_H

#include "agent/page/run.h"
#include "agent/page/who.h"

/* Private to page.c: the parts of a page, in their order. guests are those of the run, who went without
 * most first. */
void parts_cpu_charts(FILE *out, const struct run *run);
void parts_memory_charts(FILE *out, const struct run *run, const struct sufferer *guests);
void parts_bins(FILE *out, const struct run *run);
void parts_guests(FILE *out, const struct run *run, const struct sufferer *guests);
void parts_verdicts(FILE *out, const struct run *run);
void parts_guest_table(FILE *out, const struct run *run, const struct sufferer *guests);
void parts_change_table(FILE *out, const struct run *run);

#endif
