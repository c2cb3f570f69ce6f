/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_BACKGROUND_H
#define EVENKEEL_PLANNER_VCPU_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/sample.h"
#include "planner/vcpu/delta.h"
#include "planner/vcpu/settings.h"

/* What runs on the pCPUs beside vCPUs: other programs, the kernel, guests that are left out, and
 * the hypervisor's other threads. A pCPU's busy time tells all that ran there. What the vCPUs ran
 * is taken off: pinned ones exactly, and floating ones are shared over their masks in proportion to
 * what is left busy there, narrow masks first. So the sum over the pCPUs is exact, whatever floats.
 * On one pCPU the share of a floating vCPU may be wrong: `error` is the most by which it can be.
 * Once all are pinned, it is 0, and what ran there is known exactly. What it would have run with
 * room is not: on a full pCPU it may have been held back; then it wants something between that and
 * all of it.
 *
 * The level is what stood for several intervals. What comes and goes within a few seconds never
 * gets into it, so no vCPU moves because of that. */
struct background {
    unsigned id; /* the pCPU */
    bool has_busy;
    uint64_t busy_ns; /* its counter at the last sample */
    bool known;       /* the following were observed in the last interval ... */
    double busy;      /* ... share of it in which anything ran there, 0..1 */
    double seen;      /* background, from it alone; below 0 where counters were not read together */
    double error;
    bool held_back; /* the pCPU was full, and it may have wanted more than what was seen */
    /* Over the intervals: */
    bool learnt;     /* seen for long enough; before, the level is the least that was seen */
    double level;    /* smoothed */
    double variance; /* of the level's error */
    double noise;    /* standard deviation of what is seen, as its changes tell */
    int surprised;   /* what was seen last was far above (1) or below (-1) the level and waits to be
                      confirmed; 0: it was not */
    double
        surprised_s;   /* for how long since it was seen first; while not learnt, since the start */
    double surprising; /* of what was seen since, the nearest to the level */
    unsigned surprises; /* how often */
    double jump;        /* by which news moved the level in the last interval */
};

/* Whether backgrounds stay where they are when vCPUs move. A program that follows the guests, or
 * that the kernel puts wherever there is room, cannot be balanced: moving away from it only moves
 * it. Learnt from votes: after vCPUs changed places, one background fell and another rose (moved; one
 * of the two is half a vote), or none did for a while (stayed). Start from {0}. */
struct background_habits {
    double stayed, moved;
    bool waits;      /* vCPUs changed places, and nothing was learnt from it yet */
    double waits_s;  /* since then */
    bool fell, rose; /* some background since then */
};
struct background_habits background_habits_next(const struct background_habits *before,
                                                const struct background *backgrounds, size_t n,
                                                bool any_moved, double elapsed_s);
/* Whether a plan may count with where they are, or only with their mean. stay_votes are those that
 * count for staying before there was any. */
bool background_habits_are_staying(const struct background_habits *habits, double stay_votes);

/* The backgrounds after one more sample, one per pCPU of the sample. before [n_before] are those of
 * the sample before, sorted by pCPU. usage is per vCPU of the sample. helpers [n_guests] is what the
 * guests' other threads ran, which is background unless it counts by itself (guest_track.h). elapsed_s 0: only counters
 * are taken. settings->news_s is how long news has to stand; 0: it is believed at first sight. 0 or
 * -ENOMEM. */
int background_next(const struct vcpu_settings *settings, const struct background *before,
                    size_t n_before, const struct vcpu_sample *sample,
                    const struct vcpu_usage *usage, const double *helpers, double elapsed_s,
                    struct background *ret);

/* What a plan counts with, 0..1: the level where busy times are known, else what the sample
 * says. */
double background_share(const struct background *background, const struct pcpu_reading *pcpu);

/* Standard deviation of a background beyond what readings are off by; 0 where it is not known. */
double background_noise(const struct background *background);

#endif
