/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/bursts.h"

#include <math.h>

#include "agent/simulated/cpu.h"

/* A burst takes so many parts of a step: shares of a pCPU change from one to the next only. */
static const double parts_per_burst = 20;

/* How long bursts and sleeps are does not matter for how much is waited, only their means: evenly
 * spread between 0 and twice that, which is the same on every machine. */
static double around_one(struct vcpu_state *vcpu)
{
    return 2 * random_uniform(&vcpu->random);
}

void bursts_begin(struct simulated *world)
{
    for (size_t v = 0; v < world->n_vcpus && world->scenario.burst_ns > 0; v++)
        world->vcpus[v].turn_left = around_one(&world->vcpus[v]);
}

/* A kernel that finds an idle pCPU at once, and an idle core before that. */
static void seek_room(struct simulated *world, struct vcpu_state *vcpu)
{
    double crowd = cpu_crowd(world, vcpu->pcpu);
    size_t to;

    if (crowd <= 1 || vcpu->n_allowed == 1)
        return;
    to = cpu_least_loaded(world, vcpu);
    if (to < world->n_pcpus && cpu_crowd(world, to) < crowd - vcpu->claim - 1e-6)
        cpu_move(world, vcpu, to);
}

/* The most that its own quota lets it have. */
static double most(const struct simulated *world, const struct vcpu_state *vcpu)
{
    double quota = world->guests[vcpu->guest].quota;

    return quota > 0 && !vcpu->is_helper ? quota : 1;
}

static void wake(struct simulated *world, struct vcpu_state *vcpu)
{
    struct pcpu_state *pcpu;

    vcpu->works = true;
    vcpu->turn_left = world->scenario.burst_ns * around_one(vcpu);
    vcpu->claim = most(world, vcpu);
    world->pcpus[vcpu->pcpu].load += vcpu->claim;
    seek_room(world, vcpu);
    pcpu = &world->pcpus[vcpu->pcpu];
    vcpu->rate = pcpu->load > 1 ? fmin(vcpu->claim, 1 / pcpu->load) : vcpu->claim;
}

static void fall_asleep(struct simulated *world, struct vcpu_state *vcpu)
{
    world->pcpus[vcpu->pcpu].load -= vcpu->claim;
    vcpu->works = false;
    vcpu->claim = 0;
    vcpu->turn_left = around_one(vcpu);
}

/* What it would use where it is if it never waited: the same work takes longer on a slow pCPU, and
 * sleep does not. */
static double alone(const struct simulated *world, const struct vcpu_state *vcpu)
{
    double speed = cpu_speed(world, vcpu);

    return vcpu->now > 0 ? vcpu->now / (vcpu->now + (1 - vcpu->now) * speed) : 0;
}

/* Works on; returns how much of the time it took. */
static double work(struct simulated *world, struct vcpu_state *vcpu, double left_ns)
{
    struct pcpu_state *pcpu = &world->pcpus[vcpu->pcpu];
    double speed = vcpu->rate * cpu_speed(world, vcpu);
    double ns = fmin(left_ns, vcpu->turn_left / speed);
    bool ends = vcpu->turn_left <= speed * left_ns;

    cpu_ran(world, vcpu, vcpu->rate * ns);
    vcpu->delay_ns += (1 - vcpu->rate) * ns;
    pcpu->busy_ns += vcpu->rate * ns;
    vcpu->turn_left -= speed * ns;
    cpu_count(world, vcpu, 0, vcpu->rate * ns);
    if (ends)
        fall_asleep(world, vcpu);
    return ns;
}

/* Sleep is counted in its own mean, so that another demand holds at once. */
static double sleep_on(struct simulated *world, struct vcpu_state *vcpu, double left_ns)
{
    double mean_ns = world->scenario.burst_ns * (1 - vcpu->now) / vcpu->now;
    double ns = fmin(left_ns, vcpu->turn_left * mean_ns);
    bool ends = vcpu->turn_left * mean_ns <= left_ns;

    if (ends)
        wake(world, vcpu);
    else
        vcpu->turn_left -= ns / mean_ns;
    return ns;
}

