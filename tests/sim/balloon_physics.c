/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "tests/sim/balloon_world.h"

/* A Linux guest keeps some free pages whatever happens: starved guests bottom out at 50-70 MiB. */
static const int64_t WATERMARK_KIB = 52 * MIB;
static const double STALLED_FREES_S =
    20; /* an allocation that fails for so long ends the program */

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

uint64_t world_random(struct world *world, uint64_t below)
{
    uint64_t *seed = &world->seed;

    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return below ? (*seed * 2685821657736338717u >> 20) % below : 0;
}

/* What somebody else asked a balloon for cannot be known before it has arrived. */
static int64_t may_hold(const struct world_guest *guest)
{
    return guest->is_outside ? guest->actual_kib : max64(guest->actual_kib, guest->target_kib);
}

int64_t world_free_kib(const struct world *world)
{
    int64_t free_kib = world->host_total_kib - world->other_kib;

    for (size_t i = 0; i < world->n_guests; i++) {
        if (!world->guests[i].gone)
            free_kib -= world->guests[i].touched_kib + world->guests[i].overhead_kib;
    }
    return free_kib;
}

int64_t world_committed_free_kib(const struct world *world)
{
    int64_t free_kib = world->host_total_kib - world->other_kib;

    for (size_t i = 0; i < world->n_guests; i++) {
        const struct world_guest *guest = &world->guests[i];

        if (!guest->gone)
            free_kib -= guest->overhead_kib +
                        (guest->kind & GUEST_LOCKED ? guest->actual_kib : may_hold(guest));
    }
    return free_kib;
}

static bool has_begun(const struct world *world, const struct world_guest *guest)
{
    return world->now_s >= guest->event_s;
}

static void run_program(struct world *world, struct world_guest *guest, double step_s)
{
    double rate = (double)guest->rate_kib_per_s;
    int64_t room = guest->actual_kib - WATERMARK_KIB - guest->base_kib - guest->program_kib;
    int64_t more;

    if (world->now_s < guest->start_s)
        return;
    if (world->now_s >= guest->end_s || guest->stalled_s >= STALLED_FREES_S) {
        guest->program_kib = 0;
        guest->stalled_s = 0;
        guest->start_s = guest->period_s > 0 ? guest->start_s + guest->period_s : 1e9;
        guest->end_s = guest->period_s > 0 ? guest->end_s + guest->period_s : 1e9;
        return;
    }
    if (guest->bursts)
        rate *= 0.5 + 0.01 * (double)world_random(world, 150);
    more = min64((int64_t)(rate * step_s), guest->max_kib - guest->program_kib);
    if (more > 0 && room < more)
        guest->stalled_s += step_s;
    else
        guest->stalled_s = 0;
    more = max64(0, min64(more, room));
    guest->program_kib += more;
    if (more > 0)
        guest->grown_s = world->now_s;
}

static bool balloon_moves(const struct world *world, const struct world_guest *guest)
{
    if (guest->kind & (GUEST_BALLOON_DEAD | GUEST_NO_BALLOON | GUEST_LOCKED))
        return false;
    if ((guest->kind & GUEST_BALLOON_DIES) && has_begun(world, guest))
        return false;
    if ((guest->kind & GUEST_BALLOON_WAKES) && !has_begun(world, guest))
        return false;
    return !(guest->kind & GUEST_BALLOON_LIMPS) || fmod(world->now_s, 4) < 2;
}

/* Inflating takes free memory and cache, never what is in use. */
static void move_balloon(const struct world *world, struct world_guest *guest, double step_s)
{
    int64_t step = guest->speed_kib_per_s ? (int64_t)((double)guest->speed_kib_per_s * step_s)
                                          : guest->maximum_kib;
    int64_t to = guest->target_kib;

    if (guest->low_kib)
        to = max64(to, min64(guest->low_kib, guest->actual_kib));
    if (guest->high_kib)
        to = min64(to, max64(guest->high_kib, guest->actual_kib));
    if (to < guest->actual_kib)
        to =
            max64(to, min64(guest->actual_kib, guest->used_kib - guest->cache_kib + WATERMARK_KIB));
    if (!balloon_moves(world, guest) || to == guest->actual_kib)
        return;
    guest->actual_kib += max64(-step, min64(step, to - guest->actual_kib));
    guest->arrived_s = world->now_s;
}

