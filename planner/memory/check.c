/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/check.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "models/base/whole.h"
#include "planner/base/units.h"

/* Nothing in here calls what made the plan: the rules are written down a second time, from the
 * settings, the sample and the plan's own text. Shared is only the meaning of a setting
 * (settings.h): the reserve is worked out again, the release limit is not. */

static const struct memory_reading *reading_of(const struct memory_sample *sample, size_t i)
{
    return &sample->guests[i];
}

static uint64_t held_kib(const struct memory_place *place)
{
    return max_u64(place->actual_kib, place->asked_kib);
}

static bool is_fixed(const struct memory_reading *reading)
{
    return !reading->has_balloon || reading->locked || reading->policy.excluded ||
           reading->run != GUEST_RUNNING;
}

/* Its process may need more than the least; then the planner knows, and stays below. */
static uint64_t max_kib(const struct memory_settings *settings,
                        const struct memory_reading *reading)
{
    uint64_t overhead_kib = settings->guest_overhead_kib;
    uint64_t most = reading->maximum_kib ? reading->maximum_kib : reading->actual_kib;

    if (reading->policy.has_ceiling)
        most = min_u64(most, reading->policy.ceiling_kib);
    if (reading->limit_kib)
        most = min_u64(most, reading->limit_kib - min_u64(reading->limit_kib, overhead_kib));
    return most;
}

/* The least that the guest may be brought to, or left at: a floor that is broken today may stay
 * broken, but may not become worse. */
static uint64_t min_kib(const struct memory_settings *settings,
                        const struct memory_reading *reading, const struct memory_place *place)
{
    uint64_t least = max_u64(reading->beside_kib + settings->guest_least_kib, place->floor_kib);

    if (reading->policy.has_floor)
        least = max_u64(least, reading->policy.floor_kib);
    if (reading->policy.has_pin)
        least = reading->policy.pin_kib;
    return min_u64(min_u64(least, max_kib(settings, reading)), held_kib(place));
}

/* The plan's own floor has to leave the guest what it uses, as far as one report tells: its total
 * and its unused memory are of the same instant. */
static int check_floor(const struct memory_settings *settings, const struct memory_reading *reading,
                       const struct memory_place *place, struct err *err)
{
    unsigned has = MEMORY_HAS_UNUSED | MEMORY_HAS_AVAILABLE;
    uint64_t unused = reading->unused_kib;
    uint64_t needs;

    if ((reading->has & has) != has || reading->policy.has_pin || place->state == GUEST_SILENT ||
        unused != place->unused_kib || reading->available_kib > reading->actual_kib)
        return 0;
    if (settings->guest_cache_pct < 100 && (reading->has & MEMORY_HAS_USABLE))
        unused = max_u64(unused, reading->usable_kib);
    needs = reading->available_kib - min_u64(unused, reading->available_kib) +
            settings->guest_unused_kib;
    needs = min_u64(min_u64(needs, max_kib(settings, reading)), reading->actual_kib);
    if (place->floor_kib + PAGE_KIB >= needs)
        return 0;
    return err_set(err, -EINVAL,
                   "guest '%s': the plan's floor of %" PRIu64 " KiB is below its need of %" PRIu64
                   " KiB",
                   reading->guest.name, place->floor_kib, needs);
}

static int check_place(const struct memory_settings *settings, const struct memory_reading *reading,
                       const struct memory_place *place, struct err *err)
{
    uint64_t unchanged = place->asked_kib ? place->asked_kib : place->actual_kib;
    const char *name = reading->guest.name;

    if (memcmp(place->guest.uuid, reading->guest.uuid, sizeof(reading->guest.uuid)) != 0 ||
        place->actual_kib != reading->actual_kib)
        return err_set(err, -EINVAL, "guest '%s' is not where the plan has it", name);
    if (place->target_kib == unchanged)
        return 0;
    if (is_fixed(reading))
        return err_set(err, -EINVAL, "guest '%s' must not be touched", name);
    if (place->target_kib > place->actual_kib && place->target_kib > max_kib(settings, reading))
        return err_set(err, -EINVAL,
                       "guest '%s': target %" PRIu64 " KiB is above its ceiling of %" PRIu64 " KiB",
                       name, place->target_kib, max_kib(settings, reading));
    if (place->target_kib < place->actual_kib &&
        place->target_kib < min_kib(settings, reading, place) / PAGE_KIB * PAGE_KIB)
        return err_set(err, -EINVAL,
                       "guest '%s': target %" PRIu64 " KiB is below its floor of %" PRIu64 " KiB",
                       name, place->target_kib, min_kib(settings, reading, place));
    return check_floor(settings, reading, place, err);
}

/* A step starts where the guest is or where it was last asked to go, and is worth a call unless it
 * takes a request back or repeats it. */
