/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_STATE_H
#define EVENKEEL_AGENT_SIMULATED_STATE_H

#include "agent/base/stop.h"
#include "agent/simulated/generator.h"
#include "agent/simulated/random.h"
#include "agent/simulated/scenario.h"

/* The state of the simulated host. Advanced in fixed steps; one file for each kind of physics. */

struct vcpu_state {
    size_t guest;
    unsigned number; /* of the vCPU; of a helper as in a sample */
    bool online;
    double demand, noise; /* shares of a pCPU: what it would use alone, and how much that varies */
    double drift, now;    /* standardised slow noise; demand at this step */
    double claim;         /* of that what its quotas let it have */
    bool works;           /* in bursts: it wants to run; otherwise it sleeps */
    double turn_left;     /* of the burst, in ns of CPU; of the sleep, in its mean length */
    double rate;          /* of a pCPU, what it gets while it works */
    bool is_helper;       /* a thread of its guest that is no vCPU */
    double time_ns, delay_ns;
    double work_ns;         /* what it got done, in time of a pCPU that nothing slows */
    double remote_ns;       /* of time_ns, the share of its memory that was on other nodes then */
    size_t pcpu;            /* index; where it last ran */
    size_t n_allowed;       /* pCPUs of its affinity; 0: does not matter */
    struct cpuset affinity; /* live */
    uint64_t pin_calls;
    struct random random;
};

struct pcpu_state {
    unsigned id;
    bool online;
    double speed;           /* 1, or less on a pCPU on which the same work takes longer */
    size_t next_sibling;    /* index of the next thread of its core, in a circle */
    size_t core, llc, node; /* indices */
    double thread_speed;    /* 1, or less while siblings are busy */
    double background, background_noise, drift; /* shares */
    double level;                               /* the most that one vCPU gets in this step */
    double busy_ns;
    double load; /* claims on it, this step */
};

/* A guest's memory, as seen from a node. */
struct remote_memory {
    double share; /* of it, on other nodes */
    double cost;  /* the same work takes so much longer, as a share */
};

/* What the guest told about its memory when it was last asked. */
struct memory_report {
    bool told;
    uint64_t at_ns;
    double unused_kib, available_kib, usable_kib, caches_kib;
    double swap_in_kib, swap_out_kib, major_faults;
};

/* A program that allocates and touches memory until it has enough or gets no more. */
struct program_state {
    bool runs;
    double kib, peak_kib, until_kib, kib_per_s, burst_share;
    double rate;                     /* this second's, KiB/s */
    uint64_t next_rate_ns, until_ns; /* when it has enough, it holds until then; 0: not yet */
    uint64_t hold_ns;
};

struct balloon_state {
    struct balloon_manner manner;
    double target_kib, reverts_to_kib;
    uint64_t starts_ns; /* when the guest begins to serve the last request */
    uint64_t obeyed_ns; /* since when actual is the target; 0: it is not */
};

struct guest_state_now {
    const struct scenario_guest *spec;
    bool present, paused;
    bool vanishes; /* at the next call that wants to change it */
    uint64_t refuses_until_ns, migrates_until_ns;
    uint64_t starts_ns;  /* until then it is being set up */
    uint64_t arrives_ns; /* by migration; 0: it has run here */
    double arrives_kib;  /* and holds this then */
    uint64_t up_ns;      /* booted, drivers loaded, from then on */
    size_t first_vcpu;
    int run;                   /* how often it was started */
    double quota, guest_quota; /* shares of a pCPU; 0: none */
    double plugged_kib;        /* virtio-mem: part of maximum and actual */
    double maximum_kib, actual_kib, used_kib, cache_kib, touched_kib;
    double swapped_kib, swap_in_kib, swap_out_kib, major_faults;
    struct program_state program;
    struct balloon_state balloon;
    enum statistics_kind statistics;
    struct memory_report report;
    uint64_t next_report_ns;
    double lowest_actual_kib, lowest_unused_kib;
    uint64_t balloon_calls;
    unsigned oom_at_maximum, oom_below, forbidden_calls, refused_calls, busy_calls, limit_kills;
    struct random random;
};

/* Where a series of recorded load is. */
struct load_cursor {
    size_t next; /* the point that begins next */
    double noise;
    double used_kib;
    uint64_t up_ns; /* of memory: the guest's, when it was last told */
};

struct load_play {
    struct load_cursor *cursors; /* of each guest: all its vCPUs, each of them, memory */
    size_t n_cursors;
    double at_s; /* on the load's own clock */
    uint64_t next_ns, next_noise_ns;
    bool is_between, draws_noise; /* in this step */
    struct generator *generator;  /* NULL: nothing is made up */
    double *made_up;              /* [n_guest_vcpus] */
    uint64_t next_made_ns;
    struct random random;
};

struct simulated {
    struct scenario scenario;
    uint64_t now_ns;
    size_t next_event;
    struct load_play play;
    uint64_t outage_until_ns;
    struct pcpu_state *pcpus;
    size_t n_pcpus;
    struct vcpu_state *vcpus;
    size_t n_vcpus;
    size_t n_guest_vcpus; /* of those, guests' vCPUs; helpers and other programs follow */
    size_t *by_allowed;   /* [n_vcpus] indices: the fewest pCPUs first */
    struct guest_state_now *guests;
    size_t n_guests;
    size_t n_true_guests; /* of those, guests; other programs follow */
    size_t n_nodes;
    struct remote_memory *remote; /* [n_guests * n_nodes] of each guest while it runs on a node */
    size_t last_pin;              /* index of the pCPU that the last pin chose */
    uint64_t follow_ns;           /* when programs that follow are there; 0: nothing to follow */
    double *claims;               /* [n_vcpus + 1] room for the fair shares of one pCPU */
    uint64_t next_balance_ns, next_noise_ns;
    double wanted_ns, served_ns; /* of guests' vCPUs, all together */
    struct random random;
    double other_kib, host_cache_kib;
    double lowest_free_kib, lowest_committed_kib;
    unsigned host_oom_kills;
    const struct guest_state_now *first_killed; /* NULL: none */
    uint64_t first_kill_ns;
    uint64_t pin_calls, helper_calls, balloon_calls;
    /* the ticker */
    uint64_t interval_ns, next_tick_ns;
    /* the observer */
    const struct stop *stop; /* borrowed; NULL: time passes until it is over */
    void (*watch)(void *arg, const struct simulated *world);
    void *watch_arg;
    uint64_t watch_period_ns, next_watch_ns;
};

#endif
