/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_HANDS_H
#define EVENKEEL_AGENT_HOST_HANDS_H

#include <stdbool.h>

#include "agent/base/options.h"

/* What else on this host moves guests, their memory or their threads. */
enum hand {
    HAND_NUMAD,
    HAND_IRQBALANCE,
    HAND_KSMTUNED,
    HAND_MOM,
    HAND_VDSM,
    HAND_PROXMOX,
    HAND_SECOND, /* another instance of this program that may act */
    HAND_NUMA_BALANCING,
    HAND_SCHED_EXT,
    HAND_HIDDEN, /* whatever else there is: processes of others cannot be seen */
    HANDS,
};
const char *hand_name(enum hand hand); /* "numad", "second_instance", "sched_ext" */
/* What it means to the program and what to do, one sentence; and whether both cannot go on so. */
const char *hand_advice(enum hand hand);
bool hand_is_rival(enum hand hand, enum program program);

/* Those that are there, as a set of bits. Names of processes and the kernel's settings are read below
 * root, as in root_file.h. self_pid is no second instance. */
unsigned hands_read(const char *root, enum program program, long self_pid);
static inline bool hands_have(unsigned hands, enum hand hand)
{
    return hands >> hand & 1u;
}

#endif
