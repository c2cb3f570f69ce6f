/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/what_if.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "planner/vcpu/decide.h"
#include "planner/vcpu/track_copy.h"

struct vcpu_planner *vcpu_planner_copy(const struct vcpu_planner *planner)
{
    struct vcpu_planner *copy = malloc(sizeof(*copy));

    if (!copy)
        return NULL;
    *copy = *planner;
    if (vcpu_tracks_copy(&planner->tracks, &copy->tracks) == 0)
        return copy;
    free(copy);
    return NULL;
}

static bool is_without(const struct vcpu_what_if *what_if, const struct guest_id *guest)
{
    return guest_is_in(what_if->without, what_if->n_without, guest);
}

/* What a vCPU ran is not busy any more: where it was pinned, or over all of its mask. */
static void take_off(const struct vcpu_sample *sample, const struct vcpu_reading *reading,
                     double ran, struct background *backgrounds)
{
    size_t n = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        n += reading->at < 0 ? cpuset_has(&reading->affinity, sample->pcpus[p].id)
                             : reading->at == (int)p;
    for (size_t p = 0; p < sample->n_pcpus; p++)
        if (reading->at < 0 ? cpuset_has(&reading->affinity, sample->pcpus[p].id)
                            : reading->at == (int)p)
            backgrounds[p].busy = fmax(0, backgrounds[p].busy - ran / (double)n);
}

/* The vCPUs that are left move together, and what is remembered of them with them. */
static void leave_out(const struct vcpu_what_if *what_if, const struct vcpu_sample *sample,
                      struct vcpu_tracks *tracks, struct vcpu_sample *ret)
{
    size_t m = tracks->n_pcpus, n = 0;

    for (size_t i = 0; i < sample->n_vcpus; i++) {
        const struct vcpu_track *track = &tracks->track[i];

        if (is_without(what_if, &sample->vcpus[i].guest)) {
            take_off(sample, &sample->vcpus[i], track->ran, tracks->background);
            tracks->ran -= fmin(tracks->ran, track->ran);
            tracks->waited -= fmin(tracks->waited, track->waited);
            continue;
        }
        ret->vcpus[n] = sample->vcpus[i];
        tracks->track[n] = *track;
        memmove(tracks->may + n * m, tracks->may + i * m, m * sizeof(*tracks->may));
        n++;
    }
    ret->n_vcpus = tracks->n = n;
}

/* Likewise what is known of guests as wholes: both lists are in the same order. */
static void leave_out_wholes(const struct vcpu_what_if *what_if, const struct vcpu_sample *sample,
                             struct vcpu_guest_tracks *tracks, struct vcpu_sample *ret)
{
    assert(tracks->n == sample->n_guests);
    for (size_t g = 0; g < sample->n_guests; g++) {
        if (is_without(what_if, &sample->guests[g].guest))
            continue;
        tracks->track[ret->n_guests] = tracks->track[g];
        ret->guests[ret->n_guests++] = sample->guests[g];
    }
    tracks->n = ret->n_guests;
    for (size_t h = 0; h < sample->n_helpers; h++)
        if (!is_without(what_if, &sample->helpers[h].guest))
            ret->helpers[ret->n_helpers++] = sample->helpers[h];
}

/* Where each may be planned, now that other pCPUs may be used and masks may have changed. */
static void reach_anew(const struct vcpu_settings *settings, const struct vcpu_sample *sample,
                       struct vcpu_tracks *tracks)
{
    for (size_t i = 0; i < sample->n_vcpus; i++)
        reach_of(sample, &sample->vcpus[i], settings->keep_masks ? &tracks->track[i].mask : NULL,
                 &tracks->refused, tracks->may + i * tracks->n_pcpus);
}

int vcpu_planner_suppose(struct vcpu_planner *planner, const struct vcpu_what_if *what_if,
                         const struct vcpu_sample *sample, struct vcpu_sample *ret)
{
    struct vcpu_sample other = *sample;

    other.n_vcpus = other.n_guests = other.n_helpers = 0;
    other.node_ids = NULL;
    other.distances = NULL;
    other.pcpus = calloc(sample->n_pcpus + 1, sizeof(*other.pcpus));
    other.vcpus = calloc(sample->n_vcpus + 1, sizeof(*other.vcpus));
    other.guests = calloc(sample->n_guests + 1, sizeof(*other.guests));
    other.helpers = calloc(sample->n_helpers + 1, sizeof(*other.helpers));
    if (!other.pcpus || !other.vcpus || !other.guests || !other.helpers ||
        vcpu_sample_set_nodes(&other, sample->n_nodes, sample->node_ids, sample->distances) < 0) {
        vcpu_sample_done(&other);
        return -ENOMEM;
    }
    for (size_t p = 0; p < other.n_pcpus; p++) {
        other.pcpus[p] = sample->pcpus[p];
        if (other.pcpus[p].use == PCPU_USABLE && cpuset_has(&what_if->reserve, other.pcpus[p].id))
            other.pcpus[p].use = PCPU_RESERVED;
    }
    leave_out(what_if, sample, &planner->tracks, &other);
    leave_out_wholes(what_if, sample, &planner->tracks.guests, &other);
    vcpu_sample_sort(&other);
    reach_anew(&planner->settings, &other, &planner->tracks);
    planner->settings.limits = what_if->limits;
    planner->settings.keep_lp = false;
    planner->plan_seen = true;
    *ret = other;
    return 0;
}
