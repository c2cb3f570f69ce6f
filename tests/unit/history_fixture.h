/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_HISTORY_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_HISTORY_FIXTURE_H

#include <jansson.h>

#include "agent/history/history.h"

enum { HISTORY_PCPUS = 2, HISTORY_GUESTS = 2, START_S = 1790000040 }; /* a whole minute */

/* Two guests with a vCPU each, pinned to a pCPU each. */
struct history_case {
    struct vcpu_reading vcpus[HISTORY_GUESTS];
    struct pcpu_load pcpus[HISTORY_PCPUS];
    struct vcpu_pin pin;
    struct vcpu_sample sample;
    struct vcpu_plan plan;
};

void history_case_make(struct history_case *c);
/* One interval later at now_s: the first guest ran half of it and waited a quarter; moves: it is pinned. */
int history_case_pass(struct history *history, struct history_case *c, int64_t now_s, bool moves,
                      bool dry_run);
/* All lines of a kind since then, page by page, as an array. */
json_t *history_read_all(struct history *history, enum history_kind kind, int64_t since_s,
                         size_t *n_pages);

#endif
