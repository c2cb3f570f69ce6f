/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_LIBVIRT_SAMPLE_H
#define EVENKEEL_AGENT_HOST_LIBVIRT_SAMPLE_H

#include "agent/base/log.h"
#include "agent/base/originals.h"
#include "agent/host/guest_store.h"
#include "agent/host/guest_table.h"
#include "agent/host/host_libvirt_guest.h"
#include "agent/host/others.h"
#include "planner/base/sample.h"

/* From libvirt's facts to samples: what both kinds of sample share. */
struct sampling {
    const char *uri;
    const char *const *match; /* globs; none: every guest */
    size_t n_match;
    bool ignores_metadata; /* what guests' definitions say in <metadata> does not count */
    const char *root;      /* as in root_file.h; NULL: the host is another machine */
    bool read_only; /* connect without the right to change, and do not ask guests for statistics */
    struct log log;
    struct libvirt *libvirt; /* owned */
    struct guest_table guests;
    struct guest_store *store;  /* a reference: what outlives this worker */
    int worker;                 /* its number there */
    size_t next_guest;          /* of the host's list: who is looked at first ... */
    size_t this_guest;          /* ... and who is looked at now */
    unsigned n_definitions;     /* read for the sample under way */
    bool has_postponed;         /* a definition, in it */
    struct originals originals; /* known when the first connection was made */
    unsigned turn;              /* counts samples of vCPUs */
    struct cpuset online;       /* in the last one */
    unsigned heard;             /* on which connection: another one tells nothing of before */
    struct others others;       /* guests that --match or their definitions leave out */
    unsigned next_pcpu;         /* whose busy time libvirt is asked for next */
    size_t
        n_memory; /* guests of whom the kernel may still be asked in this sample where their memory is */
    bool is_busy_unknown;    /* libvirt does not tell busy times here */
    bool has_busy_moved;     /* they have been seen to move, so they are counters */
    uint64_t busy_before_ns; /* the whole host's, before that; 0: not asked */
};

void sampling_done(struct sampling *sampling);
/* Has the originals count for guests that are known already. 0 or -ENOMEM with a sentence. */
int sampling_bind(struct sampling *sampling, struct err *err);

/* Around the calls for a sample, and around those about its i-th guest. is_whole: who was not seen has ended; else
 * nobody is forgotten. */
void sampling_begin(struct sampling *sampling);
void sampling_begin_guest(struct sampling *sampling, const struct active_guest *guest, size_t i);
void sampling_end(struct sampling *sampling, bool is_whole);
/* Whether the guest is one of those that --match names. */
bool sampling_is_ours(const struct sampling *sampling, const struct guest_id *guest);
/* The guest's entry with a definition that is new enough, and with the limits that are read with
 * it; none is known yet where others had to be read first. */
int sampling_see(struct sampling *sampling, const struct active_guest *guest, uint64_t now_ns,
                 enum libvirt_group group, struct guest_entry **ret, struct err *err);
/* Whether the sample can go on without this guest, whose call returned r. That it does is said
 * once, unless the guest has just ended. */
bool sampling_is_bearable(struct sampling *sampling, const struct active_guest *guest, int r,
                          const struct err *err);

#endif
