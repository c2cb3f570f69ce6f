/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_PLACES_H
#define EVENKEEL_AGENT_PAGE_PLACES_H

#include "agent/page/run.h"

/* Where the vCPUs of one guest are pinned, as far as changes tell. */
enum { PLACES_MAX = 1024 };
enum { PLACE_UNTOLD = -2, PLACE_NONE = -1 /* it floats, or is where nobody looks */ };
struct places {
    int *bins; /* of the run, by the vCPUs' numbers, or what is above; owned */
    size_t n;
};
void places_done(struct places *places);

/* Where that vCPU is, PLACE_UNTOLD at first. NULL: a larger number than any, or no memory. */
int *places_of(struct places *places, unsigned vcpu);

/* Into the column under way: how busy the pCPUs were where the guest of n_vcpus ran, which is known where it is
 * known of each of them; and where it waited for as much as waited, where all are on one pCPU. */
void places_set_around(const struct places *places, struct run *run, int guest, unsigned n_vcpus,
                       double waited);

#endif
