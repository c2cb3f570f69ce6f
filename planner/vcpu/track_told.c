/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tracks hear after a sample: how it went on with the plan. */
#include <string.h>

#include "planner/vcpu/track.h"

/* A vCPU whose pins fail (its guest migrates, or the hypervisor refuses) is asked again after this, and
 * a guest whose other threads cannot be pinned; where nothing was learnt of it, after twice as long, and
 * so on. */
static const double RETRY_S = 5;
/* A pCPU is not overloaded by what cannot be told from none (models/placement/fair_share.h). */
static const double FULL = 1.01;

void vcpu_tracks_refuse(const struct vcpu_settings *settings, struct vcpu_tracks *tracks,
                        const struct guest_id *guest, unsigned vcpu, int pcpu)
{
    bool is_new =
        pcpu >= 0 && settings->left_out_s > 0 &&
        reach_refuse(&tracks->refused, guest, (unsigned)pcpu, tracks->at_ns, settings->left_out_s);

    for (size_t i = 0; i < tracks->n; i++) {
        struct vcpu_track *track = &tracks->track[i];

        if (track->counter.vcpu != vcpu || memcmp(track->counter.uuid, guest->uuid, 16) != 0)
            continue;
        if (is_new)
            track->refusal = (struct backoff){0};
        backoff_fail(&track->refusal, tracks->at_ns, RETRY_S);
        track->foreign.is_planned = false;
    }
}

void vcpu_tracks_refuse_helpers(struct vcpu_tracks *tracks, const struct guest_id *guest)
{
    struct vcpu_guest_track *track = guest_track_find(&tracks->guests, guest);

    if (track)
        backoff_fail(&track->refusal, tracks->at_ns, RETRY_S);
}

static bool is_touched_of_late(const struct vcpu_tracks *tracks, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++)
        if (tracks->track[i].foreign.touched_ns > 0)
            return true;
    return false;
}

/* The most that one of them knows, for one that was plugged in knows nothing. */
static unsigned of_guest(const struct vcpu_tracks *tracks, size_t first, size_t n)
{
    unsigned most = 0;

    for (size_t i = first; i < first + n; i++) {
        unsigned known = tracks->track[i].foreign.of_guest;

        most = known > most ? known : most;
    }
    return most;
}

/* Whether somebody else has changed what was not left to him before. */
static bool see_hands_of(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                         size_t first, size_t n, struct vcpu_tracks *tracks)
{
    unsigned answers;
    bool is_touched = false;

    for (size_t i = first; i < first + n; i++)
        foreign_forget(tracks->at_ns, &tracks->track[i].foreign);
    answers = is_touched_of_late(tracks, first, n) ? of_guest(tracks, first, n) : 0;
    for (size_t i = first; i < first + n; i++) {
        struct vcpu_foreign *foreign = &tracks->track[i].foreign;

        foreign->of_guest = answers;
        if (sample->vcpus[i].is_foreign)
            is_touched |= foreign_see(settings->corrections, tracks->at_ns, foreign);
    }
    return is_touched;
}

void vcpu_tracks_see_hands(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                           struct vcpu_tracks *tracks)
{
    bool is_any_touched = false;
    size_t n, n_guests = 0;

    for (size_t i = 0; i < sample->n_vcpus; i += n) {
        n = vcpu_sample_guest_size(sample, i);
        is_any_touched |= see_hands_of(settings, sample, i, n, tracks);
        n_guests += is_touched_of_late(tracks, i, n);
        for (size_t k = i; k < i + n; k++)
            if (sample->vcpus[k].is_foreign)
                tracks->duel.seen_ns = tracks->at_ns;
    }
    foreign_see_host(settings->corrections, is_any_touched, n_guests, tracks->at_ns, &tracks->duel);
}

/* What those that may run nowhere else want of a vCPU's pCPUs beyond what there is. */
static double missing(const struct vcpu_sample *sample, const struct vcpu_tracks *tracks, size_t i)
{
    const struct cpuset *mask = &sample->vcpus[i].affinity;
    double wanted = 0, there = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (cpuset_has(mask, sample->pcpus[p].id)) {
            wanted += background_share(&tracks->background[p], &sample->pcpus[p]);
            there++;
        }
    for (size_t k = 0; k < sample->n_vcpus; k++)
        if (sample->vcpus[k].running && cpuset_is_subset(&sample->vcpus[k].affinity, mask))
            wanted += tracks->track[k].demand;
    return wanted > FULL * there ? wanted - there : 0;
}

void vcpu_tracks_see_rests(const struct vcpu_sample *sample, struct vcpu_tracks *tracks)
{
    for (size_t i = 0; i < sample->n_vcpus; i++) {
        struct vcpu_foreign *foreign = &tracks->track[i].foreign;

        if (backoff_is_waiting(&foreign->rest, tracks->at_ns))
            foreign->lost_s += tracks->elapsed_s * missing(sample, tracks, i);
    }
}

/* From a set of the level to a wider one. */
static bool is_widened(const struct vcpu_plan *plan, size_t i)
{
    const struct vcpu_place *place = &plan->places[i];

    return plan->n_bins > 0 && place->from_place >= 0 && place->from_place < (int)plan->n_bins &&
           place->to_place >= (int)plan->n_bins;
}

static void plan_guests(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                        struct vcpu_guest_tracks *guests)
{
    for (size_t g = 0; g < guests->n; g++)
        guests->track[g].is_widened = false;
    for (size_t i = 0; i < plan->n_places && i < sample->n_vcpus; i++) {
        struct vcpu_guest_track *track =
            is_widened(plan, i) ? guest_track_find(guests, &sample->vcpus[i].guest) : NULL;

        if (track)
            track->is_widened = true;
    }
}

void vcpu_tracks_plan(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      struct vcpu_tracks *tracks)
{
    plan_guests(sample, plan, &tracks->guests);
    for (size_t i = 0; i < plan->n_places && i < tracks->n; i++)
        tracks->track[i].foreign.is_planned = vcpu_plan_changes(plan, i);
    tracks->duel.is_planned = plan->n_pins + plan->n_releases > 0;
}

/* How many tracks of the same guest stand together from there on. */
static size_t tracks_of_guest(const struct vcpu_tracks *tracks, size_t first)
{
    const unsigned char *uuid = tracks->track[first].counter.uuid;
    size_t n = 1;

    while (first + n < tracks->n && memcmp(tracks->track[first + n].counter.uuid, uuid, 16) == 0)
        n++;
    return n;
}

/* However many vCPUs of a guest one plan puts back, it is one answer. */
static void apply_to_guest(const struct vcpu_settings *settings, size_t first, size_t n,
                           struct vcpu_tracks *tracks)
{
    bool is_answer = false;

    for (size_t i = first; i < first + n; i++)
        is_answer |= foreign_correct(settings->corrections, tracks->at_ns, &tracks->duel,
                                     &tracks->track[i].foreign);
    for (size_t i = first; i < first + n; i++)
        tracks->track[i].foreign.of_guest += is_answer;
}

void vcpu_tracks_applied(const struct vcpu_settings *settings, struct vcpu_tracks *tracks)
{
    size_t n;

    for (size_t i = 0; i < tracks->n; i += n) {
        n = tracks_of_guest(tracks, i);
        apply_to_guest(settings, i, n, tracks);
    }
    foreign_correct_host(tracks->at_ns, &tracks->duel);
    for (size_t g = 0; g < tracks->guests.n; g++) {
        struct vcpu_guest_track *track = &tracks->guests.track[g];

        if (track->is_widened)
            backoff_fail(&track->wide, tracks->at_ns, settings->wide_s);
        track->is_widened = false;
    }
}
