/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/balloon_worlds.h"

static int64_t between(struct world *world, int64_t low, int64_t high)
{
    return low + (int64_t)world_random(world, (uint64_t)(high - low + 1));
}

static bool one_in(struct world *world, uint64_t n)
{
    return world_random(world, n) == 0;
}

static void invent_program(struct world *world, struct world_guest *guest)
{
    if (one_in(world, 3))
        return;
    guest->rate_kib_per_s = between(world, 1, 80) * MIB;
    guest->max_kib = between(world, 50, 3000) * MIB;
    guest->start_s = (double)between(world, 0, 40);
    guest->bursts = one_in(world, 2);
    if (one_in(world, 2))
        guest->end_s = guest->start_s + (double)between(world, 3, 30);
    if (one_in(world, 4))
        guest->period_s = (double)between(world, 5, 30);
}

static void invent_policy(struct world *world, struct world_guest *guest)
{
    struct memory_policy *policy = &guest->policy;

    if (!one_in(world, 4))
        return;
    policy->has_floor = one_in(world, 3);
    policy->floor_kib = (uint64_t)(between(world, 100, 1200) * MIB);
    policy->has_ceiling = one_in(world, 3);
    policy->ceiling_kib = (uint64_t)(between(world, 300, 2000) * MIB);
    policy->has_weight = one_in(world, 2);
    policy->weight = (unsigned)between(world, 1, 10000);
    policy->has_pin = one_in(world, 8);
    policy->pin_kib = (uint64_t)(between(world, 300, 1500) * MIB);
    policy->excluded = one_in(world, 10);
    if (policy->has_ceiling && policy->has_floor && policy->floor_kib > policy->ceiling_kib)
        policy->has_floor = false;
}

static void invent_fault(struct world *world, struct world_guest *guest)
{
    if (!one_in(world, 3))
        return;
    guest->kind = 1u << world_random(world, 24);
    if (one_in(world, 4))
        guest->kind |= 1u << world_random(world, 24);
    guest->event_s = (double)between(world, 0, 50);
    guest->outside_kib = between(world, 250, 1500) * MIB;
}

static void invent_guest(struct world *world, const char *name)
{
    int64_t maximum = between(world, 4, 40) * 64 * MIB;
    int64_t actual = maximum * between(world, 40, 100) / 100 / 4 * 4;
    struct world_guest *guest = world_add(world, name, maximum, actual);

    guest->base_kib = actual * between(world, 15, 85) / 100;
    guest->noise_kib = between(world, 0, 6) * MIB;
    guest->cache_kib = one_in(world, 3) ? (actual - guest->base_kib) / 2 : 0;
    guest->overhead_kib = between(world, 16, 60) * MIB;
    guest->report_every_s = one_in(world, 4) ? 0.1 * (double)between(world, 2, 50) : 1;
    guest->speed_kib_per_s = one_in(world, 2) ? 0 : between(world, 4, 400) * MIB;
    guest->low_kib = one_in(world, 10) ? actual * between(world, 60, 100) / 100 : 0;
    guest->high_kib = one_in(world, 10) ? actual * between(world, 100, 150) / 100 : 0;
    guest->touched_kib = guest->base_kib;
    invent_program(world, guest);
    invent_policy(world, guest);
    invent_fault(world, guest);
}

void world_invent(struct world *world, uint64_t seed)
{
    static const char *const names[WORLD_GUESTS] = {"a", "b", "c", "d", "e", "f",
                                                    "g", "h", "i", "j", "k", "l"};
    static const double intervals[] = {0.5, 1, 2, 2, 2, 5};
    size_t n;

    world_init(world, seed * UINT64_C(0x9E3779B97F4A7C15), 0);
    world->settings.interval_s = intervals[world_random(world, 6)];
    n = 1 + (size_t)world_random(world, 6);
    world->other_kib = between(world, 0, 2000) * MIB;
    for (size_t i = 0; i < n; i++)
        invent_guest(world, names[i]);
    world->host_total_kib = world->other_kib + between(world, 264, 2500) * MIB;
    for (size_t i = 0; i < n; i++)
        world->host_total_kib += world->guests[i].actual_kib + world->guests[i].overhead_kib;
    if (one_in(world, 3)) {
        world->other_s = (double)between(world, 5, 50);
        world->other_later_kib = world->other_kib + between(world, -200, 150) * MIB;
        if (world->other_later_kib < 0)
            world->other_later_kib = 0;
    }
    world->lowest_free_kib = world->host_total_kib;
}
