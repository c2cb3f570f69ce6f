/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report.h"

#include <math.h>

const char *report_number(double value, int digits, char *text, size_t size)
{
    if (isfinite(value))
        snprintf(text, size, "%.*f", digits, value);
    else
        snprintf(text, size, "-");
    return text;
}

double interval_time_s(const struct interval *interval, uint64_t at_ns)
{
    double ago_s = at_ns < interval->at_ns ? (double)(interval->at_ns - at_ns) / 1e9 : 0;

    return fmax(0, interval->t_s - ago_s);
}

bool report_knows_unused(const struct memory_reading *reading, const struct memory_place *place)
{
    return reading && (reading->has & MEMORY_HAS_UNUSED) && place->state != GUEST_SILENT;
}
