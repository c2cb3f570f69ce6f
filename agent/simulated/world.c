/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/world.h"

#include <math.h>
#include <stdlib.h>

#include "agent/simulated/bursts.h"
#include "agent/simulated/cpu.h"
#include "agent/simulated/events.h"
#include "agent/simulated/guest_life.h"
#include "agent/simulated/guest_report.h"
#include "agent/simulated/host_memory.h"
#include "agent/simulated/load_play.h"
#include "agent/simulated/memory.h"
#include "agent/simulated/shape.h"

static const uint64_t noise_period_ns = 250000000;
enum { STEPS_PER_QUESTION = 32 }; /* of the largest hosts in a tenth of a second */

static struct vcpu_state *add_thread(struct simulated *world, size_t g)
{
    const struct scenario_guest *spec = world->guests[g].spec;
    struct vcpu_state *vcpu = &world->vcpus[world->n_vcpus];

    *vcpu = (struct vcpu_state){
        .guest = g,
        .online = true,
        .demand = spec->pct / 100,
        .noise = spec->noise_pct / 100,
        .affinity = spec->affinity,
        .pcpu = world->n_vcpus % world->n_pcpus,
        .random = random_stream(world->scenario.seed, 1000000 + world->n_vcpus),
    };
    world->n_vcpus++;
    return vcpu;
}

static void add_vcpus(struct simulated *world, size_t g)
{
    const struct scenario_guest *spec = world->guests[g].spec;

    for (unsigned n = 0; n < spec->vcpus; n++) {
        struct vcpu_state *vcpu = add_thread(world, g);

        vcpu->number = n;
        vcpu->online = n < spec->vcpus_online;
    }
}

static void add_helpers(struct simulated *world, size_t g)
{
    const struct scenario_guest *spec = world->guests[g].spec;

    for (size_t n = 0; n <= spec->n_iothreads; n++) {
        double pct = n ? spec->iothread_pct[n - 1] : spec->helpers_pct;
        struct vcpu_state *helper;

        if (n == 0 && pct <= 0)
            continue;
        helper = add_thread(world, g);
        helper->is_helper = true;
        helper->number = (unsigned)n;
        helper->demand = pct / 100;
        helper->noise = 0;
        helper->affinity = spec->helpers_affinity;
    }
}

static void add_guest(struct simulated *world, size_t g)
{
    const struct scenario_guest *spec = &world->scenario.guests[g];
    struct guest_state_now *guest = &world->guests[g];

    *guest = (struct guest_state_now){
        .spec = spec,
        .first_vcpu = world->n_vcpus,
        .run = 1,
        .quota = spec->quota_pct / 100,
        .guest_quota = spec->guest_quota_pct / 100,
        .plugged_kib = spec->plugged_kib,
        .maximum_kib = spec->maximum_kib + spec->plugged_kib,
        .actual_kib = spec->actual_kib,
        .touched_kib = spec->touched_kib,
        .balloon = {.manner = spec->balloon,
                    .target_kib = spec->actual_kib,
                    .reverts_to_kib = spec->actual_kib},
        .random = random_stream(world->scenario.seed, 1 + g),
        .lowest_actual_kib = INFINITY,
        .lowest_unused_kib = INFINITY,
    };
    /* Guests do not tell in step with each other. */
    guest->next_report_ns = (uint64_t)(1e9 * random_uniform(&guest->random));
    add_vcpus(world, g);
    if (spec->present)
        guest_life_boot(world, guest, 0);
    guest_report_now(world, guest);
}

static void add_pcpus(struct simulated *world)
{
    const struct scenario *scenario = &world->scenario;

    for (unsigned id = cpuset_next(&scenario->present, 0); id < CPUSET_SIZE;
         id = cpuset_next(&scenario->present, id + 1))
        world->pcpus[world->n_pcpus++] = (struct pcpu_state){
            .id = id,
            .online = cpuset_has(&scenario->online, id),
            .speed = cpuset_has(&scenario->slow, id) ? scenario->slow_pct / 100 : 1,
            .background = scenario->background_pct / 100,
            .background_noise = scenario->background_noise_pct / 100,
            .level = 1,
            .thread_speed = 1,
        };
}

