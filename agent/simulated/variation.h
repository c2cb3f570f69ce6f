/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_VARIATION_H
#define EVENKEEL_AGENT_SIMULATED_VARIATION_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/err.h"

/* How one built-in scenario differs from its plain form: what follows its name after a colon. */
struct variation {
    bool memory;
    int number; /* 1..8, 1..4; 0: the demo */
    bool high;  /* the heavier of the two workloads */
    unsigned guests, pcpus;
    unsigned vcpus; /* per guest; 0: 1, 2 and 4 by turns */
    unsigned seed;
    double noise_pct; /* how much each vCPU's load wanders */
    bool no_delay;    /* the hypervisor does not tell how long vCPUs wait */
    double host_gib, maximum_mib;
    double balloon_mib_per_s;
};

/* Takes "high", "seed=7" and so on, divided by colons; the text is cut up. -EINVAL with a sentence
 * where one is not known or makes no sense for this program. */
int variation_take(struct variation *how, char *variations, struct err *err);
/* The course's guests: unsorted, with gaps. Beyond sixteen the names count on. */
const char *variation_guest_name(unsigned index, char *room, size_t size);

#endif
