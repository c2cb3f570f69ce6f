/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_INSTANCE_PARTS_H
#define EVENKEEL_MODELS_PLACEMENT_INSTANCE_PARTS_H

#include "models/placement/instance.h"

/* What both ways to make an instance share: room for n items, then all that follows from them. What fails
 * is left with the arena. */
void instance_take_room(struct instance *instance, size_t n);
void instance_derive(struct instance *instance);

#endif
