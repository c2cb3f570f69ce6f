/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_VCPU_TRACK_H
#define EVENKEEL_PLANNER_VCPU_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/backoff.h"
#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/vcpu/background.h"
#include "planner/vcpu/delta.h"
#include "planner/vcpu/demand.h"
#include "planner/vcpu/foreign.h"
#include "planner/vcpu/guest_load.h"
#include "planner/vcpu/guest_track.h"
#include "planner/vcpu/history.h"
#include "planner/vcpu/reach.h"
#include "planner/vcpu/settings.h"
#include "planner/vcpu/speed.h"

/* Below this share of a pCPU a vCPU counts as idle. An idle Linux guest takes 0-3 %. */
static const double VCPU_IDLE = 0.05;

/* A guest that starts to work wants nearly a whole pCPU at first, whatever it will want later. Once
 * it has wanted less than this for two whole intervals its start is over. */
static const double VCPU_STARTING = 0.88;

enum vcpu_settling {
    VCPU_SETTLED,
    VCPU_ROSE, /* busy before, much busier now */
    VCPU_WOKE, /* came out of idle, or was born busy */
};

/* What is remembered of one vCPU from sample to sample. */
struct vcpu_track {
    struct vcpu_counter counter;
    struct backoff refusal;      /* pins that failed: it is planned where it is */
    struct vcpu_foreign foreign; /* so it is while somebody else moves it again and again */
    struct vcpu_mask mask;       /* the live one that somebody else gave it */
    struct vcpu_cap cap;         /* what it was seen to be throttled to */
    bool known;                  /* its demand has been observed */
    bool censored; /* the last observation was an estimate; see planner/vcpu/demand.h */
    struct vcpu_trial trial;
    double ran;      /* share of a pCPU that it got in the last interval */
    double waited;   /* share of it that it stood in line for one */
    double observed; /* demand in it, 0..1 */
    double speed;    /* of the pCPUs where it ran in it, beside the fastest (core_speed.h) */
    double activity; /* share of it in which it ran or wanted to */
    double demand;   /* forecast, 0..1 */
    double reserve;  /* what is kept for it while it runs, 0..1 */
    double level;    /* mean of what was noise around it, 0..1 */
    double noise;    /* standard deviation of what is observed, as its changes tell */
    double error;    /* standard error of the forecast */
    struct vcpu_history history;
    double busy_s;       /* how long it has been busy in all */
    bool jumped;         /* it has just left its level, and nobody knows for how long */
    double left;         /* that level */
    uint64_t settles_ns; /* see vcpu_track_is_settling() */
    enum vcpu_settling settling;
    unsigned steady; /* observations in a row that were noise around its level */
    bool long_start; /* it was seen to begin in a long interval that its start did not fill */
    struct guest_load guest; /* of its guest, at the first vCPU of it in the sample */
    unsigned calm; /* whole intervals in a row below VCPU_STARTING since it began to settle */
};

/* Everything that is remembered after a sample, in its order. */
struct vcpu_tracks {
    uint64_t at_ns, began_ns; /* the last interval */
    double elapsed_s;         /* since the sample before; 0: this was the first */
    double watched_s;         /* since the first one */
    double ran, waited;       /* pCPUs' worth in it, of all vCPUs whose run delay is known */
    struct vcpu_track *track; /* [n] one per vCPU */
    size_t n;
    struct background *background; /* [n_pcpus] one per pCPU */
    struct background_habits background_habits;
    struct pcpu_speed *speed; /* [n_pcpus] */
    size_t n_pcpus;
    struct vcpu_guest_tracks guests;
    struct vcpu_refused_pcpus refused;
    bool *may; /* [n * n_pcpus] whether a vCPU may be planned onto a pCPU */
    enum floating_course course;
    struct vcpu_duel duel;
};

/* The pCPUs, in the sample's order, onto which vCPU number i of it may be planned. */
static inline const bool *vcpu_track_may(const struct vcpu_tracks *tracks, size_t i)
{
    return tracks->may + i * tracks->n_pcpus;
}

