/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/track.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planner/base/units.h"
#include "planner/vcpu/core_speed.h"
#include "planner/vcpu/demand.h"
#include "planner/vcpu/forecast.h"
#include "planner/vcpu/helpers.h"
#include "planner/vcpu/threads.h"
#include "planner/vcpu/trials.h"

/* A rise of this much in one interval is a new load, not noise: twice the +-10 points by which
 * recorded busy guests waver. */
static const double RISE = 0.20;
/* Who has been busy for so long begins nothing when it wakes or rises again. */
static const double KNOWN_S = 24;
/* An interval whose demand is this high was filled by it: counters and noise take a few percent. */
static const double FILLED = 0.9;
/* Before anything is known about it. */
static const double NOISE_AT_FIRST = 0.01;
/* What is off by more standard deviations than this is no noise. */
static const double SURPRISE = 4;
/* The standard deviation of one observation of a busy vCPU that nothing is known about: recorded
 * guests waver by up to 10 points. */
static const double UNKNOWN_NOISE = 0.03;
/* The mean over NOISE_HALF_LIFE_S is known to about this part of the noise. */
static const double MEAN_OF_NOISE = 0.5;
/* What is taken for noise is averaged with this half-life. */
static const double NOISE_HALF_LIFE_S = 8;
void vcpu_tracks_done(struct vcpu_tracks *tracks)
{
    if (!tracks)
        return;
    free(tracks->track);
    free(tracks->background);
    free(tracks->speed);
    free(tracks->guests.track);
    free(tracks->refused.list);
    free(tracks->may);
    memset(tracks, 0, sizeof(*tracks));
}

static void settle(const struct vcpu_settings *settings, const struct vcpu_tracks *before,
                   uint64_t now_ns, enum vcpu_settling settling, struct vcpu_track *track)
{
    track->settling = settling;
    track->settles_ns = now_ns + ns_from_seconds(settings->settle_s);
    track->long_start =
        seconds_from_ns(now_ns - before->at_ns) >= settings->confirm_s && track->observed < FILLED;
}

/* Nothing of its start is worth remembering: the forecast is what was observed. */
static void follow_start(struct vcpu_track *track)
{
    track->demand = track->level = track->observed;
    track->error = track->demand >= VCPU_IDLE ? UNKNOWN_NOISE : 0;
}

/* The first observation. At the daemon's start all that was there already is taken at face value:
 * nobody saw it start. */
static void observe_first(const struct vcpu_settings *settings, const struct vcpu_tracks *before,
                          uint64_t now_ns, struct vcpu_track *track)
{
    bool born_later = before->elapsed_s > 0;

    track->known = true;
    track->noise = NOISE_AT_FIRST;
    follow_start(track);
    vcpu_history_begin(track->observed, &track->history);
    if (born_later && track->activity >= VCPU_IDLE)
        settle(settings, before, now_ns, VCPU_WOKE, track);
}

/* The first calm interval may still hold a part of the start: one more is waited for. */
static void go_on_settling(const struct vcpu_track *old, uint64_t now_ns, struct vcpu_track *track)
{
    track->long_start = old->long_start;
    track->calm = track->observed < VCPU_STARTING ? old->calm + 1 : 0;
    if (track->calm == 1 && track->settles_ns <= now_ns)
        track->settles_ns = now_ns + 1;
}

static void note_jump(const struct vcpu_track *old, struct vcpu_track *track)
{
    track->jumped = true;
    track->left = old->level;
}

/* What stays within noise is averaged: all observations alike at first, then with a half-life; what
 * is known to last of a deviation is forecast to last. Beyond that it is news: a rise is believed
 * sooner than a fall. */
static void forecast(const struct vcpu_settings *settings, const struct vcpu_track *old,
                     double elapsed_s, struct vcpu_track *track)
{
    const struct forecast_settings news = {settings->rise_half_life_s, settings->fall_half_life_s};
    double off = track->observed - old->level, share, follow;

    if (old->censored && !track->censored)
        return; /* an estimate gives way to what is seen */
    if (fabs(off) > SURPRISE * settings->noise_factor * old->noise) {
        note_jump(old, track);
        track->demand = track->level = forecast_next(&news, old->level, track->observed, elapsed_s);
        return;
    }
    track->steady = old->steady + 1;
    share = fmax(1 / (track->steady + 1.0), 1 - exp2(-elapsed_s / NOISE_HALF_LIFE_S));
    follow = settings->learn_habits ? vcpu_history_follow(&track->history, elapsed_s) : 0;
    track->level = old->level + share * off;
    track->demand = old->level + fmax(share, follow) * off;
}

