/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/diff.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "planner/base/units.h"
#include "planner/memory/layers.h"

/* What the guest holds, or was asked to take and has not reached yet. */
static int64_t reference_of(const struct memory_track *track)
{
    return track->response.asked_kib ? track->response.asked_kib : track->actual_kib;
}

/* The size to ask for; the reference where there is nothing to ask. A request whose purpose is gone
 * is taken back by asking for the size that the guest has. */
static int64_t target_of(const struct memory_interval *interval, size_t i)
{
    const struct memory_track *track = &interval->tracks[i];
    int64_t size = interval->sizes_kib[i] / PAGE_KIB * PAGE_KIB;
    int64_t reference = reference_of(track);
    int64_t deadband = (int64_t)interval->settings->deadband_kib;

    if (interval->is_first || !memory_track_is_movable(&interval->sample->guests[i]) ||
        memory_track_is_refused(track))
        return reference;
    if (track->response.withdraw || track->belief.silent)
        return track->response.asked_kib ? track->actual_kib : reference;
    if (track->belief.bad_since_ns || abs64(size - reference) < deadband)
        return reference;
    return abs64(size - track->actual_kib) < deadband ? track->actual_kib : size;
}

static void fill_place(const struct memory_interval *interval, size_t i, struct memory_place *place)
{
    const struct memory_reading *reading = &interval->sample->guests[i];
    const struct memory_track *track = &interval->tracks[i];
    const struct memory_item *item = &interval->items[i];

    place->guest = reading->guest;
    place->state = track->state;
    place->state_since_ns = track->since_ns;
    place->is_foreign = track->hands.is_changed;
    place->actual_kib = reading->actual_kib;
    place->unused_kib = track->belief.known ? (uint64_t)track->belief.unused_kib : 0;
    place->demand_kib = track->belief.known ? (uint64_t)track->demand.demand_kib : 0;
    place->wish_kib = (uint64_t)item->wish_kib;
    place->floor_kib = (uint64_t)item->floor_kib;
    place->ceiling_kib = (uint64_t)memory_layers_ceiling_kib(reading, track);
    place->asked_kib = (uint64_t)track->response.asked_kib;
    place->target_kib = (uint64_t)target_of(interval, i);
}

static void reason_to_grant(const struct memory_interval *interval, size_t i, char *text,
                            size_t size)
{
    const struct memory_track *track = &interval->tracks[i];
    const struct memory_item *item = &interval->items[i];

    if (item->current_kib < item->floor_kib)
        snprintf(text, size, "%" PRId64 " MiB below its floor",
                 (item->floor_kib - item->current_kib) / KIB_PER_MIB);
    else if (track->demand.phase == PHASE_RISING)
        snprintf(text, size, "grows by %.0f MiB/s", track->demand.growth_kib_per_s / KIB_PER_MIB);
    else
        snprintf(text, size, "%" PRId64 " MiB unused", track->belief.unused_kib / KIB_PER_MIB);
}

static void reason_to_reclaim(const struct memory_interval *interval, size_t i, int64_t to_kib,
                              char *text, size_t size)
{
    const struct memory_item *item = &interval->items[i];

    if (to_kib >= item->rest_kib)
        snprintf(text, size, "%" PRId64 " MiB more than it needs",
                 (item->current_kib - item->wish_kib) / KIB_PER_MIB);
    else if (interval->host.spare_kib < 0)
        snprintf(text, size, "the host is %" PRId64 " MiB below its reserve",
                 -interval->host.spare_kib / KIB_PER_MIB);
    else
        snprintf(text, size, "others need it more (%s)",
                 memory_layer_text(interval->settled.level.scarce));
}

static void fill_step(const struct memory_interval *interval, size_t i, struct balloon_step *step)
{
    const struct memory_track *track = &interval->tracks[i];
    int64_t reference = reference_of(track);
    int64_t to = target_of(interval, i);

    step->guest = interval->sample->guests[i].guest;
    step->from_kib = (uint64_t)(to == reference ? track->actual_kib : reference);
    step->to_kib = (uint64_t)to;
    if (to == reference)
        snprintf(step->reason, sizeof(step->reason), "asked again: it has not moved");
    else if (to == track->actual_kib)
        snprintf(step->reason, sizeof(step->reason), "request for %" PRId64 " MiB taken back",
                 reference / KIB_PER_MIB);
    else if (to > reference)
        reason_to_grant(interval, i, step->reason, sizeof(step->reason));
    else
        reason_to_reclaim(interval, i, to, step->reason, sizeof(step->reason));
}

