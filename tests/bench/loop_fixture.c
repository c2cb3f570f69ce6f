/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/loop_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/trace_rules.h"

enum { MEAN_LOAD_PCT = 60, BURST_INTERVALS = 100, BURST_SHARE = 8 };
static const double PERSISTENCE = 0.7, CHANGE = 0.005, INTERVAL_NS = 2e9;

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n, size);

    if (!p)
        abort();
    return p;
}

static double new_level(struct world *world)
{
    double mean = MEAN_LOAD_PCT / 100.0 * world->m / world->n;

    return 2 * mean * random_unit(&world->random);
}

struct world world_new(int n, int m, double noise, uint64_t seed)
{
    struct world world = {.n = n,
                          .m = m,
                          .noise = noise,
                          .level = zeroed((size_t)n, sizeof(double)),
                          .wander = zeroed((size_t)n, sizeof(double)),
                          .demand = zeroed((size_t)n, sizeof(double)),
                          .place = zeroed((size_t)n, sizeof(int)),
                          .ran_ns = zeroed((size_t)n, sizeof(uint64_t)),
                          .waited_ns = zeroed((size_t)n, sizeof(uint64_t)),
                          .random = {.state = seed}};

    for (int i = 0; i < n; i++) {
        world.level[i] = new_level(&world);
        world.wander[i] = noise * random_standard_normal(&world.random);
        world.place[i] = random_between(&world.random, 0, m - 1);
    }
    return world;
}

void world_done(struct world *world)
{
    free(world->level);
    free(world->wander);
    free(world->demand);
    free(world->place);
    free(world->ran_ns);
    free(world->waited_ns);
}

static void change_levels(struct world *world)
{
    bool is_burst = world->interval % BURST_INTERVALS == 0;
    double share = is_burst ? 1.0 / BURST_SHARE : CHANGE;

    for (int i = 0; i < world->n; i++) {
        double fresh = sqrt(1 - PERSISTENCE * PERSISTENCE) * world->noise;

        if (random_unit(&world->random) < share)
            world->level[i] = new_level(world);
        world->wander[i] =
            PERSISTENCE * world->wander[i] + fresh * random_standard_normal(&world->random);
        world->demand[i] = fmax(0.001, fmin(1, world->level[i] * (1 + world->wander[i])));
    }
}

static double load_of(const struct world *world, int p)
{
    double load = 0;

    for (int i = 0; i < world->n; i++)
        load += world->place[i] == p ? world->demand[i] : 0;
    return load;
}

/* The share of a full pCPU that none of its vCPUs exceeds: max-min fair, by bisection. */
static double fair_share(const struct world *world, int p)
{
    double low = 0, high = 1;

    for (int step = 0; step < 40; step++) {
        double middle = (low + high) / 2, used = 0;

        for (int i = 0; i < world->n; i++)
            used += world->place[i] == p ? fmin(world->demand[i], middle) : 0;
        *(used > 1 ? &high : &low) = middle;
    }
    return low;
}

void world_advance(struct world *world)
{
    world->interval++;
    change_levels(world);
    for (int p = 0; p < world->m; p++) {
        double share = load_of(world, p) > 1 ? fair_share(world, p) : 1;

        for (int i = 0; i < world->n; i++) {
            double used = fmin(world->demand[i], share);

            if (world->place[i] != p)
                continue;
            world->ran_ns[i] += (uint64_t)(INTERVAL_NS * used);
            world->waited_ns[i] += (uint64_t)(INTERVAL_NS * (1 - used / world->demand[i]));
        }
    }
}

struct vcpu_sample world_sample(const struct world *world)
{
    struct vcpu_sample sample = {.at_ns = (uint64_t)INTERVAL_NS * (world->interval + 1),
                                 .n_pcpus = (size_t)world->m,
                                 .n_vcpus = (size_t)world->n};
    struct cpuset all = {0};

    sample.pcpus = zeroed(sample.n_pcpus, sizeof(*sample.pcpus));
    sample.vcpus = zeroed(sample.n_vcpus, sizeof(*sample.vcpus));
    for (unsigned p = 0; p < (unsigned)world->m; p++) {
        sample.pcpus[p].id = p;
        cpuset_add(&all, p);
    }
    for (int i = 0; i < world->n; i++) {
        struct vcpu_reading *reading = &sample.vcpus[i];

        reading->guest.uuid[0] = (unsigned char)(i >> 8); /* in the order of the indices */
        reading->guest.uuid[1] = (unsigned char)i;
        snprintf(reading->guest.name, sizeof(reading->guest.name), "guest%d", i);
        reading->running = true;
        reading->cpu_time_ns = world->ran_ns[i];
        reading->delay_ns = world->waited_ns[i];
        reading->has_delay = true;
        reading->allowed = all;
        cpuset_add(&reading->affinity, (unsigned)world->place[i]);
    }
    vcpu_sample_sort(&sample);
    return sample;
}

static void world_pin(struct world *world, const struct vcpu_pin *pin)
{
    world->place[pin->guest.uuid[0] << 8 | pin->guest.uuid[1]] = (int)pin->to_place;
}

int world_obey(struct world *world, struct vcpu_planner *planner, enum placement_method *method)
{
    struct vcpu_sample sample = world_sample(world);
    struct vcpu_plan plan;
    int moves;

    if (vcpu_planner_step(planner, &sample, &plan, NULL) < 0)
        abort();
    moves = (int)plan.n_pins;
    *method = plan.method;
    for (size_t k = 0; k < plan.n_pins; k++)
        world_pin(world, &plan.pins[k]);
    vcpu_plan_done(&plan);
    vcpu_sample_done(&sample);
    return moves;
}

static double mean_load(const struct world *world)
{
    double total = 0;

    for (int i = 0; i < world->n; i++)
        total += world->demand[i];
    return total / world->m;
}

double world_sigma(const struct world *world)
{
    double mean = mean_load(world), squares = 0;

    for (int p = 0; p < world->m; p++)
        squares += pow(load_of(world, p) - mean, 2);
    return 100 * sqrt(squares / world->m);
}

double world_deviation(const struct world *world)
{
    double mean = mean_load(world), largest = 0;

    for (int p = 0; p < world->m; p++)
        largest = fmax(largest, fabs(load_of(world, p) - mean));
    return 100 * largest;
}

int world_replace_from_scratch(struct world *world)
{
    return rule_longest_first(world->n, world->m, world->demand, world->place);
}
