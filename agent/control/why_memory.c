/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is told of a guest's size. */
#include <stdio.h>

#include "agent/base/json_values.h"
#include "agent/control/why.h"
#include "planner/base/units.h"

static double mib(uint64_t kib)
{
    return (double)kib / KIB_PER_MIB;
}

static const struct balloon_step *step_of(const struct memory_plan *plan,
                                          const struct guest_id *guest)
{
    for (size_t i = 0; i < plan->n_reclaims; i++)
        if (guest_compare(&plan->reclaims[i].guest, guest) == 0)
            return &plan->reclaims[i];
    for (size_t i = 0; i < plan->n_grants; i++)
        if (guest_compare(&plan->grants[i].guest, guest) == 0)
            return &plan->grants[i];
    return NULL;
}

static const char *by_lock(enum memory_lock lock)
{
    switch (lock) {
    case MEMORY_LOCK_UNREADABLE:
        return "a definition that can be read";
    case MEMORY_LOCK_UNCOUNTED:
        return "a libvirt that tells how much of its virtio-mem is plugged";
    default:
        return "memory that a balloon can free";
    }
}

static const char *by_reading(const struct memory_reading *reading)
{
    if (reading->policy.excluded)
        return "its definition, or the option that leaves it alone";
    if (!reading->has_balloon)
        return "a balloon device in its definition";
    if (reading->locked)
        return by_lock(reading->lock);
    return reading->run == GUEST_MIGRATING || reading->run == GUEST_ARRIVING
               ? "the end of its migration"
               : "that it runs";
}

/* NULL: nothing of the guest's own. */
static const char *by_state(const struct memory_place *place, const struct memory_reading *reading)
{
    switch (place->state) {
    case GUEST_FIXED:
        return by_reading(reading);
    case GUEST_LEARNING:
        if (reading->locked)
            return "time: its definition is read in one of the next intervals";
        return "time: too little has been seen of it";
    case GUEST_SILENT:
        return "reports of its memory that can be believed";
    case GUEST_REFUSED:
        return "time: its balloon refused, and is asked again";
    case GUEST_STUCK:
        return "its balloon: it was asked, and does not go there";
    case GUEST_LEFT:
        return "whoever else sets its size again and again: stop him, or wait";
    case GUEST_KEEPING:
        return "time: what its balloon gave did not reach the host, and it is asked again";
    case GUEST_OK:
    case GUEST_SLOW:
        break;
    }
    return NULL;
}

static const char *by_verdict(const struct memory_plan *plan, const struct memory_place *place)
{
    switch (plan->verdict) {
    case VERDICT_APPLY:
        return "nothing now: this interval's plan is about others";
    case VERDICT_HOLD_OBSERVING:
        return "time: too little has been seen for a plan";
    case VERDICT_HOLD_STOPPED:
        return "a plan that is ready in time";
    case VERDICT_HOLD_UNSAFE:
        return "a plan that passes the check";
    case VERDICT_HOLD_INFEASIBLE:
        return "lower floors, or more memory: there is not enough for all floors";
    default:
        break;
    }
    if (place->target_kib < place->wish_kib)
        return "more memory that is free, or others that need less";
    return "more or less memory in use, of it or of others";
}

static const char *turn_of(const struct scene *scene, size_t i, struct why_pauses pauses,
                           char text[WHY_SENTENCE])
{
    const struct memory_place *place = &scene->memory_plan.places[i];
    const struct balloon_step *step = step_of(&scene->memory_plan, &place->guest);
    const char *own = by_state(place, &scene->memory_sample.guests[i]);
    char change[WHY_SENTENCE / 2];

    if (why_end_of_pause(&place->guest, pauses, text))
        return text;
    if (!step)
        return own ? own : by_verdict(&scene->memory_plan, place);
    snprintf(change, sizeof(change), "%.0f to %.0f MiB, %s", mib(step->from_kib), mib(step->to_kib),
             step->reason);
    why_planned(scene->fate, change, text);
    return text;
}

json_t *why_about_memory(const struct scene *scene, size_t i, struct why_pauses pauses)
{
    const struct memory_place *place = &scene->memory_plan.places[i];
    bool is_left = scene->memory_sample.guests[i].policy.excluded;
    json_t *lines = json_array();
    char text[WHY_SENTENCE];

    why_add_pause(lines, pauses);
    snprintf(text, sizeof(text), "it holds %.0f MiB and should hold %.0f, at least %.0f (%s)",
             mib(place->actual_kib), mib(place->target_kib), mib(place->floor_kib),
             guest_state_text(place->state));
    why_add(lines, text);
    if (place->explain[0] && !((pauses.now || pauses.then) && is_left))
        why_add(lines, place->explain);
    return json_members("guest", json_from_guest(&place->guest), "lines", lines, "note",
                        json_from_text(scene->memory_plan.note), "change",
                        json_from_text(turn_of(scene, i, pauses, text)), NULL);
}
