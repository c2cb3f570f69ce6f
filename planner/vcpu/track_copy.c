/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/track_copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void *copied(const void *from, size_t n, size_t size, bool *failed)
{
    void *copy = malloc((n + 1) * size);

    if (copy && n > 0)
        memcpy(copy, from, n * size);
    *failed |= !copy;
    return copy;
}

int vcpu_tracks_copy(const struct vcpu_tracks *from, struct vcpu_tracks *ret)
{
    struct vcpu_tracks copy = *from;
    bool failed = false;

    copy.track = copied(from->track, from->n, sizeof(*from->track), &failed);
    copy.background = copied(from->background, from->n_pcpus, sizeof(*from->background), &failed);
    copy.speed = copied(from->speed, from->n_pcpus, sizeof(*from->speed), &failed);
    copy.guests.track =
        copied(from->guests.track, from->guests.n, sizeof(*from->guests.track), &failed);
    copy.refused.list =
        copied(from->refused.list, from->refused.n, sizeof(*from->refused.list), &failed);
    copy.may = copied(from->may, from->n * from->n_pcpus, sizeof(*from->may), &failed);
    if (failed) {
        vcpu_tracks_done(&copy);
        return -ENOMEM;
    }
    *ret = copy;
    return 0;
}
