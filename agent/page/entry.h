/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_ENTRY_H
#define EVENKEEL_AGENT_PAGE_ENTRY_H

#include "agent/page/run.h"
#include "agent/page/skim.h"
#include "planner/base/cpuset.h"

/* Private to recording.c and entry_*.c: what is known while lines of a recording are
 * read. */

/* A vCPU's readings. */
struct vcpu_counter {
    int guest;
    unsigned vcpu, pcpu; /* where it was; CPUSET_SIZE: unknown */
    uint64_t ran_ns, waited_ns;
    bool has_waited;
};
struct counters_of {
    struct vcpu_counter *list; /* owned */
    size_t n, room;
};
struct pcpu_now {
    bool is_there, is_usable, is_told; /* told: how long it was busy */
    uint64_t busy_ns;
    double load, guests; /* percent; NAN: not known */
    int bin;             /* of the run, -1: not known yet */
};
/* What one guest's vCPUs were together in this interval. */
struct guest_now {
    double used, waited, around, weight, most;
    bool is_new, has_waited, is_seen;
    unsigned pcpu; /* where it waited most */
};

struct recording {
    struct run *run;
    double from_s, to_s;
    bool is_inside; /* the line's interval is wanted */
    double t_s;
    uint64_t at_ns, last_ns, first_ns;
    bool has_first, is_first_known;
    /* Of a scheduler. */
    struct pcpu_now *pcpus; /* [CPUSET_SIZE] */
    size_t n_pcpus;         /* the largest number, and one */
    struct counters_of now, before;
    struct guest_now *guests; /* [RUN_MAX_GUESTS] */
    /* The changes of the last plan, as places from the newest on. */
    size_t n_last;
};

/* The place of a guest by what stands in "uuid" and "guest"; -1: none. */
int entry_guest(struct recording *recording, const struct skim_part *uuid,
                const struct skim_part *name);

/* A sample and a plan, which are next in the text. The sample tells who is there, so it comes first; what the
 * interval was is put into the run by the plan. */
void entry_vcpu_sample(struct recording *recording, struct skim *skim);
void entry_vcpu_plan(struct recording *recording, struct skim *skim);
void entry_memory_sample(struct recording *recording, struct skim *skim);
void entry_memory_plan(struct recording *recording, struct skim *skim);

/* A change of the plan under way, which gives it its time. */
void entry_change(struct recording *recording, int guest, const struct run_change *change,
                  const struct skim_part *reason);

#endif
