/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_OUTLET_H
#define EVENKEEL_AGENT_BASE_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/base/stop.h"

/* Output that never holds anybody up: a stopped terminal, a full pipe or a slow disk costs reports,
 * not intervals. A thread of its own writes whole items in their order. What does not fit into the
 * queue is left out whole and counted. */
struct outlet;

/* The queue holds max_bytes, and one item whatever its size. With owns_fd set, the descriptor is
 * closed at the end. One reference is the caller's. NULL: no memory or no thread; the descriptor is
 * then the caller's. */
struct outlet *outlet_new(int fd, size_t max_bytes, bool owns_fd);
/* The same for whatever takes whole items: send() returns 0 or a negative errno, and may last. */
struct outlet *outlet_new_for(int (*send)(const char *text, size_t n), size_t max_bytes);
/* How long a put waits at most for a write that does not flow; 100 ms where nobody says. */
void outlet_set_patience(struct outlet *outlet, int ms);
/* One more reference, and one less. The last one ends the thread; a thread that is stuck in a write
 * is left behind with all that it holds. NULL is no outlet. */
struct outlet *outlet_share(struct outlet *outlet);
void outlet_free(struct outlet *outlet);

/* Takes a copy of the text. Returns at once where the item before it is stuck, and otherwise waits
 * a moment for the write, so that its failure is told here. With wait given, in virtual time, it
 * waits until the text is written or a stop is asked: nothing is left out then. 0, -EAGAIN (left
 * out and counted), -ENOMEM (likewise), or the negative errno of a write: what was cut short by it
 * is ended with a newline before the next item. */
int outlet_put(struct outlet *outlet, const char *text, size_t n, const struct stop *wait);

/* How many items were left out since this was asked last; 0 as long as nothing flows. */
uint64_t outlet_left_out(struct outlet *outlet);

/* Waits until all is written; once a stop is asked, a moment at most. */
void outlet_drain(struct outlet *outlet, const struct stop *stop);

#endif
