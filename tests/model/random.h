/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_RANDOM_H
#define EVENKEEL_TESTS_MODEL_RANDOM_H

#include <stdint.h>

/* Sebastiano Vigna's splitmix64: the same numbers on every machine. Start from any seed. */
struct random {
    uint64_t state;
};
uint64_t random_next(struct random *random);
/* Uniform in low .. high. */
int random_between(struct random *random, int low, int high);
/* Uniform in [0, 1). */
double random_unit(struct random *random);
/* Standard normal. */
double random_standard_normal(struct random *random);

#endif
