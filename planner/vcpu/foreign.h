/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_FOREIGN_H
#define EVENKEEL_PLANNER_VCPU_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/backoff.h"

/* Other hands on the pins: an operator, a script, numad. Nobody gains by a duel, and whoever is here
 * first cannot know who is right. So what somebody else has changed is planned like anything else, and
 * may be put back, settings->corrections times. If it is changed again then, it is left as it is: for
 * 15 minutes, the next time for twice as long. Where hands take turns with the vCPUs of a guest, three
 * plans that answer count for all of them. Where they take turns with several guests, plans that answer them
 * are counted over the whole host: after three all is left as it is, for an hour. Where one guest is
 * moved to and fro, the others are planned around it, but none follows it more than three times in 15
 * minutes: then it stays for as long, or until there was not enough where it is. A plan that was not
 * carried out is no answer. */

/* So much CPU time may be missing where a vCPU rests, before it is planned again. With 1 s somebody who
 * moves 30 % of a pCPU every 10 s is followed each time where pCPUs are full: 53 pins in ten minutes.
 * With 4 s it is 25, and no more is left unserved. */
static const double FOREIGN_REST_LOSS_S = 4;

/* One vCPU. */
struct vcpu_foreign {
    uint64_t touched_ns;  /* when somebody else changed its mask last; 0: never, or long ago */
    unsigned corrections; /* by us since */
    unsigned of_guest;    /* plans of ours that put back any vCPU of its guest; all of them know */
    bool is_planned; /* the last plan changes its mask; it is not told yet whether that was done */
    struct backoff backoff;
    uint64_t followed_ns; /* when it was moved last soon after a change of any */
    unsigned follows;     /* so often, each not long after the one before */
    struct backoff rest;  /* it has followed others enough */
    double lost_s;        /* CPU time that was missing since where it is */
};
/* The host. */
struct vcpu_duel {
    uint64_t touched_ns; /* when somebody else changed last what was not left to him already */
    uint64_t seen_ns;    /* anything at all */
    uint64_t corrected_ns;
    unsigned corrections; /* plans that answered a change */
    bool is_planned;      /* the last plan changes something */
    struct backoff backoff;
};

/* After a sample: what was long ago is forgotten. */
void foreign_forget(uint64_t now_ns, struct vcpu_foreign *foreign);
/* Somebody else has changed it: whether it is left as it is from now on. Whether it was not before. */
bool foreign_see(double corrections, uint64_t now_ns, struct vcpu_foreign *foreign);
/* Of the host. n_guests: whose masks somebody else has changed, now or not long ago. */
void foreign_see_host(double corrections, bool is_any_touched, size_t n_guests, uint64_t now_ns,
                      struct vcpu_duel *duel);
/* The plan was carried out that was made at now_ns: of one vCPU, whether that was an answer; then of the
 * host. */
bool foreign_correct(double corrections, uint64_t now_ns, const struct vcpu_duel *duel,
                     struct vcpu_foreign *foreign);
void foreign_correct_host(uint64_t now_ns, struct vcpu_duel *duel);

#endif
