/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_PATCH_H
#define EVENKEEL_AGENT_FLEET_PATCH_H

#include <stddef.h>

#include "planner/base/err.h"

/* The one thing that is ever written to a cluster: the difference between two versions of its document,
 * which the cluster takes as a whole or, where its document is not the first version any more, refuses.
 * Made by crm_diff and sent by cibadmin. */

struct patch {
    char *text; /* owned */
    size_t n;
    char *after; /* owned: what the first version becomes with it, by crm_diff's own word */
    size_t n_after;
};
void patch_done(struct patch *patch);

/* 0, or a negative errno with a sentence: -EINVAL: applied to the first version it does not make the
 * second one. */
int patch_make(const char *from, size_t n_from, const char *to, size_t n_to, struct patch *ret,
               struct err *err);
/* 0: the cluster has taken it. -EAGAIN: the cluster has refused it, its document is another by now; else
 * a negative errno: nobody knows. With a sentence. */
int patch_send(const struct patch *patch, struct err *err);

#endif
