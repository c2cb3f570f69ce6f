/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/what_if.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "planner/memory/planner_state.h"

struct memory_planner *memory_planner_copy(const struct memory_planner *planner)
{
    struct memory_planner *copy = memory_planner_new(&planner->settings);

    if (!copy)
        return NULL;
    copy->tracks = calloc(planner->n_tracks + 1, sizeof(*copy->tracks));
    if (!copy->tracks) {
        memory_planner_free(copy);
        return NULL;
    }
    if (planner->n_tracks > 0)
        memcpy(copy->tracks, planner->tracks, planner->n_tracks * sizeof(*copy->tracks));
    copy->n_tracks = planner->n_tracks;
    copy->has_seen = planner->has_seen;
    return copy;
}

static void raise_floor(const struct memory_what_if *what_if, struct memory_reading *reading)
{
    struct memory_policy *policy = &reading->policy;

    for (size_t i = 0; i < what_if->n_floors; i++) {
        const struct memory_floor *floor = &what_if->floors[i];

        if (guest_compare(&floor->guest, &reading->guest) != 0)
            continue;
        policy->has_floor = true;
        policy->floor_kib = floor->floor_kib;
    }
}

/* What its process holds, or where that is not told all that it may touch. */
static uint64_t held_kib(const struct memory_reading *reading)
{
    return reading->has & MEMORY_HAS_RSS ? reading->rss_kib : reading->actual_kib;
}

int memory_planner_suppose(struct memory_planner *planner, const struct memory_what_if *what_if,
                           const struct memory_sample *sample, struct memory_sample *ret)
{
    struct memory_sample other = *sample;

    other.n_guests = 0;
    other.guests = calloc(sample->n_guests + 1, sizeof(*other.guests));
    if (!other.guests)
        return -ENOMEM;
    for (size_t i = 0; i < sample->n_guests; i++) {
        const struct memory_reading *reading = &sample->guests[i];

        if (guest_is_in(what_if->without, what_if->n_without, &reading->guest)) {
            other.host_free_kib += held_kib(reading);
            other.host_available_kib += held_kib(reading);
            continue;
        }
        planner->tracks[other.n_guests] = planner->tracks[i];
        other.guests[other.n_guests] = *reading;
        raise_floor(what_if, &other.guests[other.n_guests++]);
    }
    planner->n_tracks = other.n_guests;
    planner->settings.limits = what_if->limits;
    planner->settings.keep_lp = false;
    planner->settings.explain = true;
    *ret = other;
    return 0;
}

int memory_planner_answer(struct memory_planner *planner, const struct memory_sample *sample,
                          struct memory_plan *ret, struct err *err)
{
    struct memory_interval interval = {
        .settings = &planner->settings, .sample = sample, .tracks = planner->tracks};
    struct memory_plan plan = {0};
    int r = memory_sample_check(sample, err);

    if (r < 0)
        return r;
    r = memory_planner_make_plan(planner, &interval, &plan);
    if (r < 0) {
        memory_plan_done(&plan);
        return err_set(err, r,
                       r == -ENOMEM ? "out of memory, there is no plan"
                                    : "the memory problem is inconsistent, there is no plan");
    }
    *ret = plan;
    return 0;
}
