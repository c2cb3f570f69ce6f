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
/* One interval later at now_s: the first guest ran half of it and waited a quarter; n_moves: so many pins are of it. */
int history_case_pass(struct history *history, struct history_case *c, int64_t now_s,
                      size_t n_moves, bool dry_run);
/* All lines of a kind since then, page by page, as an array. */
json_t *history_read_all(struct history *history, enum history_kind kind, int64_t since_s,
                         size_t *n_pages);

/* A folder of the test's own as its state, and away with it. */
int history_make_folder(void **state);
int history_drop_folder(void **state);
/* The path of the first file with that in its name, and how many there are; false where there is none. */
bool history_find_file(const char *folder, const char *part, char path[400], size_t *n);
/* Ends one, which may be NULL, and begins another in the folder: wanted is what that returns. It is
 * a month later by the clock. */
struct history *history_reopen(struct history *history, const char *folder, int wanted);
/* Of all lines of a kind since then, those that are no word of what was lost are n, of each instant from
 * from_s on once, in their order. Returns on how many pages. */
size_t history_assert_all(struct history *history, enum history_kind kind, int64_t since_s,
                          int64_t from_s, int64_t step_s, size_t n);

#endif
