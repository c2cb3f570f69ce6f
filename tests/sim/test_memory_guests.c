/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/sim/balloon_world.h"

/* Guests that do not behave, each beside two that do, on a host that is short of memory once the
 * neighbour grows. Each row says which state the guest is shown in, what must hold, and what is
 * switched off or hidden so that the same run comes to grief. */

enum trick { NO_TRICK, BLIND, STOPS_AT_FAILURE };

struct row {
    const char *name;
    unsigned kind;
    enum guest_state shown; /* for at least 4 s; GUEST_OK: the whole run apart from learning */
    unsigned calls;         /* on this guest, at most */
    bool (*holds)(const struct world *world);
    void (*prepare)(struct world_guest *odd);
    ablation *without, *and_without;
    enum trick trick;
};

static const struct world_guest *odd_of(const struct world *world)
{
    return &world->guests[0];
}

static const struct world_guest *grower_of(const struct world *world)
{
    return &world->guests[2];
}

static void make(struct world *world, const struct row *row)
{
    struct world_guest *odd, *idle, *grower;

    world_init(world, 5, 3100 * MIB);
    odd = world_add(world, "odd", 2048 * MIB, 1024 * MIB);
    idle = world_add(world, "idle", 2048 * MIB, 700 * MIB);
    grower = world_add(world, "grower", 2048 * MIB, 512 * MIB);
    odd->base_kib = 300 * MIB;
    odd->noise_kib = idle->noise_kib = 2 * MIB;
    grower->rate_kib_per_s = 18 * MIB;
    grower->start_s = 12;
    grower->max_kib = 700 * MIB;
    odd->kind = row->kind;
    odd->event_s = 15;
    if (row->prepare)
        row->prepare(odd);
}

static bool is_won(const struct world *world, const struct row *row)
{
    const struct world_guest *odd = odd_of(world);
    bool is_shown =
        row->shown == GUEST_OK
            ? odd->state_s[GUEST_STUCK] + odd->state_s[GUEST_SILENT] + odd->state_s[GUEST_FIXED] ==
                  0
            : odd->state_s[row->shown] >= 4;

    return world->failures == 0 && is_shown && odd->calls <= row->calls &&
           (!row->holds || row->holds(world));
}

static void tell(const struct world *world, const struct row *row)
{
    const struct world_guest *odd = odd_of(world);

    print_message("%s: %u calls, %u low samples of the grower, states", row->name, odd->calls,
                  grower_of(world)->low_samples);
    for (enum guest_state s = GUEST_OK; s <= GUEST_FIXED; s++)
        print_message(" %s %.0f s", guest_state_text(s), odd->state_s[s]);
    print_message(", odd %lld MiB, %s\n", (long long)(odd->actual_kib / MIB), world->failure);
}

static bool run(const struct row *row, bool is_ablated, bool is_told)
{
    struct world world;
    bool won;

    make(&world, row);
    if (is_ablated) {
        world.without[0] = row->without;
        world.without[1] = row->and_without;
        world.is_blind = row->trick == BLIND;
        world.stops_at_failure = row->trick == STOPS_AT_FAILURE;
    }
    world_run(&world, 120);
    won = is_won(&world, row);
    if (won != is_told)
        tell(&world, row);
    world_done(&world);
    return won;
}

/* ---- what must hold ---- */

static bool grower_thrives(const struct world *world)
{
    return grower_of(world)->low_samples <= 1 && grower_of(world)->program_kib == 700 * MIB;
}

static bool odd_keeps_its_size(const struct world *world)
{
    return odd_of(world)->actual_kib >= 500 * MIB && odd_of(world)->actual_kib <= 1024 * MIB;
}

static bool odd_is_untouched(const struct world *world)
{
    return odd_of(world)->actual_kib == 1024 * MIB && odd_of(world)->calls == 0;
}

