/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_MEMORY_CASES_H
#define EVENKEEL_TESTS_MODEL_MEMORY_CASES_H

#include <stdbool.h>
#include <stdint.h>

#include "models/memory/problem.h"

/* A random problem of 1..room items whose capacity ends in any layer. *seed moves on. */
void memory_case_random(uint64_t *seed, struct memory_item *items, size_t room,
                        struct memory_problem *ret);
/* The exact lexicographic max-min sizes, found as a chain of linear programs: layer by layer,
 * raise the lowest level as far as it goes, fix whoever cannot rise further, and again. */
void memory_case_max_min(const struct memory_problem *problem, double *ret_sizes);
bool memory_case_stop(void *arg); /* always true */
uint64_t memory_case_next(uint64_t *seed);

#endif
