/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_TRACK_H
#define EVENKEEL_PLANNER_MEMORY_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "models/memory/problem.h"
#include "planner/memory/planner.h"

/* What the planner remembers of one guest from interval to interval. Each part is made anew from
 * the old one and the new reading by one pure function; `old` is zeroed for a guest not seen
 * before (seen_ns == 0). For planner/memory_*.c and their tests. */

/* libvirt counts in KiB, the balloon in pages of 4 KiB, and some drivers round to MiB: a size this
 * near to what was asked for is what was asked for. */
#define MEMORY_ARRIVED_KIB 1024
#define MEMORY_PAGE_KIB 4
/* Believable readings before a guest's memory may be taken. */
#define MEMORY_READINGS_TO_LEARN 3

/* What of a guest's statistics is believed. */
struct memory_belief {
    bool known;            /* used and active may be planned with */
    bool fresh;            /* they changed with this reading */
    bool silent;           /* unbelievable for longer than one odd reading can explain */
    unsigned good;         /* believable readings in a row */
    uint64_t bad_since_ns; /* 0: the last reading was believable */
    uint64_t stats_at_ns;  /* when the guest reported what is believed */
    uint64_t moved_at_ns;  /* when actual last changed, and nothing of the statistics with it */
    int64_t used_kib;      /* held and not free inside the guest */
    int64_t active_kib;    /* used without the cache that could be dropped */
    int64_t unused_kib;    /* as reported */
    int64_t unsure_kib; /* used may be more by this: the size moved, and the report has no total */
    uint64_t maximum_kib; /* the guest's, when its kernel's part was learned */
    uint64_t report_sum;  /* of all that was reported: a report that repeats it is the same one */
    int64_t kernel_kib;   /* what the guest's kernel leaves out of its own total; -1: unknown */
    int64_t kernel_seen_kib; /* as last seen at rest; believed when seen twice */
    char why_not[80];        /* why the reading was not believed, for people; "" where it was */
};
void memory_belief_next(const struct memory_settings *settings, uint64_t at_ns,
                        const struct memory_reading *reading, int64_t last_actual_kib,
                        uint64_t last_at_ns, const struct memory_belief *old,
                        struct memory_belief *ret);

/* What the guest needs, and which way its size may move. */
enum memory_phase { PHASE_RESTING, PHASE_RISING, PHASE_FALLING };
struct memory_demand {
    int64_t demand_kib;      /* used, believed at once when it rises, slowly when it falls */
    int64_t wander_kib;      /* by which it went down lately without a fall: noise, not need */
    int64_t swing_kib;       /* the part of that which came back and went again: a wave */
    int64_t dip_kib;         /* the fall that a wave may have begun with; 0: none */
    int64_t low_kib;         /* used after that fall */
    unsigned rises;          /* reports in a row that were higher than all before */
    double growth_kib_per_s; /* the same */
    int64_t rise_kib;        /* by which demand rose with the last report */
    int64_t swapped_kib; /* read back from swap since the last report: it wants to be resident */
    enum memory_phase phase;
    uint64_t quiet_since_ns;      /* no growth since */
    uint64_t fell_at_ns;          /* when a large part of what was used was freed; 0: not */
    int64_t peak_kib, trough_kib; /* around that fall */
    double patience_s; /* how long a fall has to last; longer after each release regretted */
    uint64_t regret_at_ns;
    uint64_t swap_in_kib, major_faults;
};
void memory_demand_next(const struct memory_settings *settings, uint64_t at_ns,
                        const struct memory_reading *reading, const struct memory_belief *was,
                        const struct memory_belief *belief, bool is_disturbed,
                        const struct memory_demand *old, struct memory_demand *ret);
/* By how much more than other guests it wanders: what it may keep beside what is idle. */
int64_t memory_unrest_kib(const struct memory_demand *demand);

