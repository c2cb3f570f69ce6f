/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_STRAYS_H
#define EVENKEEL_AGENT_HOST_STRAYS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "planner/base/err.h"
#include "planner/base/guest.h"

/* Calls that were left behind with their workers (worker.h), each with its thread and connection. */
enum {
    MAX_STRAYS = 4, /* then nothing is tried before one comes back */
    MAX_CHANGING = 16
};
struct strays {
    atomic_uint n;
    uint64_t given_up_ns; /* since when nothing is tried; 0: it is */
    /* Guests of changes among them, the last ones. A change may still be carried out, and nobody knows then what
     * its guest has. */
    struct guest_id changing[MAX_CHANGING];
    unsigned n_changing;
};

void strays_add_change(struct strays *strays, const struct guest_id *guest);
/* Whether a change of the guest may be among them. */
bool strays_change(struct strays *strays, const struct guest_id *guest);
/* Whether another call may be begun: 0; -ENOTCONN with a sentence; or -EHOSTDOWN where that has lasted for
 * patience_ns. */
int strays_allow(struct strays *strays, uint64_t patience_ns, const char *uri, struct err *err);

#endif
