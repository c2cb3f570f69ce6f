/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_GUEST_NAME_H
#define EVENKEEL_AGENT_BASE_GUEST_NAME_H

#include <stdbool.h>

#include "planner/base/guest.h"

/* Guests' names are chosen by strangers. Every sample, whatever world it is from, is made with
 * this: name is what may be shown to people and stand in any text, true_name what the owner wrote.
 * A name that is too long to be shown keeps its head and its tail around "..". */
void guest_name_set(struct guest_id *ret, const char *true_name);
/* What the owner wrote: for the hypervisor, for globs, and for the one JSON member that tells
 * it. */
const char *guest_name_true(const struct guest_id *guest);
/* Whether an operator who says that means this guest: its true name or its UUID. What reads as a UUID is
 * one, whoever else is named so. */
bool guest_is_called(const struct guest_id *guest, const char *name);

#endif