static void forecast_calm(const struct vcpu_settings *settings, const struct vcpu_tracks *before,
                          const struct vcpu_track *old, uint64_t now_ns, struct vcpu_track *track)
{
    double elapsed_s = seconds_from_ns(now_ns - before->at_ns);

    bool starts = !settings->learn_habits || old->busy_s < KNOWN_S;

    track->demand = track->level = track->observed;
    if (starts && old->demand < VCPU_IDLE && old->activity < VCPU_IDLE &&
        track->activity >= VCPU_IDLE) {
        settle(settings, before, now_ns, VCPU_WOKE, track);
    } else if (starts && track->observed > old->demand + RISE) {
        note_jump(old, track);
        settle(settings, before, now_ns, VCPU_ROSE, track);
    } else {
        forecast(settings, old, elapsed_s, track);
    }
    track->noise = forecast_noise_next(old->noise, track->observed - old->observed);
    track->error = MEAN_OF_NOISE * track->noise;
    if (track->demand >= VCPU_IDLE)
        track->error = fmax(track->error, UNKNOWN_NOISE / sqrt(track->steady + 1));
}

static void forecast_wandering(double elapsed_s, struct vcpu_track *track)
{
    const struct vcpu_history *history = &track->history;

    track->demand = track->level = vcpu_history_forecast(history, track->observed, elapsed_s);
    track->noise = vcpu_history_noise(history, elapsed_s);
    track->error = vcpu_history_error(history, elapsed_s);
}

static void observe_next(const struct vcpu_settings *settings, const struct vcpu_tracks *before,
                         const struct vcpu_track *old, uint64_t now_ns, struct vcpu_track *track)
{
    double elapsed_s = seconds_from_ns(now_ns - before->at_ns);

    track->known = true;
    track->settles_ns = old->settles_ns;
    track->settling = old->settling;
    track->noise = old->noise;
    track->busy_s = old->busy_s + (track->activity >= VCPU_IDLE ? elapsed_s : 0);
    vcpu_history_next(&old->history, track->observed, elapsed_s, &track->history);
    if (old->settles_ns > before->at_ns) {
        follow_start(track);
        if (old->settling == VCPU_WOKE)
            vcpu_history_begin(track->observed, &track->history);
        go_on_settling(old, now_ns, track);
        return;
    }
    track->settling = VCPU_SETTLED;
    if (settings->learn_habits && vcpu_history_wanders(&track->history))
        forecast_wandering(elapsed_s, track);
    else
        forecast_calm(settings, before, old, now_ns, track);
}

const struct vcpu_track *vcpu_tracks_find(const struct vcpu_tracks *before, size_t *at,
                                          const struct vcpu_reading *reading)
{
    int order = -1;

    while (*at < before->n &&
           (order = vcpu_counter_compare(&before->track[*at].counter, reading)) < 0)
        ++*at;
    return *at < before->n && order == 0 ? &before->track[*at] : NULL;
}

/* What is taken over from the sample before, and where each may run now. */
static void follow_vcpus(const struct vcpu_settings *settings, const struct vcpu_tracks *before,
                         const struct vcpu_sample *sample, struct vcpu_tracks *now,
                         struct vcpu_usage *usage)
{
    size_t at = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        const struct vcpu_track *old = vcpu_tracks_find(before, &at, reading);
        struct vcpu_track *track = &now->track[i];
        bool is_new =
            !old || guest_track_is_restarted(&before->guests, &now->guests, &reading->guest);

        usage[i] = vcpu_delta(old ? &old->counter : NULL, reading, sample->at_ns - before->at_ns);
        track->counter = vcpu_counter(reading);
        track->ran = usage[i].ran;
        if (settings->use_reserves && reading->running)
            track->reserve = reading->reserve_permille / 1000.0;
        if (old) {
            track->refusal = old->refusal;
            track->foreign = old->foreign;
        }
        if (!is_new) {
            track->cap = old->cap;
            track->guest = old->guest;
        }
        reach_see_mask(is_new ? NULL : &old->mask, sample, reading, &track->mask);
        reach_of(sample, reading, settings->keep_masks ? &track->mask : NULL, &now->refused,
                 now->may + i * sample->n_pcpus);
    }
    now->duel = before->duel;
    vcpu_tracks_see_hands(settings, sample, now);
}

/* A vCPU alone on a core moves from one speed to another, and its history has to fit both. Level pcpu, where
 * `auto` may be, has shares of the pCPU where it is (speed.h). */
static void count_as_work(const struct vcpu_settings *settings, struct vcpu_track *track,
                          double *least)
{
    if (settings->level != PIN_CORE)
        return;
    track->observed = demand_at_full_rate(track->observed, track->speed);
    *least = demand_at_full_rate(*least, track->speed);
    track->speed = 1;
}

static void observe(const struct vcpu_settings *settings, const struct vcpu_tracks *before,
                    const struct vcpu_sample *sample, const struct vcpu_usage *usage,
                    struct vcpu_demand *demand, struct vcpu_tracks *now)
{
    size_t at = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_track *old = vcpu_tracks_find(before, &at, &sample->vcpus[i]);
        struct vcpu_track *track = &now->track[i];
        double least = demand[i].least;

        if (!demand[i].known)
            continue;
        track->waited = demand[i].throttled ? 0 : usage[i].delay;
        if (settings->use_busy)
            demand_heed_cap(now->at_ns, &track->cap, &demand[i]);
        track->observed = demand[i].demand;
        count_as_work(settings, track, &least);
        track->activity = demand[i].activity;
        track->censored = demand[i].censored;
        if (demand[i].censored && old && old->known && old->settles_ns <= before->at_ns &&
            old->level > least)
            track->observed = old->level; /* it was seen with room: better than an estimate */
        if (old && old->known)
            observe_next(settings, before, old, now->at_ns, track);
        else
            observe_first(settings, before, now->at_ns, track);
    }
}

