/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CONTROL_PAUSES_H
#define EVENKEEL_AGENT_CONTROL_PAUSES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/guest.h"

/* Guests that an operator wants left alone for a while, by name or UUID; NULL is all of them. People are
 * told the wall clock's time, and so is a file; but that clock may be ahead for a moment, so a pause ends by one that
 * nobody sets. */

enum { MAX_PAUSES = 256, PAUSE_NAME_SIZE = 256 };
struct pause {
    char guest[PAUSE_NAME_SIZE]; /* as its owner wrote it, or its UUID; "" is all */
    int64_t until_s;             /* INT64_MAX: until it is resumed */
    int64_t ends_s;              /* by the steady clock, likewise */
};
/* The two clocks' time (base/clock.h). */
struct pause_clock {
    int64_t real_s, steady_s;
};
struct pauses {
    struct pause list[MAX_PAUSES];
    size_t n;
};

/* Whom somebody means who says that: known is the guest that is called so, NULL: none is known. A pause of it
 * is meant whichever of its names it was told by, a UUID in whichever case. */

/* A later pause replaces an earlier one. 0, -ENAMETOOLONG or -ENOSPC. */
int pauses_add(struct pauses *pauses, const char *guest, const struct guest_id *known,
               int64_t until_s, struct pause_clock now);
/* guest "": ends all pauses. False where there was none. */
bool pauses_remove(struct pauses *pauses, const char *guest, const struct guest_id *known);
/* Forgets what is over. */
void pauses_expire(struct pauses *pauses, int64_t steady_s);
bool pauses_have_all(const struct pauses *pauses);
bool pauses_have(const struct pauses *pauses, const struct guest_id *guest);
/* The one that leaves the guest alone, that of all before its own; NULL: there is none. */
const struct pause *pauses_find(const struct pauses *pauses, const struct guest_id *guest);
/* [{"guest": "web-1", "until": 1790000000}], null where there is no end; NULL without memory. */
json_t *pauses_to_json(const struct pauses *pauses);
/* The other way, as a file has it. 0, or -EINVAL with *ret untouched. */
int pauses_from_json(const json_t *array, struct pause_clock now, struct pauses *ret);

#endif
