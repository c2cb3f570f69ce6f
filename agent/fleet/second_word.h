/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_SECOND_WORD_H
#define EVENKEEL_AGENT_FLEET_SECOND_WORD_H

#include "agent/fleet/request.h"
#include "agent/fleet/show.h"

/* The engine's own word on a plan, or on the loss of each host, as far as there is an engine that can be
 * asked. 0, -ENOMEM, or another negative errno with a sentence where --out cannot be written. Without an
 * answer ret->why_not says why. engine_says_done() is due in any case. */
int second_word_ask(const struct request *request, const struct scene *scene,
                    const struct fleet_plan *plan, struct engine_says *ret, struct err *err);

/* A plan that the engine would not carry out is none: the pair of guest and host at which it would do
 * otherwise is taken from the guest, and a note says so. False: there is nothing to take. */
bool second_word_heed(struct scene *scene, const struct fleet_plan *plan,
                      const struct engine_says *says);

#endif
