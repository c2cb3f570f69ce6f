/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CONTROL_PONDER_H
#define EVENKEEL_AGENT_CONTROL_PONDER_H

#include "agent/control/scene.h"

/* A question that takes a while is answered in a thread of its own, which yields to everybody else:
 * neither the loop nor the bus waits for it. It gives up after PONDER_S with the best plan so far,
 * and sooner where it is told to end. */
struct pondering;
enum { PONDER_S = 10 };

/* Begins; takes over what is in the question. The scene must stay until the end. wake_fd hears of the
 * answer. NULL: no memory or no thread; the question is freed then too. */
struct pondering *ponder_begin(const struct scene *scene, struct question *question, int wake_fd);
bool ponder_is_done(struct pondering *pondering);
/* Waits for the end, which is near where it is done, and makes it come soon. Returns the answer, or NULL
 * with the sentence; pondering is freed. */
char *ponder_end(struct pondering *pondering, struct err *err);

#endif
