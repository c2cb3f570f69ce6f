/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_SAMPLE_H
#define EVENKEEL_PLANNER_BASE_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/guest.h"
#include "planner/base/shape.h"

/* What was observed at one instant. Times are nanoseconds of a monotonic clock, memory is KiB.
 * Arrays are owned by the sample and sorted: vCPUs by (UUID, vCPU), guests by UUID, pCPUs by
 * number. */

struct vcpu_reading {
    struct guest_id guest;
    unsigned vcpu;
    bool running;         /* the guest runs and the vCPU is online; others have no demand */
    uint64_t cpu_time_ns; /* cumulative */
    uint64_t delay_ns;    /* cumulative time runnable but waiting for a pCPU; see has_delay */
    bool has_delay;       /* false: this hypervisor does not tell */
    bool has_last;        /* last_pcpu is known */
    unsigned last_pcpu;   /* where it last ran: a hint for a floating vCPU's first pin, never a
                               placement */
    int pcpu; /* the pCPU to which it is pinned, or -1: it floats. From affinity, as ... */
    int at;   /* ... the index of that pCPU in the sample, or -1; see vcpu_sample_sort() */
    struct cpuset affinity; /* live: where it may run now */
    struct cpuset mask;     /* live, with pCPUs that are offline: what --restore puts back */
    struct cpuset allowed;  /* what its owner's definitions permit: a constraint that is never
                               widened */
    bool is_ours;           /* it floated until we pinned it, and the live mask is what we set: that
                               pin may be taken back */
    struct cpuset found;    /* is_ours: what it floated on then, and gets back; empty: not known */
    bool is_foreign;        /* somebody else has changed its live mask since the last sample */
    bool
        has_strange_limits; /* its owner's limits are not known, because they cannot be read or have
                                not been read yet: leave it alone, and say so */
    unsigned quota_permille;   /* the most that it may run, in 1/1000 of a pCPU: the lesser of
                                 definition and live scheduler parameters; 0: no limit is known */
    unsigned reserve_permille; /* its owner wants so much of a pCPU kept for it, 0..1000 */
};

/* Where a guest's memory lies: nodes by their ids, those with most of it. */
enum { GUEST_NODES = 16 };
struct guest_memory {
    bool is_bound;       /* its definition forbids all nodes but these: */
    struct cpuset bound; /* numbers of nodes */
    bool is_following; /* the kernel moves it after the vCPUs, so that it is far for a while only */
    bool is_known;     /* how much of it is where: */
    unsigned n;
    struct {
        int node;
        unsigned permille; /* of its memory */
    } at[GUEST_NODES];
};

/* What is known of a guest as a whole. */
struct guest_reading {
    struct guest_id guest;
    int run;                 /* another number after each start of the guest (libvirt's id) */
    unsigned quota_permille; /* the most that all its threads together may run; 0: none is known */
    bool has_helpers;        /* helpers_ns and helpers_mask are known */
    uint64_t helpers_ns;     /* cumulative CPU time of its threads that are no vCPUs */
    struct cpuset helpers_mask; /* where those may run */
    struct guest_memory memory;
    struct cpuset slice; /* what its control group lets it have; empty: not known. Not recorded */
};

/* Threads of a guest that are no vCPUs, as far as they can be put somewhere by themselves. */
struct helper_reading {
    struct guest_id guest;
    unsigned iothread; /* the number of an I/O thread; 0: the emulator, and with it all that has no
                          number (its workers, the kernel's vhost) */
    struct cpuset affinity; /* where they may run now */
    struct cpuset mask;     /* likewise, with pCPUs that are offline: what --restore puts back */
    struct cpuset allowed;  /* where they may run if nobody pins them */
    bool is_owners;         /* its owner's definition pins them: they are left alone */
    bool is_ours;           /* we pinned them, and they are where we did */
};

/* Whether guests may be planned onto a pCPU, and what forbids it. */
enum pcpu_use {
    PCPU_USABLE,
    PCPU_ISOLATED,      /* taken out of the kernel's balancing (isolcpus, isolated partitions) */
    PCPU_TICKLESS,      /* nohz_full: meant for one thread that nothing interrupts */
    PCPU_OUTSIDE_SLICE, /* not in the effective cpuset of the slice in which guests live */
    PCPU_RESERVED,      /* the operator keeps it for the host */
};
const char *pcpu_use_text(enum pcpu_use use); /* "usable", "isolated", ... */

