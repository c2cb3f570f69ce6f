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
 * A guest that was booted again has nothing of ours, so an original is of one run of it. One that
 * returns from saved memory has all that it went with: so what was found is kept when it goes. */
struct original {
    struct guest_id guest;
    int run;                 /* the hypervisor's number of it */
    bool is_helpers;         /* of threads that are no vCPUs */
    unsigned vcpu;           /* of helpers the I/O thread, 0: the emulator; 0 for memory */
    bool has_mask, has_size; /* which of the following were changed */
    bool has_period;
    struct cpuset mask;
    /* What we pinned it to last, and before that: the last pin may have failed. Else empty. */
    struct cpuset set, set_before;
    uint64_t actual_kib;
    unsigned period_s; /* of the balloon's statistics */
    int64_t gone_s;    /* the time of day at which it was seen to have ended; 0: it runs */
    int met;           /* the later run that was found to have nothing of ours; 0: none was seen */
    bool is_mask_written, is_size_written, is_period_written; /* they are on disk */
};

struct originals {
    struct original *
        *list; /* owned, as each is; sorted by UUID and vCPU, helpers behind the vCPUs */
    size_t n, room;
    size_t next;     /* whom to ask next whether it is still there */
    bool is_changed; /* since the owner last looked */
    uint64_t
        outdated_ns; /* since when the clock says that some have been gone for too long; 0: none */
    struct originals *gone; /* borrowed: those of guests that have ended. NULL: they are dropped */
};
void originals_done(struct originals *originals);
/* Whether it is that guest's, by name or UUID; NULL: anybody's. */
bool original_is_of(const struct original *original, const char *guest);
/* -ENOENT with a sentence where nothing is known of that guest (NULL: of anybody); is_there: it runs. */
int originals_look_for(const struct originals *originals, const char *guest, bool is_there,
                       struct err *err);

/* Of that run; NULL where there is none. Valid until the next change. */
const struct original *originals_find(const struct originals *originals,
                                      const struct guest_id *guest, int run, unsigned vcpu);
/* The same of helpers. */
const struct original *originals_find_helpers(const struct originals *originals,
                                              const struct guest_id *guest, int run,
                                              unsigned iothread);
/* The first one of the guest, or where it would be. */
size_t originals_first(const struct originals *originals, const struct guest_id *guest);
/* What is there of the same run stays as it is, and what the new one has besides is added; the set is
 * the new one's. 0 or -ENOMEM. */
int originals_add(struct originals *originals, const struct original *original);
/* The same with a sentence. */
int originals_keep(struct originals *originals, const struct original *original, struct err *err);
/* Takes the i-th one out. */
void originals_drop(struct originals *originals, size_t i);
/* The i-th one's guest has ended: it goes to those that are gone, over what is there of an earlier
 * run. Beyond 4096, and as many as were there at once, who has been gone the longest is forgotten. 0, or
 * -ENOMEM and it stays. */
int originals_leave(struct originals *originals, size_t i, int64_t now_s);
/* The guest is back as that run with all that it had: what is kept of it is owed to it again. 0 or
 * -ENOMEM. */
int originals_return(struct originals *originals, const struct guest_id *guest, int run);
/* Forgets who has been gone for longer than 30 days, once the clock has said so for a day: one that was set wrongly
 * is put right by then. monotonic_ns is of the clock that nobody sets. */
void originals_expire(struct originals *originals, int64_t now_s, uint64_t monotonic_ns);
/* A deep copy of the list. 0 or -ENOMEM. */
int originals_copy(const struct originals *from, struct originals *ret);

/* All is on disk; and the other way: what is not there is forgotten. */
void originals_are_written(struct originals *originals);
void originals_forget_unwritten(struct originals *originals);

/* An array; NULL without memory. The other way: 0, -ENOMEM, or -EINVAL with *ret empty. */
json_t *originals_to_json(const struct originals *originals);
int originals_from_json(const json_t *array, struct originals *ret);

#endif
