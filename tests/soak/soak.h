/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_SOAK_SOAK_H
#define EVENKEEL_TESTS_SOAK_SOAK_H

#include <stdio.h>

#include "agent/base/host.h"
#include "agent/base/options.h"
#include "agent/base/ticker.h"
#include "agent/simulated/random.h"
#include "agent/simulated/state.h"

/* A program's own loop on the simulated host while everything goes wrong that may go wrong there,
 * for as many intervals as one likes, and a judge between the two that knows nothing of planning. */

enum { KIB_OF_MIB = 1024, PAGE = 4 };

/* What is broken on purpose, to see the judge refuse it. */
enum plant {
    PLANT_NOTHING,
    PLANT_PIN,     /* a pin goes to a pCPU that is none of the guest's */
    PLANT_RECLAIM, /* a guest is asked for what it uses */
    PLANT_GRANT,   /* a guest is given what the host does not have */
    PLANT_PLAN,    /* the checker goes by another reserve than the planner */
    PLANT_LEAK,    /* something is kept in each interval */
    N_PLANTS,
};

/* What the judge knows of a vCPU: the last mask of several pCPUs that somebody gave it. */
struct soak_mask {
    bool is_known, binds;
    struct cpuset set;
    int run;
    uint64_t seen; /* the sample that had it last */
};

struct soak_figures {
    uint64_t intervals, lost; /* lost: without a sample, for want of a connection */
    uint64_t faults, calls, refused, down, up;
};

struct soak {
    enum program program;
    enum plant plant;
    struct host inner; /* the simulated one, and its time */
    struct ticker time;
    struct simulated *world;
    struct options options;
    struct random random;
    uint64_t wanted, interval, samples; /* in this world */
    FILE *log;                          /* errors that the program told in this interval */
    char *said;
    size_t said_size;
    const struct vcpu_sample *vcpus; /* what the program saw; borrowed for the interval */
    const struct memory_sample *memory;
    struct vcpu_sample vcpus_now;
    struct memory_sample memory_now;
    struct soak_mask *masks; /* [world->n_vcpus] */
    uint64_t *asked_kib;     /* [world->n_guests] what the program asked for last; 0: nothing */
    int *asked_run;          /* in which run of the guest */
    void *leaked;            /* a planted leak */
    size_t most_held[4];     /* bytes allocated between intervals, by quarters of the run */
    char refusal[400];       /* the judge's first; "": none */
    struct soak_figures figures;
};

static inline size_t pick(struct random *random, size_t n)
{
    return (size_t)(random_uniform(random) * (double)n);
}

static inline bool happens(struct random *random, double chance)
{
    return random_uniform(random) < chance;
}

/* A random world, as the text of a scenario; to be freed. */
char *soak_world(enum program program, struct random *random, uint64_t seed);
/* Something goes wrong, or is mended. */
void soak_disturb(struct soak *soak);
/* What the program is told is not what is. */
void soak_disturb_vcpus(struct soak *soak, struct vcpu_sample *sample);
void soak_disturb_memory(struct soak *soak, struct memory_sample *sample);
/* The guest that an identity stands for, or NULL. */
struct guest_state_now *soak_guest(const struct soak *soak, const struct guest_id *id);

/* Plays one world to its end; the refusal is in soak->refusal. Negative errno where it cannot be
 * played. */
int soak_play(struct soak *soak, uint64_t seed, struct err *err);

/* The judge. Only the first refusal is kept. */
void soak_refuse(struct soak *soak, const char *format, ...) __attribute__((format(printf, 2, 3)));
void soak_judge_seen(struct soak *soak); /* a sample of vCPUs has come */
void soak_judge_pin(struct soak *soak, const struct guest_id *id, unsigned vcpu,
                    const struct cpuset *to);
void soak_judge_balloon(struct soak *soak, const struct guest_id *id, uint64_t target_kib);
/* After each interval: what was said, and what is held. */
void soak_judge_interval(struct soak *soak);
void soak_judge_end(struct soak *soak);

#endif
