/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_ACCEPT_MEMORY_MONITOR_H
#define EVENKEEL_TESTS_ACCEPT_MEMORY_MONITOR_H

#include <stdio.h>

#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"

/* Watches as the exercise's monitor does: every two seconds, actual and unused of each guest as the
 * guest last reported it. Beside it the truth, to tell what could have been avoided. */
enum { MEMORY_SAMPLE_S = 2 };

struct memory_record {
    size_t n_guests, n_samples, room;
    char (*names)[GUEST_NAME_SIZE]; /* [n_guests] */
    struct simulated_guest *guests; /* [sample * n_guests + guest] */
    struct simulated_memory *host;  /* [sample] */
};

/* The host must still be at its beginning. */
void memory_monitor_attach(struct memory_record *record, struct simulated *world);
void memory_record_done(struct memory_record *record);
const struct simulated_guest *memory_record_at(const struct memory_record *record, size_t sample,
                                               size_t guest);
void memory_record_print(const struct memory_record *record, FILE *out);

#endif