static void back_up(struct world_guest *guest, int64_t kib)
{
    guest->actual_kib = min64(guest->maximum_kib, kib);
    guest->target_kib = guest->actual_kib;
}

static void deflate_itself(struct world_guest *guest)
{
    if (guest->actual_kib == guest->maximum_kib)
        return;
    guest->self_deflations++;
    back_up(guest, guest->actual_kib + 64 * MIB);
}

static void set_from_outside(struct world_guest *guest)
{
    guest->target_kib = guest->outside_kib;
    guest->is_outside = true;
}

static void misbehave(struct world *world, struct world_guest *guest)
{
    int64_t unused = guest->actual_kib - guest->used_kib;

    if ((guest->kind & GUEST_REVERTS) && guest->actual_kib <= 600 * MIB &&
        world->now_s - guest->arrived_s >= 3 && guest->arrived_s > 0 && guest->last_direction < 0) {
        back_up(guest, guest->actual_kib + 200 * MIB);
        guest->arrived_s = 0;
    }
    if ((guest->kind & GUEST_AUTODEFLATES) && unused <= WATERMARK_KIB + 4 * MIB)
        deflate_itself(guest);
    if (guest->had_event || !has_begun(world, guest))
        return;
    guest->had_event = true;
    if ((guest->kind & GUEST_RESIZED) && !(guest->kind & (GUEST_LOCKED | GUEST_NO_BALLOON)))
        set_from_outside(guest);
    if (guest->kind & GUEST_HOTPLUGS) {
        guest->maximum_kib += 512 * MIB;
        guest->actual_kib += 512 * MIB;
        guest->target_kib = guest->actual_kib;
    }
    if (guest->kind & GUEST_REBOOTS) {
        back_up(guest, guest->maximum_kib);
        guest->program_kib = 0;
        guest->touched_kib = guest->base_kib;
    }
}

static void move_guest(struct world *world, struct world_guest *guest, double step_s)
{
    int64_t wander =
        guest->noise_kib ? (int64_t)world_random(world, (uint64_t)guest->noise_kib) : 0;

    if (guest->target_kib == 0) {
        guest->target_kib = guest->actual_kib;
        guest->maximum_at_first_kib = guest->maximum_kib;
    }
    run_program(world, guest, step_s);
    misbehave(world, guest);
    move_balloon(world, guest, step_s);
    guest->cache_kib =
        min64(guest->cache_kib, max64(0, guest->actual_kib - guest->base_kib - guest->program_kib));
    guest->used_kib = guest->base_kib + guest->program_kib + guest->cache_kib + wander;
    guest->touched_kib = max64(guest->touched_kib, guest->used_kib);
    if (guest->kind & (GUEST_TOUCHES_ALL | GUEST_LOCKED))
        guest->touched_kib = guest->actual_kib;
    guest->touched_kib = min64(guest->touched_kib, guest->actual_kib);
    if (world->now_s - guest->reported_s >= guest->report_every_s || world->now_s < step_s)
        world_report(world, guest);
}

static void watch(struct world *world, struct world_guest *guest)
{
    int64_t unused = guest->actual_kib - guest->used_kib;
    bool is_sample = fmod(world->now_s + 0.15, 2) < 0.1; /* just before the planner's turn */

    guest->lowest_unused_kib = min64(guest->lowest_unused_kib, unused);
    guest->highest_actual_kib = max64(guest->highest_actual_kib, guest->actual_kib);
    guest->lowest_actual_kib = min64(guest->lowest_actual_kib, guest->actual_kib);
    if (is_sample && unused < 100 * MIB && guest->actual_kib < guest->maximum_kib)
        guest->low_samples++;
}

void world_move(struct world *world, double step_s)
{
    int64_t free_kib;

    if (world->other_s > 0 && world->now_s >= world->other_s) {
        world->other_kib = world->other_later_kib;
        world->other_s = 0;
    }
    for (size_t i = 0; i < world->n_guests; i++) {
        if (world->guests[i].present_s > 0)
            world->guests[i].gone = world->now_s < world->guests[i].present_s;
        if (world->guests[i].gone)
            continue;
        move_guest(world, &world->guests[i], step_s);
        watch(world, &world->guests[i]);
    }
    free_kib = world_free_kib(world);
    world->lowest_free_kib = min64(world->lowest_free_kib, free_kib);
}

