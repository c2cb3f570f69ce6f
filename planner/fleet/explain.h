/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_EXPLAIN_H
#define EVENKEEL_PLANNER_FLEET_EXPLAIN_H

#include "planner/fleet/start.h"

/* Words for a plan whose places, moves and stopped guests are known: a reason for each move and each
 * stopped guest, and the note. start is what the plan was made from. 0 or -ENOMEM. */
int explain_moves(const struct start *start, struct fleet_plan *plan);
void explain_stopped(const struct start *start, struct fleet_plan *plan);
/* Why no plan stops fewer. */
void explain_certificate(const struct start *start, struct fleet_plan *plan);
/* Guests above the fair share, hosts that are overfull, what was left out. */
void explain_note(const struct start *start, const char *note, struct fleet_plan *plan);

/* Adds to text, cut at its end. */
void __attribute__((format(printf, 3, 4)))
explain_add(char *text, size_t size, const char *format, ...);

#endif
