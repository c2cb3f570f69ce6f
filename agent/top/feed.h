/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_TOP_FEED_H
#define EVENKEEL_AGENT_TOP_FEED_H

#include <systemd/sd-event.h>

#include "agent/top/model.h"

/* Asks both programs over D-Bus for what the model is made of, and waits for nobody: answers are taken by the
 * event loop. A bus that was lost is opened again, and a program that has ended is asked again. */
struct feed;

/* news() is called when a program's answers are in the model, or what was told has been heard: said is a
 * sentence, or NULL. Event and model are borrowed. NULL: no memory. */
struct feed *feed_new(sd_event *event, struct top_model *model,
                      void (*news)(void *arg, const char *said), void *arg);
void feed_free(struct feed *feed);

/* Begins a round with each program that has no other under way. why_of: the true name of a guest whose why is
 * wanted as well; or NULL. */
void feed_ask(struct feed *feed, const char *why_of);
/* Whether nobody is waited for. */
bool feed_is_idle(const struct feed *feed);
/* Pauses a guest, or all (""), or ends that. */
void feed_pause(struct feed *feed, const char *guest, bool ends);

#endif
