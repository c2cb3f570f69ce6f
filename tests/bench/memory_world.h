/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_MEMORY_WORLD_H
#define EVENKEEL_TESTS_BENCH_MEMORY_WORLD_H

/* Scenarios of the simulated host from recorded memory: guests that do something, for two hours. What
 * a guest uses is 150 MiB and what was recorded, beside 100 MiB of cache; the host has 70 % of the
 * guests' maxima. All start with what they use and 120 MiB, and with a like part of what is missing
 * to their maximum. */
enum memory_kind {
    MEMORY_GRADUAL, /* a maximum is the guest's own peak and a little; a change takes a whole step */
    MEMORY_FAST,    /* the same, within 20 s */
    MEMORY_ROOMY,   /* a maximum is what the owner had ordered; 20 s */
    MEMORY_KINDS
};
const char *memory_kind_text(enum memory_kind kind);

/* The scenario as JSON; free() is the caller's. path: a file as recording.h has it in its first form,
 * with values in MiB, or NULL: made up. Ends the process with 2 when it cannot be read. */
char *memory_world(const char *path, enum memory_kind kind, int seed);

#endif