static void fill(struct simulated *world)
{
    world->random = random_stream(world->scenario.seed, 0);
    world->other_kib = world->scenario.other_kib;
    world->host_cache_kib = world->scenario.host_cache_kib;
    world->lowest_free_kib = world->lowest_committed_kib = INFINITY;
    add_pcpus(world);
    for (size_t g = 0; g < world->scenario.n_guests; g++) {
        if (world->scenario.guests[g].is_program)
            continue;
        add_guest(world, g);
        world->n_guests++;
    }
    world->n_true_guests = world->n_guests;
    world->n_guest_vcpus = world->n_vcpus;
    for (size_t g = 0; g < world->n_true_guests; g++)
        add_helpers(world, g);
    for (size_t g = world->n_true_guests; g < world->scenario.n_guests; g++) {
        add_guest(world, g);
        world->n_guests++;
    }
    for (size_t v = 0; v < world->n_vcpus; v++)
        world->by_allowed[v] = v;
}

struct simulated *world_new(struct scenario *scenario)
{
    struct simulated *world = calloc(1, sizeof(*world));
    size_t n_vcpus = 0;

    if (!world) {
        scenario_done(scenario);
        return NULL;
    }
    world->scenario = *scenario;
    *scenario = (struct scenario){0};
    for (size_t g = 0; g < world->scenario.n_guests; g++)
        n_vcpus += world->scenario.guests[g].vcpus + 1 + world->scenario.guests[g].n_iothreads;
    world->pcpus = calloc(cpuset_count(&world->scenario.present), sizeof(*world->pcpus));
    world->vcpus = calloc(n_vcpus + 1, sizeof(*world->vcpus));
    world->claims = calloc(n_vcpus + 1, sizeof(*world->claims));
    world->by_allowed = calloc(n_vcpus + 1, sizeof(*world->by_allowed));
    world->guests = calloc(world->scenario.n_guests + 1, sizeof(*world->guests));
    if (!world->pcpus || !world->vcpus || !world->claims || !world->by_allowed || !world->guests) {
        world_free(world);
        return NULL;
    }
    fill(world);
    bursts_begin(world);
    if (shape_begin(world) < 0 || load_play_begin(world) < 0) {
        world_free(world);
        return NULL;
    }
    return world;
}

void world_free(struct simulated *world)
{
    if (!world)
        return;
    load_play_end(world);
    scenario_done(&world->scenario);
    free(world->pcpus);
    free(world->vcpus);
    free(world->claims);
    free(world->by_allowed);
    free(world->remote);
    free(world->guests);
    free(world);
}

static void events_until_now(struct simulated *world)
{
    const struct scenario *scenario = &world->scenario;

    while (world->next_event < scenario->n_events &&
           scenario->events[world->next_event].at_ns <= world->now_ns)
        events_happen(world, &scenario->events[world->next_event++]);
}

static void watch(struct simulated *world)
{
    while (world->watch && world->next_watch_ns <= world->now_ns) {
        world->next_watch_ns += world->watch_period_ns;
        world->watch(world->watch_arg, world);
    }
}

static void step(struct simulated *world, uint64_t step_ns)
{
    if (world->now_ns >= world->next_noise_ns) {
        cpu_noise(world);
        world->next_noise_ns += noise_period_ns;
    }
    load_play_step(world);
    cpu_step(world, (double)step_ns);
    world->now_ns += step_ns;
    for (size_t g = 0; g < world->n_guests; g++) {
        memory_step(world, &world->guests[g], (double)step_ns / 1e9);
        guest_report_step(world, &world->guests[g]);
    }
    host_memory_step(world);
}

void world_advance(struct simulated *world, uint64_t until_ns)
{
    events_until_now(world);
    for (unsigned n = 1; world->now_ns < until_ns; n++) {
        uint64_t left = until_ns - world->now_ns;

        if (n % STEPS_PER_QUESTION == 0 && stop_is_asked(world->stop))
            return;

        step(world, left < world->scenario.step_ns ? left : world->scenario.step_ns);
        watch(world);
        events_until_now(world);
    }
}
