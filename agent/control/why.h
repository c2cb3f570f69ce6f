/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CONTROL_WHY_H
#define EVENKEEL_AGENT_CONTROL_WHY_H

#include <jansson.h>

#include "agent/control/scene.h"

/* Where a guest is, why, and what would change that, in sentences: {"lines": [..], "note": ..,
 * "change": ..}. The guest by its true name. NULL where the scene does not have it. */
json_t *why_about(const struct scene *scene, const char *guest);

#endif
