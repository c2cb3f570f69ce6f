/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_FUZZ_PROBLEMS_H
#define EVENKEEL_TESTS_FUZZ_PROBLEMS_H

#include "models/memory/problem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/model/families.h"

/* Problems from bytes. Every valid problem of these sizes comes from some bytes, but for prices per bin
 * that are all different. */
enum { MOST_ITEMS = 32, MOST_BINS = 8 };
struct made_problem take_placement(struct bytes *bytes);
/* Whether trying all placements is a matter of milliseconds. */
bool is_tiny(const struct placement_problem *problem);

/* Some are invalid. */
enum { MOST_GUESTS = 12 };
struct memory_problem take_memory(struct bytes *bytes, struct memory_item items[MOST_GUESTS]);

#endif
