/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_UNITS_H
#define EVENKEEL_PLANNER_BASE_UNITS_H

#include <stdint.h>

#include "models/base/units.h"

/* Memory is counted in KiB and shown in MiB; a balloon moves in pages. */
enum { PAGE_KIB = 4 };

/* Times are counted in nanoseconds and chosen in seconds. */
static inline double seconds_from_ns(uint64_t ns)
{
    return (double)ns / 1e9;
}

static inline uint64_t ns_from_seconds(double seconds)
{
    return (uint64_t)(seconds * 1e9);
}

#endif