static bool odd_shrinks_anyway(const struct world *world)
{
    return odd_of(world)->actual_kib < 650 * MIB;
}

static bool odd_uses_the_new_memory(const struct world *world)
{
    return odd_of(world)->program_kib == odd_of(world)->max_kib;
}

static bool reserve_is_back(const struct world *world)
{
    return world_committed_free_kib(world) >= 200 * MIB;
}

static bool odd_never_helps_itself(const struct world *world)
{
    return odd_of(world)->self_deflations == 0;
}

static bool odd_boots_in_peace(const struct world *world)
{
    return odd_of(world)->first_call_after_event_s >= odd_of(world)->event_s + 13 &&
           odd_shrinks_anyway(world);
}

static bool every_step_is_tried(const struct world *world)
{
    return world->unattempted == 0 && grower_thrives(world);
}

static bool odd_never_runs_low(const struct world *world)
{
    return odd_of(world)->low_samples == 0;
}

/* ---- how the guest is prepared ---- */

static void wants_much(struct world_guest *odd)
{
    odd->policy.has_floor = true;
    odd->policy.floor_kib = 1500 * MIB;
}

static void grows_slowly(struct world_guest *odd)
{
    wants_much(odd);
    odd->speed_kib_per_s = 20 * MIB;
}

static void stops_growing_at_1100(struct world_guest *odd)
{
    wants_much(odd);
    odd->high_kib = 1100 * MIB;
}

static void stops_shrinking_at_900(struct world_guest *odd)
{
    odd->low_kib = 900 * MIB;
}

static void is_slow(struct world_guest *odd)
{
    odd->speed_kib_per_s = 8 * MIB;
}

static void is_resized_before_it_grows(struct world_guest *odd)
{
    odd->event_s = 30;
    odd->outside_kib = 540 * MIB;
    odd->start_s = 32.5;
    odd->rate_kib_per_s = 22 * MIB;
    odd->max_kib = 300 * MIB;
}

static void grows_fast(struct world_guest *odd)
{
    odd->start_s = 20;
    odd->rate_kib_per_s = 30 * MIB;
    odd->max_kib = 500 * MIB;
}

static void grows_beyond_its_maximum(struct world_guest *odd)
{
    odd->maximum_kib = 1024 * MIB;
    odd->start_s = 20;
    odd->rate_kib_per_s = 30 * MIB;
    odd->max_kib = 900 * MIB;
}

static void is_excluded(struct world_guest *odd)
{
    odd->policy.excluded = true;
}

static void is_paused_early(struct world_guest *odd)
{
    odd->event_s = 6;
}

static void reboots_late(struct world_guest *odd)
{
    odd->event_s = 40;
    odd->maximum_kib = 1200 * MIB;
}

