/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/balloon_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/memory/check.h"

/* The planner's turn in the world. */

void world_init(struct world *world, uint64_t seed, int64_t host_total_kib)
{
    *world = (struct world){
        .seed = seed * 2 + 1, .host_total_kib = host_total_kib, .lowest_free_kib = host_total_kib};
    memory_settings_default(&world->settings);
}

struct world_guest *world_add(struct world *world, const char *name, int64_t maximum_kib,
                              int64_t actual_kib)
{
    struct world_guest *guest = &world->guests[world->n_guests];

    *guest = (struct world_guest){.name = name,
                                  .maximum_kib = maximum_kib,
                                  .actual_kib = actual_kib,
                                  .base_kib = 200 * MIB,
                                  .overhead_kib = 32 * MIB,
                                  .report_every_s = 1,
                                  .event_s = 1e9,
                                  .end_s = 1e9,
                                  .start_s = 1e9,
                                  .last_call_s = -1,
                                  .lowest_unused_kib = maximum_kib,
                                  .lowest_actual_kib = maximum_kib};
    /* Neither the order of the list nor of the names is the order of the UUIDs. */
    guest->uuid[0] = (unsigned char)(world->n_guests * 37 + 11);
    guest->uuid[15] = (unsigned char)world->n_guests++;
    return guest;
}

void world_done(struct world *world)
{
    memory_planner_free(world->planner);
    memory_plan_done(&world->plan);
}

void world_fail(struct world *world, const struct world_guest *guest, const char *what, int64_t a,
                int64_t b)
{
    if (world->failures++ == 0)
        snprintf(world->failure, sizeof(world->failure),
                 "at %.1f s, %s: %s (%" PRId64 " KiB, %" PRId64 " KiB)", world->now_s,
                 guest ? guest->name : "host", what, a, b);
}

static void take_sample(struct world *world, struct memory_sample *ret)
{
    struct memory_sample sample = {.at_ns = (uint64_t)(world->now_s * 1e9) + 1000000000,
                                   .host_total_kib = (uint64_t)world->host_total_kib};
    int64_t free_kib = world_free_kib(world);

    sample.host_free_kib = sample.host_available_kib = free_kib > 0 ? (uint64_t)free_kib : 0;
    sample.guests = calloc(world->n_guests + 1, sizeof(*sample.guests));
    for (size_t i = 0; i < world->n_guests; i++) {
        if (!world->guests[i].gone)
            world_read(world, &world->guests[i], &sample.guests[sample.n_guests++]);
    }
    memory_sample_sort(&sample);
    *ret = sample;
}

static struct world_guest *find(struct world *world, const struct guest_id *id)
{
    for (size_t i = 0; i < world->n_guests; i++) {
        if (memcmp(world->guests[i].uuid, id->uuid, sizeof(id->uuid)) == 0)
            return &world->guests[i];
    }
    abort();
}

static void apply(struct world *world, const struct balloon_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct world_guest *guest = find(world, &steps[i].guest);

        if (world_set_balloon(world, guest, (int64_t)steps[i].to_kib) < 0)
            memory_planner_retract(world->planner, &steps[i].guest);
        if (guest->gone && world->stops_at_failure) {
            world->unattempted += (unsigned)(n - i - 1);
            return;
        }
    }
}

static void note_states(struct world *world)
{
    for (size_t i = 0; i < world->plan.n_places; i++) {
        struct world_guest *guest = find(world, &world->plan.places[i].guest);

        guest->state = world->plan.places[i].state;
        guest->state_s[guest->state] += world->settings.interval_s;
    }
}

static void vanish(struct world *world)
{
    for (size_t i = 0; i < world->n_guests; i++) {
        struct world_guest *guest = &world->guests[i];

        if ((guest->kind & GUEST_VANISHES) && world->now_s >= guest->event_s)
            guest->gone = true;
    }
}

static struct memory_planner *new_planner(const struct world *world)
{
    struct memory_settings settings = world->settings;

    /* cppcheck-suppress sizeofDereferencedVoidPointer ; they are pointers to functions */
    for (size_t i = 0; i < sizeof(world->without) / sizeof(world->without[0]); i++) {
        if (world->without[i])
            world->without[i](&settings);
    }
    return memory_planner_new(&settings);
}

/* As the agent does it: what the checker refuses is not applied. */
static void pass_the_gate(struct world *world, const struct memory_sample *sample)
{
    struct err refusal = {0};

    if (world->is_ungated || memory_check(&world->settings, sample, &world->plan, &refusal) == 0)
        return;
    memory_planner_retract(world->planner, NULL);
    memory_plan_hold(&world->plan, VERDICT_HOLD_UNSAFE, refusal.text);
    if (world->unsafe_plans++ == 0 && !world->is_checked_only)
        world_fail(world, NULL, refusal.text, 0, 0);
}

static void plan_and_apply(struct world *world)
{
    struct memory_sample sample;
    struct err err = {0};

    if (!world->planner)
        world->planner = new_planner(world);
    take_sample(world, &sample);
    vanish(world);
    memory_plan_done(&world->plan);
    if (memory_planner_step(world->planner, &sample, &world->plan, &err) < 0) {
        world_fail(world, NULL, err.text, 0, 0);
    } else {
        if (world->plan.gap != 0)
            world_fail(world, NULL, "a plan with a gap", 0, 0);
        pass_the_gate(world, &sample);
        apply(world, world->plan.reclaims, world->plan.n_reclaims);
        apply(world, world->plan.grants, world->plan.n_grants);
        note_states(world);
    }
    memory_sample_done(&sample);
}

void world_run(struct world *world, double until_s)
{
    const double step_s = 0.1;

    while (world->now_s < until_s) {
        world_move(world, step_s);
        world->now_s += step_s;
        if (world->now_s + step_s / 2 >= world->next_tick_s) {
            world->next_tick_s += world->settings.interval_s;
            plan_and_apply(world);
        }
    }
}
