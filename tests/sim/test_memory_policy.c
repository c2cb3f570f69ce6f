/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/sim/balloon_world.h"

/* Policy over time. Each scene says what must hold at its end, and which defence it is there for:
 * left out, the same scene must fail. */

struct scene {
    const char *name;
    void (*make)(struct world *world);
    double until_s;
    bool (*holds)(const struct world *world);
    ablation *without, *and_without;
    bool is_ungated; /* the gate would stop what the planner lets through */
};

static struct world_guest *add(struct world *world, const char *name, int64_t actual_mib,
                               int64_t base_mib)
{
    struct world_guest *guest = world_add(world, name, 2048 * MIB, actual_mib * MIB);

    guest->base_kib = base_mib * MIB;
    guest->noise_kib = 3 * MIB;
    return guest;
}

static unsigned low_samples(const struct world *world)
{
    unsigned n = 0;

    for (size_t i = 0; i < world->n_guests; i++)
        n += world->guests[i].low_samples;
    return n;
}

static unsigned flips(const struct world *world)
{
    unsigned n = 0;

    for (size_t i = 0; i < world->n_guests; i++)
        n += world->guests[i].flips;
    return n;
}

/* ---- growth is met ahead ---- */

static void one_grows(struct world *world)
{
    struct world_guest *guest = add(world, "grower", 512, 190);

    guest->rate_kib_per_s = 20 * MIB;
    guest->bursts = true;
    guest->start_s = 6;
    guest->max_kib = 1500 * MIB;
}

static bool never_low(const struct world *world)
{
    return low_samples(world) == 0 && world->guests[0].program_kib > 1000 * MIB;
}

static void one_appears_and_grows(struct world *world)
{
    struct world_guest *guest = add(world, "newcomer", 512, 300);

    add(world, "old", 512, 250);
    guest->present_s = 19;
    guest->start_s = 23.5;
    guest->rate_kib_per_s = 25 * MIB;
    guest->max_kib = 300 * MIB;
}

static bool newcomer_never_low(const struct world *world)
{
    return world->guests[0].low_samples == 0;
}

/* ---- released once, and in one direction ---- */

static void one_frees_all(struct world *world)
{
    struct world_guest *guest = add(world, "grower", 512, 190);

    guest->rate_kib_per_s = 40 * MIB;
    guest->start_s = 6;
    guest->end_s = 60;
    guest->max_kib = 1700 * MIB;
}

static bool is_released_in_one_go(const struct world *world)
{
    const struct world_guest *guest = &world->guests[0];

    return guest->actual_kib <= 520 * MIB && guest->flips <= 1 &&
           guest->largest_step_kib <= 128 * MIB;
}

static void one_breathes(struct world *world)
{
    struct world_guest *guest = add(world, "breather", 900, 300);

    guest->rate_kib_per_s = 60 * MIB;
    guest->max_kib = 300 * MIB;
    guest->start_s = 4;
    guest->end_s = 14;
    guest->period_s = 24;
}

/* After the first lessons the memory stays where it will be needed again. */
static bool flips_fade(const struct world *world)
{
    return world->guests[0].flips <= 8 && world->failures == 0;
}

static void one_dips(struct world *world)
{
    struct world_guest *guest = add(world, "dipper", 700, 400);

    guest->noise_kib = 50 * MIB;
}

static bool few_flips(const struct world *world)
{
    return flips(world) <= 12;
}

static void grows_by_fits(struct world *world)
{
    struct world_guest *guest = add(world, "stepper", 512, 190);

    guest->rate_kib_per_s = 8 * MIB;
    guest->bursts = true;
    guest->start_s = 6;
    guest->max_kib = 1700 * MIB;
    add(world, "other", 512, 300)->noise_kib = 2 * MIB;
    world->settings.interval_s = 1;
}

static bool one_direction(const struct world *world)
{
    return flips(world) <= 1 && low_samples(world) == 0;
}

/* ---- nothing moves without a reason ---- */

static void all_rest(struct world *world)
{
    for (int i = 0; i < 4; i++)
        add(world, &"abcd"[i], 512, 200 + 30 * i)->noise_kib = 6 * MIB;
}

