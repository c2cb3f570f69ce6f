/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_ORIGINALS_H
#define EVENKEEL_AGENT_BASE_ORIGINALS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/guest.h"

/* What was found of each guest before the first change to it, by whatever program made that change.
 * A guest that was started again has nothing of ours, so an original is of one run of it. */
struct original {
    struct guest_id guest;
    int run;                 /* the hypervisor's number of it */
    unsigned vcpu;           /* 0 for memory */
    bool has_mask, has_size; /* which of the following were changed */
    bool has_period;
    struct cpuset mask;
    /* What we pinned it to last, where that was several pCPUs, and before that: the last pin may have
     * failed. Else empty. */
    struct cpuset set, set_before;
    uint64_t actual_kib;
    unsigned period_s; /* of the balloon's statistics */
};

struct originals {
    struct original *list; /* owned, sorted by UUID and vCPU */
    size_t n, room;
    size_t next;     /* whom to ask next whether it is still there */
    bool is_changed; /* since the owner last looked */
};
void originals_done(struct originals *originals);

/* Of that run; NULL where there is none. Valid until the next change. */
const struct original *originals_find(const struct originals *originals,
                                      const struct guest_id *guest, int run, unsigned vcpu);
/* What is there of the same run stays as it is, and what the new one has besides is added; the set is
 * the new one's. 0 or -ENOMEM. */
int originals_add(struct originals *originals, const struct original *original);
/* Takes the i-th one out. */
void originals_drop(struct originals *originals, size_t i);
/* A deep copy. 0 or -ENOMEM. */
int originals_copy(const struct originals *from, struct originals *ret);

/* An array; NULL without memory. The other way: 0, -ENOMEM, or -EINVAL with *ret empty. */
json_t *originals_to_json(const struct originals *originals);
int originals_from_json(const json_t *array, struct originals *ret);

#endif