static void find_speeds(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                        struct vcpu_tracks *now)
{
    bool is_mixed = settings->use_speeds && core_speed_is_mixed(sample);

    for (size_t i = 0; i < now->n; i++)
        now->track[i].speed =
            is_mixed ? core_speed_of_mask(sample, now->background, &sample->vcpus[i].affinity) : 1;
    for (size_t g = 0; is_mixed && sample->n_helpers > 0 && g < sample->n_guests; g++) {
        struct cpuset mask = helpers_mask(sample, g);

        now->guests.track[g].helpers_speed = core_speed_of_mask(sample, now->background, &mask);
    }
}

/* What one step needs for itself. */
struct step {
    struct vcpu_usage *usage;   /* [n_vcpus] */
    struct vcpu_demand *demand; /* [n_vcpus] */
    double *beside;             /* [n_guests] what their other threads ran */
};

static int allocate(const struct vcpu_sample *sample, struct vcpu_tracks *now, struct step *step)
{
    size_t n = sample->n_vcpus + 1;

    now->n_pcpus = sample->n_pcpus;
    now->track = calloc(n, sizeof(*now->track));
    now->background = calloc(sample->n_pcpus + 1, sizeof(*now->background));
    now->speed = calloc(sample->n_pcpus + 1, sizeof(*now->speed));
    now->guests.track = calloc(sample->n_guests + 1, sizeof(*now->guests.track));
    now->may = calloc(sample->n_vcpus * sample->n_pcpus + 1, sizeof(*now->may));
    step->usage = calloc(n, sizeof(*step->usage));
    step->demand = calloc(n, sizeof(*step->demand));
    step->beside = calloc(sample->n_guests + 1, sizeof(*step->beside));
    return now->track && now->background && now->speed && now->guests.track && now->may &&
                   step->usage && step->demand && step->beside
               ? 0
               : -ENOMEM;
}

static int take_step(const struct vcpu_settings *settings, const struct vcpu_tracks *before,
                     const struct vcpu_sample *sample, struct vcpu_tracks *now, struct step *step)
{
    int r = allocate(sample, now, step);

    if (r == 0)
        r = reach_keep_refused(&before->refused, now->at_ns, settings->left_out_s, &now->refused);
    if (r < 0)
        return r;
    guest_track_next(&before->guests, sample, now->elapsed_s, &now->guests, step->beside);
    follow_vcpus(settings, before, sample, now, step->usage);
    if (settings->use_busy)
        r = background_next(settings, before->background, before->n_pcpus, sample, step->usage,
                            step->beside, now->elapsed_s, now->background);
    find_speeds(settings, sample, now);
    guest_track_forecast(settings, &before->guests, sample, now->elapsed_s, step->beside,
                         &now->guests);
    now->background_habits = background_habits_next(
        &before->background_habits, now->background, now->n_pcpus,
        vcpu_usage_is_any_moved(step->usage, sample->n_vcpus), now->elapsed_s);
    if (r == 0)
        r = demand_estimate(settings, sample, step->usage, step->beside, now->background,
                            step->demand);
    if (r == 0 && settings->use_cores && settings->use_busy && sample->has_shape)
        r = threads_correct(sample, now->background, step->usage, step->demand);
    if (r < 0)
        return r;
    demand_sum_waiting(step->usage, step->demand, now->n, &now->ran, &now->waited);
    observe(settings, before, sample, step->usage, step->demand, now);
    vcpu_tracks_see_rests(sample, now);
    guest_load_next(sample, now->elapsed_s, now->watched_s == now->elapsed_s, now->track);
    return settings->learn_speeds ? trials_next(before, sample, step->usage, now) : 0;
}

int vcpu_tracks_next(const struct vcpu_settings *settings, const struct vcpu_tracks *before,
                     const struct vcpu_sample *sample, struct vcpu_tracks *ret, struct err *err)
{
    struct vcpu_tracks now = {
        .at_ns = sample->at_ns, .began_ns = before->at_ns, .n = sample->n_vcpus};
    struct step step = {0};
    int r = vcpu_sample_check(sample, err);

    if (r < 0)
        return r;
    if (before->track && sample->at_ns <= before->at_ns)
        return err_set(err, -EINVAL, "no time passed since the last sample: its clock says %.3f s",
                       seconds_from_ns(sample->at_ns));
    if (before->track)
        now.elapsed_s = seconds_from_ns(sample->at_ns - before->at_ns);
    now.watched_s = before->watched_s + now.elapsed_s;
    r = take_step(settings, before, sample, &now, &step);
    if (r == 0) {
        *ret = now;
        now = (struct vcpu_tracks){0};
    } else if (r == -ENOMEM) {
        err_set(err, r, "out of memory for %zu vCPUs", sample->n_vcpus);
    }
    free(step.usage);
    free(step.demand);
    free(step.beside);
    vcpu_tracks_done(&now);
    return r;
}