static bool silence(const struct world *world)
{
    for (size_t i = 0; i < world->n_guests; i++) {
        const struct world_guest *guest = &world->guests[i];
        int64_t unused = guest->actual_kib - guest->used_kib;

        if (unused < 100 * MIB || unused > 130 * MIB || guest->last_call_s > 60)
            return false;
    }
    return low_samples(world) == 0;
}

static void one_stuck_two_healthy(struct world *world)
{
    static const uint64_t floors_mib[] = {900, 600, 600};

    world->host_total_kib = 2160 * MIB;
    add(world, "stuck", 512, 200)->kind = GUEST_BALLOON_DEAD;
    add(world, "a", 450, 330);
    add(world, "b", 450, 340);
    for (int i = 0; i < 3; i++) {
        world->guests[i].policy.has_floor = true;
        world->guests[i].policy.floor_kib = floors_mib[i] * (uint64_t)MIB;
    }
}

/* The stuck guest is asked again now and then; the others have found their sizes for good. */
static bool amplitude_is_zero(const struct world *world)
{
    return world->guests[1].last_call_s < 60 && world->guests[2].last_call_s < 60 &&
           world->guests[1].actual_kib == 600 * MIB && world->guests[2].actual_kib == 600 * MIB &&
           world->guests[0].calls <= 24 && world->failures == 0;
}

static void two_compete(struct world *world)
{
    world->host_total_kib = 2400 * MIB;
    for (int i = 0; i < 2; i++) {
        struct world_guest *guest = add(world, &"pq"[i], 950, 500);

        guest->noise_kib = 30 * MIB;
        guest->policy.has_weight = true;
        guest->policy.weight = 100;
    }
    add(world, "r", 300, 180)->noise_kib = 5 * MIB;
    world->other_kib = 260 * MIB;
}

static bool few_calls(const struct world *world)
{
    return world->calls <= 20 && world->failures == 0;
}

/* ---- statistics and size belong to one instant ---- */

static void slow_balloon(struct world *world)
{
    struct world_guest *guest = add(world, "slow", 1800, 300);

    guest->report_every_s = 3.3;
    guest->speed_kib_per_s = 60 * MIB;
}

static bool never_under_its_floor(const struct world *world)
{
    return world->failures == 0 && flips(world) == 0 && low_samples(world) == 0;
}

/* ---- the host stays solvent ---- */

static void all_grow_on_a_small_host(struct world *world)
{
    world->host_total_kib = 3072 * MIB;
    for (int i = 0; i < 4; i++) {
        struct world_guest *guest = add(world, &"wxyz"[i], 512, 200);

        guest->rate_kib_per_s = 25 * MIB;
        guest->start_s = 6 + 3 * i;
        guest->max_kib = 1500 * MIB;
        guest->overhead_kib = 60 * MIB;
        guest->kind = i % 2 ? GUEST_TOUCHES_ALL : 0;
    }
}

static void a_slow_donor(struct world *world)
{
    struct world_guest *donor = add(world, "donor", 1800, 300);
    struct world_guest *grower = add(world, "grower", 512, 200);

    world->host_total_kib = 2900 * MIB;
    donor->speed_kib_per_s = 10 * MIB;
    donor->kind = GUEST_TOUCHES_ALL;
    grower->start_s = 10;
    grower->rate_kib_per_s = 60 * MIB;
    grower->max_kib = 1200 * MIB;
}

static bool is_solvent(const struct world *world)
{
    return world->failures == 0 && world->lowest_free_kib >= 200 * MIB;
}

static void others_need_memory(struct world *world)
{
    all_grow_on_a_small_host(world);
    world->host_total_kib = 3600 * MIB;
    world->other_s = 8;
    world->other_later_kib = 450 * MIB;
}

static bool reserve_is_back(const struct world *world)
{
    return world->failures == 0 && world_committed_free_kib(world) >= 200 * MIB;
}

/* Its neighbour's cache is worth less than the memory that a program needs; by default the cache's
 * owner decides. */