/* A request is repeated only while it is still worth making: the guest's floor and size may have
 * changed since. */
static bool is_repeated(const struct memory_interval *interval, size_t i)
{
    const struct memory_track *track = &interval->tracks[i];
    int64_t asked = track->response.asked_kib;

    return track->response.repeat && !interval->is_first && !memory_track_is_refused(track) &&
           memory_track_is_movable(&interval->sample->guests[i]) &&
           asked >= interval->items[i].lower_kib &&
           abs64(asked - track->actual_kib) >= (int64_t)interval->settings->deadband_kib;
}

/* -1, 0 or 1: a reclaim, nothing, a grant. */
static int direction_of(const struct memory_interval *interval, const struct memory_place *place,
                        size_t i)
{
    const struct memory_track *track = &interval->tracks[i];
    int64_t from = reference_of(track);
    int64_t to = (int64_t)place->target_kib;

    if (to == from && is_repeated(interval, i))
        from = track->actual_kib;
    return (to > from) - (to < from);
}

static int fill_steps(const struct memory_interval *interval, struct memory_plan *plan)
{
    size_t reclaims = 0;
    size_t grants = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        reclaims += direction_of(interval, &plan->places[i], i) < 0;
        grants += direction_of(interval, &plan->places[i], i) > 0;
    }
    plan->reclaims = calloc(reclaims + 1, sizeof(*plan->reclaims));
    plan->grants = calloc(grants + 1, sizeof(*plan->grants));
    if (!plan->reclaims || !plan->grants)
        return -ENOMEM;
    for (size_t i = 0; i < plan->n_places; i++) {
        int direction = direction_of(interval, &plan->places[i], i);

        if (direction < 0)
            fill_step(interval, i, &plan->reclaims[plan->n_reclaims++]);
        if (direction > 0)
            fill_step(interval, i, &plan->grants[plan->n_grants++]);
    }
    return 0;
}

/* Least total by which the floors cannot be met, whatever is done. */
static int64_t floors_missing_kib(const struct memory_interval *interval)
{
    int64_t floors = 0;
    int64_t have = interval->host.current_kib + interval->host.spare_kib;

    for (size_t i = 0; i < interval->sample->n_guests; i++)
        floors += interval->items[i].floor_kib;
    return floors > have ? floors - have : 0;
}

static enum verdict verdict_of(const struct memory_interval *interval,
                               const struct memory_plan *plan)
{
    if (plan->n_places == 0)
        return VERDICT_HOLD_IDLE;
    if (interval->is_first)
        return VERDICT_HOLD_OBSERVING;
    if (plan->n_reclaims + plan->n_grants > 0)
        return VERDICT_APPLY;
    if (plan->missing_kib > 0)
        return VERDICT_HOLD_INFEASIBLE;
    return plan->hold_objective <= plan->objective ? VERDICT_HOLD_OPTIMAL : VERDICT_HOLD_BALANCED;
}

int memory_diff_fill(const struct memory_interval *interval, struct memory_plan *plan)
{
    const struct memory_solution *settled = &interval->settled;

    plan->host_total_kib = interval->sample->host_total_kib;
    plan->host_free_kib = (uint64_t)interval->host.free_kib;
    plan->host_droppable_kib =
        (uint64_t)interval->host.free_kib > interval->sample->host_free_kib
            ? (uint64_t)interval->host.free_kib - interval->sample->host_free_kib
            : 0;
    plan->host_arc_kib = interval->sample->host_arc_kib;
    plan->host_reserve_kib = (uint64_t)interval->host.reserve_kib;
    plan->host_promised_kib = (uint64_t)interval->host.promised_kib;
    plan->missing_kib = (uint64_t)floors_missing_kib(interval);
    plan->status = settled->status;
    plan->objective = settled->objective;
    plan->bound = settled->bound;
    plan->gap = settled->gap;
    plan->hold_objective = settled->hold_objective;
    plan->n_places = interval->sample->n_guests;
    plan->places = calloc(plan->n_places + 1, sizeof(*plan->places));
    if (!plan->places)
        return -ENOMEM;
    for (size_t i = 0; i < plan->n_places; i++)
        fill_place(interval, i, &plan->places[i]);
    if (fill_steps(interval, plan) < 0)
        return -ENOMEM;
    plan->verdict = verdict_of(interval, plan);
    return 0;
}
