/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "tests/sim/balloon_world.h"

/* What the world has to say about each balloon call, from the truth and not from samples. */

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static void judge_target(struct world *world, const struct world_guest *guest, int64_t to)
{
    const struct memory_settings *s = &world->settings;
    const struct memory_policy *policy = &guest->policy;
    int64_t least = max64((int64_t)s->guest_least_kib,
                          guest->reported_active_kib + (int64_t)s->guest_unused_kib);
    int64_t limit = (int64_t)memory_settings_release_limit_kib(s, (uint64_t)guest->actual_kib);

    if (policy->has_floor)
        least = max64(least, (int64_t)policy->floor_kib);
    if (policy->has_pin)
        least = (int64_t)policy->pin_kib;
    least = min64(least, guest->maximum_kib);
    if (policy->has_ceiling)
        least = min64(least, (int64_t)policy->ceiling_kib);

    if (to < guest->actual_kib && to < min64(least, guest->actual_kib) - MEMORY_PAGE)
        world_fail(world, guest, "a target below the floor", to, least);
    if (to < guest->actual_kib - limit)
        world_fail(world, guest, "a step beyond the release limit", guest->actual_kib - to, limit);
    if (to > guest->actual_kib && to > guest->maximum_kib)
        world_fail(world, guest, "a target above the maximum", to, guest->maximum_kib);
    if (to > guest->actual_kib && policy->has_ceiling && to > (int64_t)policy->ceiling_kib)
        world_fail(world, guest, "a target above the ceiling", to, (int64_t)policy->ceiling_kib);
}

static void judge_call(struct world *world, const struct world_guest *guest, int64_t to)
{
    int64_t deadband = (int64_t)world->settings.deadband_kib;
    int64_t from_target = distance(to, guest->target_kib);
    int64_t from_actual = distance(to, guest->actual_kib);
    struct memory_reading now = {.run = GUEST_RUNNING};

    world_spoil(world, guest, &now);
    if (now.run != GUEST_RUNNING || guest->policy.excluded ||
        (guest->kind & (GUEST_NO_BALLOON | GUEST_LOCKED)))
        world_fail(world, guest, "a balloon that must not be used", to, guest->actual_kib);
    if (from_target < deadband && from_target > 0 && from_actual < deadband && from_actual > 0)
        world_fail(world, guest, "a move inside the deadband", to, guest->target_kib);
}

/* Judges what a call commits the host to: more than before only above the reserve. */
static void judge_host(struct world *world, const struct world_guest *guest, int64_t before)
{
    int64_t after = world_committed_free_kib(world);

    if (after < before && after < (int64_t)world->settings.host_reserve_kib)
        world_fail(world, guest, "a grant that the host cannot honour", after,
                   (int64_t)world->settings.host_reserve_kib);
}

int world_set_balloon(struct world *world, struct world_guest *guest, int64_t to_kib)
{
    int64_t before = world_committed_free_kib(world);
    int direction = (to_kib > guest->actual_kib) - (to_kib < guest->actual_kib);

    if (guest->gone)
        return -ENOENT;
    judge_target(world, guest, to_kib);
    judge_call(world, guest, to_kib);
    guest->largest_step_kib = max64(guest->largest_step_kib, guest->actual_kib - to_kib);
    guest->target_kib = to_kib;
    guest->is_outside = false;
    judge_host(world, guest, before);
    if (direction && guest->last_direction && direction != guest->last_direction)
        guest->flips++;
    if (direction)
        guest->last_direction = direction;
    guest->calls++;
    world->calls++;
    guest->last_call_s = world->now_s;
    if (world->now_s >= guest->event_s && guest->first_call_after_event_s <= 0)
        guest->first_call_after_event_s = world->now_s;
    return 0;
}
