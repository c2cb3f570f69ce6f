/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_GENERATOR_H
#define EVENKEEL_AGENT_SIMULATED_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

/* Load that is made up, with the statistics of a Spark cluster: many vCPUs are nearly idle and few are
 * heavy; each works for seconds and rests for seconds (over 2 s it deviates by 1 to 2 times its mean);
 * groups of eight have phases of a minute or so in common. */
struct generator_wish {
    unsigned n;    /* vCPUs */
    double mean;   /* of all of them, in shares of a pCPU */
    double step_s; /* how long each value holds; a second or so */
    uint64_t seed;
};
struct generator;

/* NULL: out of memory. */
struct generator *generator_new(const struct generator_wish *wish);
void generator_free(struct generator *generator); /* may be NULL */
/* What each vCPU wants in the next step, 0..1. */
void generator_step(struct generator *generator, double *ret_demand);

#endif
