/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "planner/base/sample.h"

static int compare_guests(const void *a, const void *b)
{
    const struct memory_reading *left = a;
    const struct memory_reading *right = b;

    return guest_compare(&left->guest, &right->guest);
}

void memory_sample_sort(struct memory_sample *sample)
{
    if (sample->n_guests)
        qsort(sample->guests, sample->n_guests, sizeof(*sample->guests), compare_guests);
}

void memory_sample_done(struct memory_sample *sample)
{
    if (!sample)
        return;
    free(sample->guests);
    memset(sample, 0, sizeof(*sample));
}