void world_report(struct world *world, struct world_guest *guest)
{
    struct memory_reading *report = &guest->report;
    const unsigned frozen = GUEST_STATS_FROZEN | GUEST_STATS_FROZEN_FRESH;

    if ((guest->kind & GUEST_REBOOTS) && has_begun(world, guest) &&
        world->now_s < guest->event_s + 10)
        return;
    if ((guest->kind & frozen) && has_begun(world, guest)) {
        if (guest->kind & GUEST_STATS_FROZEN_FRESH)
            guest->reported_s = world->now_s;
        return;
    }
    guest->reported_s = world->now_s;
    report->has = MEMORY_HAS_UNUSED | MEMORY_HAS_AGE | MEMORY_HAS_USABLE;
    report->unused_kib = (uint64_t)max64(4, guest->actual_kib - guest->used_kib);
    report->usable_kib = report->unused_kib + (uint64_t)guest->cache_kib;
    report->available_kib = (uint64_t)(guest->actual_kib - guest->maximum_kib / 64);
    if (!(guest->kind & GUEST_STATS_NO_TOTAL))
        report->has |= MEMORY_HAS_AVAILABLE;
    guest->reported_used_kib = guest->used_kib;
    guest->reported_active_kib = guest->used_kib - guest->cache_kib;
}

void world_spoil(const struct world *world, const struct world_guest *guest,
                 struct memory_reading *reading)
{
    if (!has_begun(world, guest))
        return;
    if (guest->kind & GUEST_STATS_NONE)
        reading->has &= MEMORY_HAS_RSS;
    if (guest->kind & GUEST_STATS_ALL_ONES)
        reading->unused_kib = reading->available_kib = reading->usable_kib = UINT64_MAX;
    if (guest->kind & GUEST_STATS_ZERO)
        reading->unused_kib = reading->available_kib = reading->usable_kib = 0;
    if (guest->kind & GUEST_STATS_ABSURD)
        reading->unused_kib = reading->usable_kib = reading->actual_kib + 300 * (uint64_t)MIB;
    if (guest->kind & GUEST_STATS_FUTURE)
        reading->stats_age_ns = (uint64_t)-INT64_C(3600000000000);
    if ((guest->kind & GUEST_PAUSES) && world->now_s < guest->event_s + 20)
        reading->run = GUEST_PAUSED;
    if ((guest->kind & GUEST_MIGRATES) && world->now_s < guest->event_s + 20)
        reading->run = GUEST_MIGRATING;
}

void world_read(const struct world *world, const struct world_guest *guest,
                struct memory_reading *ret)
{
    *ret = guest->report;
    memcpy(ret->guest.uuid, guest->uuid, sizeof(guest->uuid));
    strncpy(ret->guest.name, guest->name, sizeof(ret->guest.name) - 1);
    ret->run = GUEST_RUNNING;
    ret->has_balloon = !(guest->kind & GUEST_NO_BALLOON);
    ret->locked = guest->kind & GUEST_LOCKED;
    ret->actual_kib = (uint64_t)guest->actual_kib;
    ret->maximum_kib = (uint64_t)guest->maximum_kib;
    ret->rss_kib = (uint64_t)(guest->touched_kib + guest->overhead_kib);
    ret->stats_age_ns = (uint64_t)((world->now_s - guest->reported_s) * 1e9);
    ret->policy = guest->policy;
    if (!(guest->kind & GUEST_RSS_UNKNOWN))
        ret->has |= MEMORY_HAS_RSS;
    world_spoil(world, guest, ret);
    if (world->is_blind) {
        ret->run = GUEST_RUNNING;
        ret->has_balloon = true;
        ret->locked = ret->policy.excluded = false;
        if (guest->kind & GUEST_HOTPLUGS)
            ret->maximum_kib = (uint64_t)guest->maximum_at_first_kib;
    }
}
