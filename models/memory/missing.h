/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_MEMORY_MISSING_H
#define EVENKEEL_MODELS_MEMORY_MISSING_H

#include "models/memory/problem.h"

/* What more capacity would buy. An item reaches the head of a layer once there is as much capacity
 * as all items together take up to the level at which it does. The layers are tabulated once, so
 * that asking for each of n items costs n log n. */
struct memory_missing;
/* 0 or -ENOMEM. The problem has to outlive the table. */
int memory_missing_new(const struct memory_problem *problem, struct memory_missing **ret);
void memory_missing_free(struct memory_missing *missing);
/* In KiB, to within one per item and unit of weight; 0: it has it now. layer is not MEMORY_IDLE. */
int64_t memory_missing_kib(const struct memory_missing *missing, size_t item,
                           enum memory_layer layer);

#endif
