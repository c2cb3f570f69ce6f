/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_SIM_BALLOON_WORLD_H
#define EVENKEEL_TESTS_SIM_BALLOON_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/memory/planner.h"
#include "tests/sim/ablation.h"

/* A small world of guests with balloons on a host with little memory, in steps of 100 ms, built to
 * catch the planner out: it knows the truth, and looks at every balloon call and every instant. */

static const int64_t MIB = 1024;
enum { MEMORY_PAGE = 4 };
enum { WORLD_GUESTS = 12 };

/* What a guest does wrong; bits, so that a guest may do several things. */
enum {
    GUEST_BALLOON_DEAD = 1 << 0,       /* never moves */
    GUEST_BALLOON_DIES = 1 << 1,       /* ... from event_s on */
    GUEST_BALLOON_WAKES = 1 << 2,      /* dead, but moves again from event_s on */
    GUEST_BALLOON_LIMPS = 1 << 3,      /* moves only in every second pair of seconds */
    GUEST_REVERTS = 1 << 4,            /* 3 s after it has arrived it goes back up by itself */
    GUEST_AUTODEFLATES = 1 << 5,       /* takes memory back when its own runs out */
    GUEST_STATS_NONE = 1 << 6,         /* from event_s on, like all that follow */
    GUEST_STATS_FROZEN = 1 << 7,       /* the same numbers, the age grows */
    GUEST_STATS_FROZEN_FRESH = 1 << 8, /* the same numbers, and a new time each second */
    GUEST_STATS_ALL_ONES = 1 << 9,
    GUEST_STATS_ZERO = 1 << 10,
    GUEST_STATS_ABSURD = 1 << 11, /* more unused than actual */
    GUEST_STATS_FUTURE = 1 << 12,
    GUEST_STATS_NO_TOTAL = 1 << 13, /* no "available", at any time */
    GUEST_RSS_UNKNOWN = 1 << 14,    /* at any time */
    GUEST_NO_BALLOON = 1 << 15,     /* at any time */
    GUEST_LOCKED = 1 << 16,         /* at any time */
    GUEST_PAUSES = 1 << 17,         /* for 20 s from event_s */
    GUEST_MIGRATES = 1 << 18,       /* the same */
    GUEST_REBOOTS = 1 << 19,        /* at event_s: back to its maximum, silent for 10 s */
    GUEST_RESIZED = 1 << 20,        /* at event_s, from outside, to outside_kib */
    GUEST_VANISHES = 1 << 21,       /* at event_s, between sample and apply; memory is returned */
    GUEST_HOTPLUGS = 1 << 22,       /* at event_s: 512 MiB more, maximum and actual */
    GUEST_TOUCHES_ALL = 1 << 23,    /* touches whatever it holds */
};

struct world_guest {
    /* the script */
    const char *name;
    unsigned kind;
    int64_t maximum_kib, actual_kib;
    int64_t base_kib;  /* what the guest uses without the program */
    int64_t noise_kib; /* base wanders by up to this */
    int64_t cache_kib; /* in use, but could be dropped */
    int64_t overhead_kib;
    int64_t rate_kib_per_s, max_kib; /* the program grows so fast, up to this ... */
    double start_s, end_s;     /* ... from start, and frees all at the end or when it is stuck */
    double period_s;           /* and again; 0: once */
    bool bursts;               /* the rate jumps between a half and the double */
    double report_every_s;     /* 1 */
    int64_t speed_kib_per_s;   /* of the balloon; 0: at once */
    int64_t low_kib, high_kib; /* the balloon does not go further; 0: no such limit */
    int64_t outside_kib;
    double event_s;
    double present_s; /* the guest exists from then on */
    struct memory_policy policy;
    /* the state */
    unsigned char uuid[16];
    bool gone, is_outside;
    int64_t maximum_at_first_kib;
    int64_t target_kib, program_kib, used_kib, touched_kib;
    double stalled_s, arrived_s;
    bool had_event;
    struct memory_reading report; /* as last reported */
    double reported_s;
    int64_t reported_used_kib, reported_active_kib;
    double grown_s; /* when the program last grew */
    /* what came of it */
    unsigned calls, flips, self_deflations;
    int last_direction;
    int64_t lowest_unused_kib, lowest_actual_kib, highest_actual_kib;
    unsigned low_samples; /* samples every 2 s under 100 MiB unused, below its ceiling */
    double last_call_s, first_call_after_event_s;
    int64_t largest_step_kib;
    enum guest_state state;          /* as the last plan showed it */
    double state_s[GUEST_FIXED + 1]; /* seconds shown in each state */
};

struct world {
    struct memory_settings settings; /* the planner's, the gate's and the judge's */
    ablation *without[3];            /* what the planner alone does without */
    uint64_t seed;
    int64_t host_total_kib, other_kib; /* other: what runs on the host beside the guests */
    int64_t other_later_kib;           /* from other_s on */
    double other_s;
    struct world_guest guests[WORLD_GUESTS];
    size_t n_guests;
    unsigned unattempted;  /* steps that nobody tried because an earlier one failed */
    bool is_blind;         /* perturbation: samples do not show what makes a guest untouchable */
    bool is_ungated;       /* plans are applied without asking the checker */
    bool is_checked_only;  /* the checker is to refuse what the planner was made to get wrong */
    bool stops_at_failure; /* perturbation: the first failed call ends an apply */
    double now_s, next_tick_s;
    struct memory_planner *planner;
    struct memory_plan plan; /* the last one */
    /* verdicts of the world */
    unsigned failures;
    char failure[800]; /* the first one */
    int64_t lowest_free_kib;
    unsigned calls, unsafe_plans;
};

/* Defaults, an empty host. */
void world_init(struct world *world, uint64_t seed, int64_t host_total_kib);
/* A guest with a working balloon, 200 MiB in use, overhead of 32 MiB; change it before the run. */
struct world_guest *world_add(struct world *world, const char *name, int64_t maximum_kib,
                              int64_t actual_kib);
/* Runs until now_s; may be called again. */
void world_run(struct world *world, double until_s);
void world_done(struct world *world);

/* ---- between the files of the world ---- */
void world_fail(struct world *world, const struct world_guest *guest, const char *what, int64_t a,
                int64_t b);
void world_move(struct world *world, double step_s);
uint64_t world_random(struct world *world, uint64_t below);
int64_t world_free_kib(const struct world *world);
/* Free if every guest touched all it holds or may grow to without asking. */
int64_t world_committed_free_kib(const struct world *world);
void world_report(struct world *world, struct world_guest *guest);
void world_read(const struct world *world, const struct world_guest *guest,
                struct memory_reading *ret);
/* What the guest's faults make of a true reading. */
void world_spoil(const struct world *world, const struct world_guest *guest,
                 struct memory_reading *reading);
/* A balloon call, judged before it takes effect. 0 or -ENOENT. */
int world_set_balloon(struct world *world, struct world_guest *guest, int64_t to_kib);

#endif
