/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_BUILTIN_H
#define EVENKEEL_AGENT_SIMULATED_BUILTIN_H

#include <jansson.h>
#include <stdbool.h>

#include "planner/base/err.h"

/* Built-in scenarios are written as the same JSON that a file would hold, so there is one way in and
 * the format is known to suffice. A name is the scenario and its variations: "cpu-5:high:16x8". */
struct variation {
    bool memory;
    int number; /* 1..7, 1..4; 0: the demo */
    bool high;  /* the heavier of the two workloads */
    unsigned guests, pcpus;
    unsigned vcpus; /* per guest; 0: 1, 2 and 4 by turns */
    unsigned seed;
    double noise_pct; /* how much each vCPU's load wanders */
    bool no_delay;    /* the hypervisor does not tell how long vCPUs wait */
    double host_gib, maximum_mib;
    double balloon_mib_per_s;
};

/* The text of a built-in scenario, malloc'ed. 0, -ENOENT, -EINVAL (a variation that is not known) or
 * -ENOMEM. */
int builtin_text(const char *name, char **ret, struct err *err);

/* builtin_cpu.c, builtin_memory.c: a new reference, or NULL (out of memory). */
json_t *builtin_cpu(const struct variation *how);
json_t *builtin_memory(const struct variation *how);
/* The course's guests: unsorted, with gaps. Beyond sixteen the names count on. */
const char *builtin_guest_name(unsigned index, char *room, size_t size);

#endif