/* Whether the balloon does what it is asked. */
struct memory_refusal {
    int64_t at_kib;    /* it does not go further than this */
    uint64_t until_ns; /* asked again then; 0: never refused, or forgotten */
    unsigned times;
};
struct memory_obedience {
    int64_t asked_kib;    /* still under way; 0: nothing is */
    int64_t before_kib;   /* what was under way before the last request */
    uint64_t last_ask_ns; /* when that request was made */
    uint64_t asked_ns;    /* since when, in this direction, without a pause */
    uint64_t moved_ns;    /* last progress */
    int64_t moved_kib;    /* and the size it led to */
    bool asked_again; /* once before it is called stuck: someone else may have set the balloon */
    bool withdraw;    /* this interval has to take the request back */
    bool repeat;      /* this interval has to ask again */
    bool disturbed;   /* the size changed and it was not our doing */
    int64_t released_kib; /* the last size it was brought down to; 0: none */
    unsigned reverts;     /* times it came back up from there by itself */
    uint64_t reverted_ns;
    struct memory_refusal down, up;
};
void memory_obedience_next(const struct memory_settings *settings, uint64_t at_ns,
                           int64_t actual_kib, int64_t last_actual_kib, bool may_move,
                           const struct memory_obedience *old, struct memory_obedience *ret);
/* The plan asks for to_kib; asking for the actual size takes a request back. */
void memory_obedience_ask(struct memory_obedience *obedience, uint64_t at_ns, int64_t actual_kib,
                          int64_t to_kib);

/* The last request never reached the guest: what was under way before it still is. */
void memory_obedience_retract(struct memory_obedience *obedience, uint64_t at_ns);

struct memory_track {
    unsigned char uuid[16];
    uint64_t seen_ns;
    int64_t actual_kib;
    int64_t overhead_kib; /* host memory beside the guest's own */
    struct memory_belief belief;
    struct memory_demand demand;
    struct memory_obedience obedience;
    enum guest_state state;
    uint64_t since_ns;
};
/* First what the balloons did, for all guests: *ret gets everything that needs no statistics. */
void memory_track_follow(const struct memory_settings *settings, uint64_t at_ns,
                         const struct memory_reading *reading, const struct memory_track *old,
                         struct memory_track *ret);
/* Then what the guests need. is_bulk: several sizes were changed from outside at once. */
void memory_track_next(const struct memory_settings *settings, uint64_t at_ns,
                       const struct memory_reading *reading, const struct memory_track *old,
                       bool is_bulk, struct memory_track *track);
/* Its balloon may be used at all; and enough is known to plan with. */
bool memory_is_movable(const struct memory_reading *reading);
bool memory_is_plannable(const struct memory_reading *reading, const struct memory_track *track);

/* What the guest holds or has been promised: the size it may grow to without asking. */
int64_t memory_current_kib(const struct memory_track *track);

/* The host's side. */
struct memory_host {
    int64_t free_kib; /* free now, or droppable by the host */
    int64_t reserve_kib;
    int64_t promised_kib; /* held or granted, not yet touched */
    int64_t unsure_kib;   /* counted as touched, on the word of a guest that is not itself now */
    int64_t spare_kib;    /* what may be granted now; negative: overdrawn */
    int64_t current_kib;  /* sum over the guests */
};
void memory_host_account(const struct memory_settings *settings, const struct memory_sample *sample,
                         const struct memory_track *tracks, struct memory_host *ret);

/* The guest's part of the problem. */
void memory_want(const struct memory_settings *settings, const struct memory_host *host,
                 uint64_t at_ns, const struct memory_reading *reading,
                 const struct memory_track *track, struct memory_item *ret);
/* Most the guest may be given: its maximum, its policy, and what it refused. */
int64_t memory_ceiling_kib(const struct memory_reading *reading, const struct memory_track *track);

/* All that one interval knows when it writes its plan. */
struct memory_interval {
    const struct memory_settings *settings;
    const struct memory_sample *sample;
    const struct memory_track *tracks; /* [sample->n_guests] */
    const struct memory_item *items;
    struct memory_host host;
    struct memory_problem problem;
    struct memory_solution settled;
    const int64_t *sizes_kib; /* what to ask for now */
    bool is_first;            /* only observes */
};
/* Places, steps, verdict and note. 0 or -ENOMEM. */
int memory_plan_fill(const struct memory_interval *interval, struct memory_plan *plan);
/* Least total by which the floors cannot be met, whatever is done. */
int64_t memory_floors_missing_kib(const struct memory_interval *interval);
/* plan->note: what is missing and for whom, what is overdrawn; "" when there is nothing to say. */
void memory_plan_note(const struct memory_interval *interval, struct memory_plan *plan);
/* explain of every place, from the duals and levels of the settled program. 0 or -ENOMEM. */
int memory_explain(const struct memory_interval *interval, struct memory_plan *plan);

static inline bool memory_is_without(const struct memory_settings *settings, unsigned defence)
{
    return (settings->without & defence) != 0;
}

#endif
