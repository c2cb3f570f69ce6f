/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CONTROL_WHY_H
#define EVENKEEL_AGENT_CONTROL_WHY_H

#include <jansson.h>

#include "agent/control/pauses.h"
#include "agent/control/scene.h"

/* Where a guest is, why, and what would change that, in sentences: {"guest": its true name, "lines": [..],
 * "note": .., "change": ..}. The guest by its true name or UUID. NULL where the scene does not have it. */
json_t *why_about(const struct scene *scene, const char *guest, const struct pauses *pauses);

/* What both programs tell. why_memory.c */
enum { WHY_SENTENCE = 600 };
/* Of one guest: the pause of now, and the one of the interval, which explains what the scene has. */
struct why_pauses {
    const struct pause *now, *then; /* NULL: none */
};
json_t *why_about_memory(const struct scene *scene, size_t place, struct why_pauses pauses);
/* A sentence, and what holds in a pause: these two before all others. */
void why_add(json_t *lines, const char *text);
void why_add_pause(json_t *lines, struct why_pauses pauses);
/* What would change things: the end of the pause, by a command that does no harm whatever the guest is called, or
 * that the one that was has ended. False: no pause. */
bool why_end_of_pause(const struct guest_id *guest, struct why_pauses pauses,
                      char ret[WHY_SENTENCE]);
/* What a change of this interval's plan is to whoever asks what would change things; what is the change. */
void why_planned(enum scene_fate fate, const char *what, char ret[WHY_SENTENCE]);

#endif
