/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_NARROW_H
#define EVENKEEL_AGENT_ONE_NARROW_H

#include "agent/one/steps.h"
#include "planner/fleet/fleet.h"

/* A fleet with less that is allowed: guests of its own, and rows [n_rows * n_hosts] of allowed hosts for them.
 * Hosts, names and rules are the first fleet's, which has to outlive it. */
struct narrow {
    struct fleet fleet;
    bool *rows; /* owned */
};

/* 0 or -ENOMEM; narrow_done() is due in any case. */
int narrow_new(const struct fleet *fleet, size_t n_rows, struct narrow *ret);
void narrow_done(struct narrow *narrow);

/* Nobody but those of the taken moves can move, and those to nowhere else: what the planner makes of it is the
 * best that a part of these moves can be, with its price, and checked. Where they have to, it is all of them.
 * As many rows as moves are taken are needed. */
void narrow_to_taken(struct narrow *narrow, const struct fleet_plan *plan,
                     const struct one_steps *steps, bool have_to);

#endif