static int check_step(const struct memory_settings *settings, const struct memory_place *place,
                      const struct balloon_step *step, bool is_reclaim, struct err *err)
{
    uint64_t moved = is_reclaim ? step->from_kib - step->to_kib : step->to_kib - step->from_kib;
    uint64_t limit = memory_settings_release_limit_kib(settings, place->actual_kib);
    const char *name = place->guest.name;

    if (is_reclaim ? step->to_kib >= step->from_kib : step->to_kib <= step->from_kib)
        return err_set(err, -EINVAL, "guest '%s': step in the wrong direction", name);
    if (step->to_kib != place->target_kib ||
        (step->from_kib != place->actual_kib && step->from_kib != place->asked_kib))
        return err_set(err, -EINVAL, "guest '%s': the step is not the difference", name);
    if (moved < settings->deadband_kib && step->to_kib != place->actual_kib &&
        step->to_kib != place->asked_kib)
        return err_set(err, -EINVAL, "guest '%s': %" PRIu64 " KiB are inside the deadband", name,
                       moved);
    if (step->to_kib + limit < place->actual_kib)
        return err_set(err, -EINVAL,
                       "guest '%s': %" PRIu64 " KiB less at once are beyond the release limit",
                       name, place->actual_kib - step->to_kib);
    return 0;
}

/* Steps come in the places' order, each guest at most once. */
static int check_steps(const struct memory_settings *settings, const struct memory_plan *plan,
                       const struct balloon_step *steps, size_t n, bool is_reclaim, struct err *err)
{
    size_t i = 0;

    for (size_t k = 0; k < n; k++) {
        int r;

        while (i < plan->n_places && guest_compare(&plan->places[i].guest, &steps[k].guest) != 0)
            i++;
        if (i == plan->n_places)
            return err_set(err, -EINVAL, "guest '%s': a step out of order or without a place",
                           steps[k].guest.name);
        r = check_step(settings, &plan->places[i++], &steps[k], is_reclaim, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* What guests may still take by themselves; where the host does not tell, what it tells is 0. */
static uint64_t least_promised_kib(const struct memory_settings *settings,
                                   const struct memory_sample *sample,
                                   const struct memory_plan *plan)
{
    uint64_t promised = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct memory_reading *reading = reading_of(sample, i);
        uint64_t held = memory_reading_may_hold_kib(reading, held_kib(&plan->places[i]));
        uint64_t may_hold = held + settings->guest_overhead_kib;

        if ((reading->has & MEMORY_HAS_RSS) && !memory_reading_is_resident(reading) &&
            may_hold > reading->rss_kib)
            promised += may_hold - reading->rss_kib;
    }
    return promised;
}

/* Reserve, promises and grants fit into what is free now; reclaims count for nothing yet. */
static int check_host(const struct memory_settings *settings, const struct memory_sample *sample,
                      const struct memory_plan *plan, struct err *err)
{
    uint64_t free_kib = max_u64(sample->host_free_kib, sample->host_available_kib);
    uint64_t promised =
        max_u64(plan->host_promised_kib, least_promised_kib(settings, sample, plan));
    uint64_t reserve =
        max_u64(settings->host_reserve_kib,
                (uint64_t)((double)sample->host_total_kib * settings->host_reserve_pct / 100));
    uint64_t granted = 0;
    uint64_t held = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct memory_place *place = &plan->places[i];

        held += memory_reading_may_hold_kib(reading_of(sample, i), held_kib(place));
        if (place->target_kib > held_kib(place))
            granted += place->target_kib - held_kib(place);
    }
    if (granted == 0)
        return 0;
    if (reserve + promised + granted > free_kib)
        return err_set(err, -EINVAL,
                       "grants of %" PRIu64 " KiB, promises of %" PRIu64 " KiB and the reserve of "
                       "%" PRIu64 " KiB are more than the %" PRIu64 " KiB free now",
                       granted, promised, reserve, free_kib);
    if (settings->host_budget_kib && held + granted > settings->host_budget_kib)
        return err_set(err, -EINVAL,
                       "sizes of %" PRIu64 " KiB are above the budget of %" PRIu64 " KiB",
                       held + granted, settings->host_budget_kib);
    return 0;
}

/* Every place whose target is not what the guest has or was asked for has its step; a repeated
 * request is a step without one. */
static int check_all_stepped(const struct memory_plan *plan, struct err *err)
{
    size_t changed = 0;
    size_t steps = plan->n_reclaims + plan->n_grants;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct memory_place *place = &plan->places[i];

        changed += place->target_kib != (place->asked_kib ? place->asked_kib : place->actual_kib);
    }
    if (changed <= steps)
        return 0;
    return err_set(err, -EINVAL,
                   "%zu targets change with %zu steps: a guest is left without a step", changed,
                   steps);
}

int memory_check(const struct memory_settings *settings, const struct memory_sample *sample,
                 const struct memory_plan *plan, struct err *err)
{
    int r = 0;

    if (plan->n_places != sample->n_guests)
        return err_set(err, -EINVAL, "the plan has %zu places for %zu guests", plan->n_places,
                       sample->n_guests);
    for (size_t i = 0; i < plan->n_places && r == 0; i++)
        r = check_place(settings, reading_of(sample, i), &plan->places[i], err);
    if (r == 0)
        r = check_steps(settings, plan, plan->reclaims, plan->n_reclaims, true, err);
    if (r == 0)
        r = check_steps(settings, plan, plan->grants, plan->n_grants, false, err);
    if (r == 0)
        r = check_all_stepped(plan, err);
    return r < 0 ? r : check_host(settings, sample, plan, err);
}
