/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_RANDOM_H
#define EVENKEEL_AGENT_SIMULATED_RANDOM_H

#include <stdint.h>

/* A stream of random numbers: SplitMix64 (Steele, Lea, Flood 2014). Every vCPU and guest has its
 * own, so that what one does never changes another's noise. */
struct random {
    uint64_t state;
};

struct random random_stream(uint64_t seed, uint64_t which);
double random_uniform(struct random *random); /* [0, 1) */
double random_normal(struct random *random);  /* mean 0, variance 1 */

#endif
