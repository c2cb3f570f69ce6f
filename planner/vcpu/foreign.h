/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_FOREIGN_H
#define EVENKEEL_PLANNER_VCPU_FOREIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/base/backoff.h"

/* Other hands on the pins: an operator, a script, numad. Nobody gains by a duel, and whoever is here
 * first cannot know who is right. So what somebody else has changed is planned like anything else, and
 * may be put back, settings->corrections times. If it is changed again then, it is left as it is: for
 * 15 minutes, the next time for twice as long. Where hands take turns with many vCPUs, plans that answer
 * them are counted over the whole host: after three all is left as it is, for an hour. */

/* One vCPU. */
struct vcpu_foreign {
    uint64_t touched_ns;  /* when somebody else changed its mask last; 0: never, or long ago */
    unsigned corrections; /* by us since */
    struct backoff backoff;
};
/* The host. */
struct vcpu_duel {
    uint64_t touched_ns, corrected_ns;
    unsigned corrections; /* plans that answered a change */
    struct backoff backoff;
};

/* After a sample: what is forgotten, and who is left as it is from now on. */
void foreign_see(double corrections, bool is_touched, uint64_t now_ns,
                 struct vcpu_foreign *foreign);
void foreign_see_host(double corrections, bool is_any_touched, uint64_t now_ns,
                      struct vcpu_duel *duel);
/* A plan changes the vCPU's mask; a plan changes anything. */
void foreign_correct(struct vcpu_foreign *foreign);
void foreign_correct_host(uint64_t now_ns, struct vcpu_duel *duel);

#endif