static void a_neighbour_with_cache(struct world *world)
{
    struct world_guest *server = add(world, "files", 1000, 200);
    struct world_guest *grower = add(world, "grower", 512, 200);

    world->settings.guest_cache_pct = 0;
    world->host_total_kib = 2100 * MIB;
    server->cache_kib = 650 * MIB;
    grower->start_s = 10;
    grower->rate_kib_per_s = 15 * MIB;
    grower->max_kib = 600 * MIB;
}

static bool program_has_all_it_needs(const struct world *world)
{
    return world->failures == 0 && world->guests[1].program_kib == 600 * MIB &&
           world->guests[1].actual_kib >= 900 * MIB;
}

static void cache_is_sacred(struct memory_settings *settings)
{
    settings->guest_cache_pct = 100;
}

/* ---- ---- */

static const struct scene SCENES[] = {
    {"growth is met ahead", one_grows, 60, never_low, without_forecast, NULL, false},
    {"a newcomer is watched before it gives", one_appears_and_grows, 60, newcomer_never_low,
     without_learning, without_direction, false},
    {"freed memory is released in even steps", one_frees_all, 120, is_released_in_one_go,
     without_step_limit, NULL, true},
    {"a guest that breathes is let breathe", one_breathes, 400, flips_fade, without_patience, NULL,
     false},
    {"a dip is not a fall", one_dips, 300, few_flips, without_slow_fall, NULL, false},
    {"one direction while it grows", grows_by_fits, 60, one_direction, without_direction, NULL,
     false},
    {"at rest nothing moves", all_rest, 900, silence, without_idle_band, NULL, false},
    {"one stuck, two healthy", one_stuck_two_healthy, 900, amplitude_is_zero, without_stuck, NULL,
     false},
    {"competitors do not trade the last MiB", two_compete, 600, few_calls, without_slow_fall,
     without_direction, false},
    {"reports about a moving size", slow_balloon, 60, never_under_its_floor, without_pairing, NULL,
     true},
    {"all grow on a small host", all_grow_on_a_small_host, 120, is_solvent, without_promises, NULL,
     true},
    {"guests need more than their memory", all_grow_on_a_small_host, 120, is_solvent,
     without_overhead, NULL, true},
    {"granted only when it has arrived", a_slow_donor, 120, is_solvent, without_phases, NULL, true},
    {"cache gives way", a_neighbour_with_cache, 120, program_has_all_it_needs, cache_is_sacred,
     NULL, false},
    {"other consumers come", others_need_memory, 120, reserve_is_back, without_promises, NULL,
     false},
};

static bool play(const struct scene *scene, bool is_ablated, bool is_told)
{
    struct world world;
    bool holds;

    world_init(&world, 11, 16384 * MIB);
    scene->make(&world);
    if (is_ablated) {
        world.without[0] = scene->without;
        world.without[1] = scene->and_without;
        world.is_ungated = scene->is_ungated;
    }
    world_run(&world, scene->until_s);
    holds = scene->holds(&world);
    if (holds != is_told) {
        print_message("%s: %u calls, %u flips, %u low samples, %s\n", scene->name, world.calls,
                      flips(&world), low_samples(&world), world.failure);
        for (size_t i = 0; i < world.n_guests; i++)
            print_message("    %c: %lld MiB, %u calls, last at %.0f s\n", world.guests[i].name[0],
                          (long long)(world.guests[i].actual_kib / MIB), world.guests[i].calls,
                          world.guests[i].last_call_s);
    }
    world_done(&world);
    return holds;
}

static void every_scene_holds(void **state)
{
    unsigned lost = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(SCENES) / sizeof(SCENES[0]); i++)
        lost += !play(&SCENES[i], false, true);
    assert_int_equal(lost, 0);
}

static void no_scene_holds_without_its_defence(void **state)
{
    unsigned idle = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(SCENES) / sizeof(SCENES[0]); i++)
        idle += play(&SCENES[i], true, false);
    assert_int_equal(idle, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scene_holds),
        cmocka_unit_test(no_scene_holds_without_its_defence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
