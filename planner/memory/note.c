/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "planner/memory/track.h"

enum { KIB_PER_MIB = 1024 };

int64_t memory_floors_missing_kib(const struct memory_interval *interval)
{
    int64_t floors = 0;
    int64_t have = interval->host.current_kib + interval->host.spare_kib;

    for (size_t i = 0; i < interval->sample->n_guests; i++)
        floors += interval->items[i].floor_kib;
    return floors > have ? floors - have : 0;
}

/* Appends at *used; what does not fit is left out whole. */
static void append_guest(char *text, size_t size, size_t *used, const char *separator,
                         const char *name, int64_t short_kib)
{
    int n = snprintf(text + *used, size - *used, "%s%.40s (%" PRId64 " MiB)", separator, name,
                     (short_kib + KIB_PER_MIB - 1) / KIB_PER_MIB);

    if (n > 0 && (size_t)n < size - *used)
        *used += (size_t)n;
    else
        text[*used] = '\0';
}

static void name_the_short(const struct memory_interval *interval, struct memory_plan *plan,
                           size_t used)
{
    const char *separator = "";

    for (size_t i = 0; i < plan->n_places; i++) {
        int64_t short_kib = interval->items[i].floor_kib - interval->settled.sizes_kib[i];

        if (short_kib <= 0)
            continue;
        append_guest(plan->note, sizeof(plan->note), &used, separator, plan->places[i].guest.name,
                     short_kib);
        separator = ", ";
    }
}

void memory_plan_note(const struct memory_interval *interval, struct memory_plan *plan)
{
    int n = 0;

    plan->note[0] = '\0';
    if (plan->missing_kib > 0) {
        n = snprintf(plan->note, sizeof(plan->note),
                     "the floors need %" PRIu64 " MiB more than there is; short of them: ",
                     (plan->missing_kib + KIB_PER_MIB - 1) / KIB_PER_MIB);
        name_the_short(interval, plan, (size_t)n);
    } else if (interval->host.spare_kib < 0) {
        snprintf(plan->note, sizeof(plan->note),
                 "if every guest touched what it was granted, the host would be %" PRId64
                 " MiB below its reserve",
                 -interval->host.spare_kib / KIB_PER_MIB);
    }
}