static void run(struct simulated *world, struct vcpu_state *vcpu, double part_ns)
{
    double left_ns = part_ns;

    if (!cpu_is_running(world, vcpu))
        return;
    cpu_count(world, vcpu, fmin(alone(world, vcpu), most(world, vcpu)) * part_ns, 0);
    while (left_ns > 0) {
        if (vcpu->works)
            left_ns -= work(world, vcpu, left_ns);
        else if (vcpu->now <= 0)
            return;
        else
            left_ns -= sleep_on(world, vcpu, left_ns);
    }
}

/* Who wants to run claims all that its quotas let it have. */
static void claim(struct simulated *world)
{
    for (size_t p = 0; p < world->n_pcpus; p++)
        world->pcpus[p].load = cpu_background(&world->pcpus[p]);
    for (size_t v = 0; v < world->n_vcpus; v++) {
        struct vcpu_state *vcpu = &world->vcpus[v];
        bool runs = cpu_is_running(world, vcpu);

        vcpu->now = runs ? fmin(fmax(vcpu->demand + vcpu->noise * vcpu->drift, 0), 1) : 0;
        vcpu->claim = runs && vcpu->works;
    }
    for (size_t g = 0; g < world->n_guests; g++)
        cpu_limit(world, g);
}

/* Who may go to few pCPUs takes his first, and who may go elsewhere makes room: those with masks of
 * the same size see each other's claims and those of smaller ones. Returns where the next size
 * begins. */
static size_t place_alike(struct simulated *world, size_t first)
{
    size_t n_allowed = world->vcpus[world->by_allowed[first]].n_allowed, end = first;

    for (; end < world->n_vcpus && world->vcpus[world->by_allowed[end]].n_allowed == n_allowed;
         end++) {
        const struct vcpu_state *vcpu = &world->vcpus[world->by_allowed[end]];

        world->pcpus[vcpu->pcpu].load += vcpu->claim;
    }
    for (size_t k = first; k < end; k++) {
        struct vcpu_state *vcpu = &world->vcpus[world->by_allowed[k]];

        cpu_place(world, vcpu);
        if (vcpu->claim > 0)
            seek_room(world, vcpu);
    }
    return end;
}

static void part(struct simulated *world, double part_ns)
{
    claim(world);
    for (size_t k = 0; k < world->n_vcpus;)
        k = place_alike(world, k);
    cpu_find_levels(world);
    cpu_find_speeds(world);
    for (size_t p = 0; p < world->n_pcpus; p++) {
        struct pcpu_state *pcpu = &world->pcpus[p];

        pcpu->busy_ns += fmin(cpu_background(pcpu), pcpu->level) * part_ns;
    }
    for (size_t v = 0; v < world->n_vcpus; v++) {
        struct vcpu_state *vcpu = &world->vcpus[v];

        vcpu->rate = fmin(vcpu->claim, world->pcpus[vcpu->pcpu].level);
    }
    for (size_t v = 0; v < world->n_vcpus; v++)
        run(world, &world->vcpus[v], part_ns);
}

/* Few change from one step to the next. Without a shape all are alike. */
static void sort_by_allowed(struct simulated *world)
{
    for (size_t v = 0; v < world->n_vcpus && world->scenario.topology; v++)
        world->vcpus[v].n_allowed = cpuset_count(&world->vcpus[v].affinity);
    for (size_t k = 1; k < world->n_vcpus; k++) {
        size_t at = k, v = world->by_allowed[k];

        for (; at > 0 &&
               world->vcpus[world->by_allowed[at - 1]].n_allowed > world->vcpus[v].n_allowed;
             at--)
            world->by_allowed[at] = world->by_allowed[at - 1];
        world->by_allowed[at] = v;
    }
}

void bursts_step(struct simulated *world, double step_ns)
{
    int n = (int)ceil(step_ns * parts_per_burst / world->scenario.burst_ns);

    sort_by_allowed(world);
    for (int k = 0; k < n; k++)
        part(world, step_ns / n);
}