struct pcpu_reading {
    unsigned id;
    enum pcpu_use use;
    bool has_busy;           /* busy_ns is known */
    uint64_t busy_ns;        /* cumulative, whatever ran there: all but idle and waiting for I/O, so
                                guests, interrupts and steal are part of it */
    int background_permille; /* where has_busy is false: busy with other things than these guests,
                                0 where that is not known either */
    struct topology_place place; /* where the sample has a shape */
};

struct vcpu_sample {
    uint64_t at_ns;
    bool has_shape;             /* where its pCPUs are in the host's tree is known ... */
    bool has_caches;            /* ... and their caches were told: nodes do not stand in for them */
    size_t n_nodes;             /* of the shape: */
    int *node_ids;              /* [n_nodes] by place.node */
    unsigned *distances;        /* [n_nodes * n_nodes] from, to; 10 is local */
    struct pcpu_reading *pcpus; /* the online pCPUs, those that must not be used as well */
    size_t n_pcpus;
    struct vcpu_reading *vcpus;
    size_t n_vcpus;
    struct guest_reading *guests; /* sorted by UUID; a guest of whom nothing is known is missing */
    size_t n_guests;
    struct helper_reading
        *helpers; /* sorted by UUID and I/O thread; those that the host tells of */
    size_t n_helpers;
};
/* Ends the making of a sample: sorts its arrays, and works out once for everybody where each vCPU
 * is placed: on the one pCPU of its live affinity, or nowhere. */
void vcpu_sample_sort(struct vcpu_sample *sample);
/* 0, or -EINVAL with a sentence where a vCPU or pCPU is twice in it or out of order, or a pCPU is on a
 * node that it does not have. */
int vcpu_sample_check(const struct vcpu_sample *sample, struct err *err);
/* Copies of these in place of the sample's nodes [n] and distances [n * n]. 0, or -ENOMEM: it has none. */
int vcpu_sample_set_nodes(struct vcpu_sample *sample, size_t n, const int *ids,
                          const unsigned *distances);
/* Leaves the helpers out, where nothing depends on where they run. */
void vcpu_sample_forget_helpers(struct vcpu_sample *sample);
/* The index of an online pCPU by its number, or -1; the sample is sorted. */
int vcpu_sample_pcpu(const struct vcpu_sample *sample, int id);
/* Where a vCPU runs whose pin is taken back, and where it does while no pin is ours. */
const struct cpuset *vcpu_reading_freed(const struct vcpu_reading *reading);
const struct cpuset *vcpu_reading_unpinned(const struct vcpu_reading *reading);
/* How many vCPUs of the same guest stand together from `first` on; the sample is sorted. */
size_t vcpu_sample_guest_size(const struct vcpu_sample *sample, size_t first);
/* The first vCPU, and helper, that is not below the guest: its own, where it has any. */
size_t vcpu_sample_first_vcpu(const struct vcpu_sample *sample, const struct guest_id *guest);
size_t vcpu_sample_first_helper(const struct vcpu_sample *sample, const struct guest_id *guest);
/* What is known of the guest as a whole, or NULL. */
const struct guest_reading *vcpu_sample_guest(const struct vcpu_sample *sample,
                                              const struct guest_id *guest);
/* Of n vCPUs from `first` on, the first that runs; first + n: none does. */
size_t vcpu_sample_first_running(const struct vcpu_sample *sample, size_t first, size_t n);
void vcpu_sample_done(struct vcpu_sample *sample);

/* GUEST_ARRIVING: by migration, and it has not run here yet; GUEST_MIGRATING is all else that moves. */
enum guest_run {
    GUEST_RUNNING,
    GUEST_PAUSED,
    GUEST_STARTING,
    GUEST_MIGRATING,
    GUEST_OTHER,
    GUEST_ARRIVING,
};

/* Which of a guest's statistics were there at all. */
enum {
    MEMORY_HAS_UNUSED = 1 << 0,
    MEMORY_HAS_AVAILABLE = 1 << 1,
    MEMORY_HAS_USABLE = 1 << 2,
    MEMORY_HAS_CACHES = 1 << 3,
    MEMORY_HAS_SWAP = 1 << 4,
    MEMORY_HAS_FAULTS = 1 << 5,
    MEMORY_HAS_AGE = 1 << 6,
    MEMORY_HAS_RSS = 1 << 7,
};

/* What the guest's own definition or the options say about it; a member counts where its flag is
 * set. */
