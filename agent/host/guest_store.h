/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_GUEST_STORE_H
#define EVENKEEL_AGENT_HOST_GUEST_STORE_H

#include "agent/host/guest_table.h"

/* What was learnt of guests, outside of the worker that learnt it: when a call hangs and its worker
 * is left behind, the next one goes on from here. Several threads may use it. */
struct guest_store;
struct guest_store *guest_store_new(void); /* with one reference; NULL: out of memory */
struct guest_store *guest_store_share(struct guest_store *store);
void guest_store_free(struct guest_store *store); /* one reference less; NULL is none */

/* A new worker takes over: what earlier ones still do is ignored from now on. Copies of all entries
 * go into an empty table. The worker's number, or -ENOMEM. */
int guest_store_take_over(struct guest_store *store, struct guest_table *ret);
/* The one that works now is left behind, in the middle of a call; and whether one was. */
void guest_store_leave_behind(struct guest_store *store);
bool guest_store_is_left_behind(struct guest_store *store, int worker);

/* A copy of the entry, in place of what is there of that guest. Without memory nothing is kept. */
void guest_store_put(struct guest_store *store, int worker, const struct guest_entry *entry);
/* Drops the guests that are not in the table. */
void guest_store_sweep(struct guest_store *store, int worker, const struct guest_table *table);

/* Of whom the calls under way are; NULL: of nobody. Should they hang, guest_store_blame() has the
 * guest left out until then, so that it holds up the others once and not each time. True where a
 * guest was to blame. */
void guest_store_begin(struct guest_store *store, int worker, const unsigned char uuid[16],
                       int number);
bool guest_store_blame(struct guest_store *store, uint64_t until_ns);

#endif