static const struct row ROWS[] = {
    {"no balloon driver", GUEST_NO_BALLOON, GUEST_FIXED, 0, odd_is_untouched, NULL, NULL, NULL,
     BLIND},
    {"assigned device or locked memory", GUEST_LOCKED, GUEST_FIXED, 0, odd_is_untouched, NULL, NULL,
     NULL, BLIND},
    {"excluded", 0, GUEST_FIXED, 0, odd_is_untouched, is_excluded, NULL, NULL, BLIND},
    {"paused", GUEST_PAUSES, GUEST_FIXED, 20, grower_thrives, is_paused_early, NULL, NULL, BLIND},
    {"migrating", GUEST_MIGRATES, GUEST_FIXED, 20, grower_thrives, is_paused_early, NULL, NULL,
     BLIND},
    {"stuck, and asked to grow", GUEST_BALLOON_DEAD, GUEST_STUCK, 12, grower_thrives, wants_much,
     without_stuck, NULL, NO_TRICK},
    {"stuck, and asked to give", GUEST_BALLOON_DEAD, GUEST_STUCK, 12, reserve_is_back, NULL,
     without_stuck, NULL, NO_TRICK},
    {"stops moving on the way", GUEST_BALLOON_DIES, GUEST_STUCK, 16, grower_thrives, grows_slowly,
     without_stuck, NULL, NO_TRICK},
    {"slow but steady", 0, GUEST_OK, 60, odd_shrinks_anyway, is_slow, without_progress, NULL,
     NO_TRICK},
    {"moves every other time", GUEST_BALLOON_LIMPS, GUEST_OK, 60, odd_shrinks_anyway, is_slow,
     without_progress, NULL, NO_TRICK},
    {"hidden lower limit", 0, GUEST_STUCK, 12, reserve_is_back, stops_shrinking_at_900,
     without_stuck, NULL, NO_TRICK},
    {"hidden upper limit", 0, GUEST_STUCK, 16, grower_thrives, stops_growing_at_1100, without_stuck,
     NULL, NO_TRICK},
    {"obeys, then reverts", GUEST_REVERTS, GUEST_LEFT, 20, NULL, NULL, without_stuck, NULL,
     NO_TRICK},
    {"takes memory back when short", GUEST_AUTODEFLATES, GUEST_OK, 60, odd_never_helps_itself,
     grows_fast, without_forecast, NULL, NO_TRICK},
    {"no statistics", GUEST_STATS_NONE, GUEST_SILENT, 8, odd_keeps_its_size, NULL,
     without_disbelief, NULL, NO_TRICK},
    {"frozen statistics", GUEST_STATS_FROZEN | GUEST_STATS_NO_TOTAL, GUEST_SILENT, 8,
     odd_keeps_its_size, NULL, without_disbelief, NULL, NO_TRICK},
    {"frozen statistics with new times", GUEST_STATS_FROZEN_FRESH | GUEST_STATS_NO_TOTAL,
     GUEST_SILENT, 8, odd_keeps_its_size, NULL, without_disbelief, NULL, NO_TRICK},
    {"statistics of -1", GUEST_STATS_ALL_ONES, GUEST_SILENT, 8, odd_keeps_its_size, NULL,
     without_disbelief, NULL, NO_TRICK},
    {"statistics of 0", GUEST_STATS_ZERO, GUEST_SILENT, 8, odd_keeps_its_size, NULL,
     without_disbelief, NULL, NO_TRICK},
    {"more unused than it holds", GUEST_STATS_ABSURD, GUEST_SILENT, 8, odd_keeps_its_size, NULL,
     without_disbelief, NULL, NO_TRICK},
    {"statistics from the future", GUEST_STATS_FUTURE | GUEST_STATS_FROZEN | GUEST_STATS_NO_TOTAL,
     GUEST_SILENT, 8, odd_keeps_its_size, NULL, without_disbelief, NULL, NO_TRICK},
    {"resized from outside", GUEST_RESIZED, GUEST_OK, 40, odd_never_runs_low,
     is_resized_before_it_grows, without_direction, without_slow_fall, NO_TRICK},
    {"reboots", GUEST_REBOOTS, GUEST_LEARNING, 30, odd_boots_in_peace, reboots_late,
     without_direction, without_learning, NO_TRICK},
    {"vanishes between sample and apply", GUEST_VANISHES, GUEST_OK, 20, every_step_is_tried, NULL,
     NULL, NULL, STOPS_AT_FAILURE},
    {"plugged-in memory", GUEST_HOTPLUGS, GUEST_OK, 60, odd_uses_the_new_memory,
     grows_beyond_its_maximum, NULL, NULL, BLIND},
};

static void every_misbehaviour_is_survived(void **state)
{
    unsigned lost = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
        lost += !run(&ROWS[i], false, true);
    assert_int_equal(lost, 0);
}

static void every_defence_against_it_is_needed(void **state)
{
    unsigned idle = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
        idle += run(&ROWS[i], true, false);
    assert_int_equal(idle, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_misbehaviour_is_survived),
        cmocka_unit_test(every_defence_against_it_is_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