struct memory_policy {
    bool has_floor, has_ceiling, has_weight, has_pin;
    bool excluded;        /* do not touch at all */
    uint64_t floor_kib;   /* never less than this */
    uint64_t ceiling_kib; /* never more than this; the definition's maximum holds as well */
    uint64_t pin_kib;     /* this size and no other */
    unsigned weight;      /* share of wishes, 1..10000, 100 where unset */
};

/* Why a balloon must not be used, for people. */
enum memory_lock {
    MEMORY_LOCK_UNTOLD,     /* not locked, or locked without a reason told */
    MEMORY_LOCK_LOCKED,     /* the host may not take any of its pages */
    MEMORY_LOCK_HUGE_PAGES, /* they come and go as a whole */
    MEMORY_LOCK_DEVICE,     /* an assigned device may write to any page */
    MEMORY_LOCK_DISK,       /* the same of a disk that the guest's process drives itself */
    MEMORY_LOCK_ENCRYPTED,  /* the host cannot take encrypted pages back */
    MEMORY_LOCK_UNCOUNTED,  /* part of its memory is no balloon's, and nobody tells how much */
    MEMORY_LOCK_UNREAD, /* its definition has not been read yet: it may be any of these, or none */
    MEMORY_LOCK_UNREADABLE, /* its definition cannot be read: likewise */
};

struct memory_reading {
    struct guest_id guest;
    int number;              /* of its run: another one after each start */
    bool lacks_stats;        /* it should be asked to report, and reports ... */
    unsigned stats_period_s; /* ... only so often; 0: not at all */
    enum guest_run run;
    bool has_balloon;       /* a virtio balloon device exists */
    bool locked;            /* the balloon must not be used: it would free nothing, or do harm */
    enum memory_lock lock;  /* why */
    unsigned has;           /* MEMORY_HAS_* */
    uint64_t actual_kib;    /* what the guest holds now */
    uint64_t maximum_kib;   /* most that it can hold as it is: actual with its balloon all empty */
    uint64_t beside_kib;    /* part of both that no balloon governs: plugged virtio-mem */
    uint64_t limit_kib;     /* most that its process may hold before it is killed; 0: no limit */
    uint64_t unused_kib;    /* free inside the guest */
    uint64_t available_kib; /* what the guest's kernel sees as its total */
    uint64_t usable_kib;    /* unused plus cache it could drop without swapping */
    uint64_t caches_kib;    /* disk caches */
    uint64_t swap_in_kib, swap_out_kib; /* cumulative */
    uint64_t major_faults;              /* cumulative */
    uint64_t stats_age_ns;              /* since the guest reported; see MEMORY_HAS_AGE */
    uint64_t rss_kib;                   /* host memory the guest's process holds */
    struct memory_policy policy;
};

/* Whether it runs and would be steered if it reported its memory, and nobody has it report. */
bool memory_reading_is_unasked(const struct memory_reading *reading);
/* Whether all of the guest's memory is the host's to lose already, so that it can touch no more. */
bool memory_reading_is_resident(const struct memory_reading *reading);
/* What the host has to have for a guest that holds, or is promised, held_kib: all that it can hold
 * as long as it has not run. One that boots has all of it until its balloon answers. One that arrives is
 * shown with what it held when it set out, and where it comes from its balloon goes on; for libvirt it is
 * starting until its process is up, and that may take most of the time. */
uint64_t memory_reading_may_hold_kib(const struct memory_reading *reading, uint64_t held_kib);

struct memory_sample {
    uint64_t at_ns;
    uint64_t host_total_kib;
    uint64_t host_free_kib;      /* free now, without counting what could be dropped */
    uint64_t host_available_kib; /* free plus what the host could drop; equals free where unknown */
    uint64_t host_arc_kib; /* in ZFS's cache above its least size, part of neither; 0: no ZFS */
    bool
        was_put_back; /* sizes, by an operator's word, since the sample before: nobody else's doing */
    struct memory_reading *guests;
    size_t n_guests;
};
void memory_sample_sort(struct memory_sample *sample);
/* 16 PiB. No machine has more, and sums over all guests stay far from overflowing. */
static const uint64_t memory_most_kib = UINT64_C(1) << 44;
/* 0, or -EINVAL with a sentence where a size that the hypervisor tells, or a policy's, is beyond that.
 * What guests tell is no part of it: who tells nonsense is not believed, and the others carry on. Nor
 * are limits on a guest's process: libvirt writes 2^53 - 4 KiB for none. */
int memory_sample_check(const struct memory_sample *sample, struct err *err);
void memory_sample_done(struct memory_sample *sample);

#endif
