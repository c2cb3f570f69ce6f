/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_PLACEMENT_ANCHORS_H
#define EVENKEEL_MODELS_PLACEMENT_ANCHORS_H

#include "models/placement/instance.h"

/* Where each item costs least, and what it costs at least to have it anywhere else. An item is
 * anchored at home, or where it costs less. Any plan pays the cost of every
 * anchor, and for each item that is elsewhere the way from there. */
struct anchors {
    int *bin;  /* [n] */
    int *away; /* [n] by how much any other bin is dearer; ANCHORS_STUCK: there is no other */
    int *first,
        *own; /* [m + 1], [n]: the items anchored in p are own[first[p] ...], those that take the
                         most weight with them for the cost first */
    int64_t *load; /* [m] their weight, without background */
    int64_t cost;  /* of all at their anchors */
};

enum { ANCHORS_STUCK = 1 << 20 }; /* more than any price */

/* 0 or -ENOMEM; memory of the arena. */
int anchors_new(const struct instance *in, struct arena *arena, struct anchors *ret);

#endif