/* Whether it began to work, or to work much harder, so recently that its start may not be over:
 * within settle_s before the last interval. */
static inline bool vcpu_track_is_settling(const struct vcpu_tracks *tracks, size_t i)
{
    return tracks->track[i].settles_ns > tracks->began_ns;
}

/* Whether it settles and has not been seen to calm down. Once every vCPU that settles has calmed
 * down, all of them are believed at once. */
static inline bool vcpu_track_is_restless(const struct vcpu_tracks *tracks, size_t i)
{
    return vcpu_track_is_settling(tracks, i) && tracks->track[i].calm < 2;
}

/* Whether it is left to somebody else, who moves it again and again. */
static inline bool vcpu_track_is_yielded(const struct vcpu_tracks *tracks, size_t i)
{
    return backoff_is_waiting(&tracks->track[i].foreign.backoff, tracks->at_ns);
}

/* Whether it stays because it has followed such moves often enough. */
static inline bool vcpu_track_is_resting(const struct vcpu_tracks *tracks, size_t i)
{
    const struct vcpu_foreign *foreign = &tracks->track[i].foreign;

    return backoff_is_waiting(&foreign->rest, tracks->at_ns) &&
           foreign->lost_s < FOREIGN_REST_LOSS_S;
}

/* Whether all vCPUs are left to somebody else. */
static inline bool vcpu_tracks_are_yielded(const struct vcpu_tracks *tracks)
{
    return backoff_is_waiting(&tracks->duel.backoff, tracks->at_ns);
}

static inline bool vcpu_track_is_refusing(const struct vcpu_tracks *tracks, size_t i)
{
    return backoff_is_waiting(&tracks->track[i].refusal, tracks->at_ns) ||
           vcpu_track_is_yielded(tracks, i) || vcpu_track_is_resting(tracks, i) ||
           vcpu_tracks_are_yielded(tracks);
}

/* Notes that a pin failed, which was asked for after the last sample: of this vCPU onto this pCPU
 * (-1: it is not known which). */
void vcpu_tracks_refuse(const struct vcpu_settings *settings, struct vcpu_tracks *tracks,
                        const struct guest_id *guest, unsigned vcpu, int pcpu);

/* The same of a guest's other threads. */
void vcpu_tracks_refuse_helpers(struct vcpu_tracks *tracks, const struct guest_id *guest);

/* After a sample: who is left to somebody else (foreign.h). */
void vcpu_tracks_see_hands(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                           struct vcpu_tracks *tracks);
/* Once demands are known: what is missing where somebody rests. */
void vcpu_tracks_see_rests(const struct vcpu_sample *sample, struct vcpu_tracks *tracks);
/* What a plan changes, and that it was carried out but for what was refused: what it put back of what
 * others have changed is counted, once, and who has outgrown its set stays wide for a while. */
void vcpu_tracks_plan(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      struct vcpu_tracks *tracks);
void vcpu_tracks_applied(const struct vcpu_settings *settings, struct vcpu_tracks *tracks);

void vcpu_tracks_done(struct vcpu_tracks *tracks);

/* What is remembered of a vCPU; NULL: nothing is. Both sides are sorted: *at is 0 at first, and those
 * that are asked for later come later. */
const struct vcpu_track *vcpu_tracks_find(const struct vcpu_tracks *before, size_t *at,
                                          const struct vcpu_reading *reading);

/* Tracks after one more sample. They replace the old ones as a whole: dead vCPUs vanish by
 * themselves, new ones start without history, and order does not matter.
 * 0, -ENOMEM or -EINVAL (not sorted, a vCPU twice, no time passed). */
int vcpu_tracks_next(const struct vcpu_settings *settings, const struct vcpu_tracks *before,
                     const struct vcpu_sample *sample, struct vcpu_tracks *ret, struct err *err);

#endif
