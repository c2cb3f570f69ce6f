/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_MEMORY_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_MEMORY_FIXTURE_H

#include "planner/memory/settings.h"

static const uint64_t MIB = 1024;
static const uint64_t SECOND = 1000000000;

/* A running guest that reports everything: maximum 2048 MiB, its process as large as its memory
 * plus 64 MiB. */
struct memory_reading reading_make(unsigned char id, uint64_t actual_mib, uint64_t used_mib);
/* The same guest later. */
void reading_set(struct memory_reading *reading, uint64_t actual_mib, uint64_t used_mib);
/* A host of 16 GiB with free_mib available, at so many seconds. The readings are not copied. */
struct memory_sample sample_make(double at_s, uint64_t free_mib, struct memory_reading *guests,
                                 size_t n_guests);

#endif
