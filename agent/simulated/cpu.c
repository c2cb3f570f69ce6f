/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/cpu.h"

#include <math.h>

#include "agent/simulated/bursts.h"

/* Shares of one pCPU. A program that computes and sleeps by turns uses min(demand, fair share):
 * when it waits, it does not catch up later. With r of running, s of sleep and w of waiting its
 * usage is r / (r + s + w), its demand r / (r + s), its delay w / (r + s + w) = 1 - usage /
 * demand. */

bool cpu_is_running(const struct simulated *world, const struct vcpu_state *vcpu)
{
    const struct guest_state_now *guest = &world->guests[vcpu->guest];

    return guest->present && !guest->paused && vcpu->online;
}

/* Slow noise that forgets within about a second: independent draws would average out within one
 * interval, and then no controller would ever see any. Called every 250 ms. */
static double drift(double before, struct random *random)
{
    const double keep = 0.78; /* exp(-0.25 s / 1 s) */

    return keep * before + sqrt(1 - keep * keep) * random_normal(random);
}

void cpu_noise(struct simulated *world)
{
    for (size_t v = 0; v < world->n_vcpus; v++) {
        struct vcpu_state *vcpu = &world->vcpus[v];

        vcpu->drift = drift(vcpu->drift, &vcpu->random);
    }
    for (size_t p = 0; p < world->n_pcpus; p++)
        world->pcpus[p].drift = drift(world->pcpus[p].drift, &world->random);
}

double cpu_background(const struct pcpu_state *pcpu)
{
    return fmin(fmax(pcpu->background + pcpu->background_noise * pcpu->drift, 0), 1);
}

static bool may_run(const struct simulated *world, const struct vcpu_state *vcpu, size_t p)
{
    return world->pcpus[p].online && cpuset_has(&vcpu->affinity, world->pcpus[p].id);
}

double cpu_speed(const struct simulated *world, const struct vcpu_state *vcpu)
{
    const struct pcpu_state *pcpu = &world->pcpus[vcpu->pcpu];

    return pcpu->speed * pcpu->thread_speed /
           (1 + world->remote[vcpu->guest * world->n_nodes + pcpu->node].cost);
}

/* Load of the other threads of a pCPU's core, in busy threads. */
static double beside(const struct simulated *world, size_t pcpu)
{
    double busy = 0;

    for (size_t p = world->pcpus[pcpu].next_sibling; p != pcpu; p = world->pcpus[p].next_sibling)
        busy += fmin(world->pcpus[p].load, 1);
    return busy;
}

/* Half: an idle core is better than an idle thread, and that is better than a busy pCPU. */
double cpu_crowd(const struct simulated *world, size_t pcpu)
{
    return world->pcpus[pcpu].load + 0.5 * beside(world, pcpu);
}

size_t cpu_least_loaded(const struct simulated *world, const struct vcpu_state *vcpu)
{
    size_t best = world->n_pcpus;
    double least = INFINITY;

    for (size_t p = 0; p < world->n_pcpus; p++) {
        double crowd;

        if (world->pcpus[p].load >= least || !may_run(world, vcpu, p))
            continue;
        crowd = cpu_crowd(world, p);
        if (crowd < least) {
            least = crowd;
            best = p;
        }
    }
    return best;
}

void cpu_move(struct simulated *world, struct vcpu_state *vcpu, size_t to)
{
    world->pcpus[vcpu->pcpu].load -= vcpu->claim;
    world->pcpus[to].load += vcpu->claim;
    vcpu->pcpu = to;
}

/* Linux breaks an affinity whose pCPUs are all offline and runs the thread anywhere. */
void cpu_place(struct simulated *world, struct vcpu_state *vcpu)
{
    size_t to;

    if (may_run(world, vcpu, vcpu->pcpu))
        return;
    to = cpu_least_loaded(world, vcpu);
    if (to == world->n_pcpus)
        for (to = 0; to < world->n_pcpus - 1 && !world->pcpus[to].online; to++)
            ;
    cpu_move(world, vcpu, to);
}

/* What the kernel does with a vCPU that may run on several pCPUs: pull it where there is clearly
 * less to do, often but not always, and every other second wake it elsewhere for no good reason.
 * Every 100 ms. */
static void balance(struct simulated *world, struct vcpu_state *vcpu)
{
    double chance = random_uniform(&vcpu->random);
    size_t to;

    if (chance > 0.35)
        return;
    to = chance < 0.05 ? (size_t)(random_uniform(&vcpu->random) * (double)world->n_pcpus)
                       : cpu_least_loaded(world, vcpu);
    if (chance >= 0.05 && (to == world->n_pcpus || cpu_crowd(world, vcpu->pcpu) - vcpu->claim <=
                                                       cpu_crowd(world, to) + 0.1))
        return;
    if (may_run(world, vcpu, to))
        cpu_move(world, vcpu, to);
}

/* Quotas stop threads whether pCPUs are free or not. What a whole guest may have, its threads share
 * by what they want. */
void cpu_limit(struct simulated *world, size_t g)
{
    const struct guest_state_now *guest = &world->guests[g];
    double sum = 0;

    if (guest->quota <= 0 && guest->guest_quota <= 0)
        return;
    for (size_t v = 0; v < world->n_vcpus; v++) {
        struct vcpu_state *vcpu = &world->vcpus[v];

        if (vcpu->guest != g)
            continue;
        if (guest->quota > 0 && !vcpu->is_helper)
            vcpu->claim = fmin(vcpu->claim, guest->quota);
        sum += vcpu->claim;
    }
    if (guest->guest_quota <= 0 || sum <= guest->guest_quota)
        return;
    for (size_t v = 0; v < world->n_vcpus; v++) {
        if (world->vcpus[v].guest == g)
            world->vcpus[v].claim *= guest->guest_quota / sum;
    }
}

static void demands(struct simulated *world)
{
    for (size_t p = 0; p < world->n_pcpus; p++)
        world->pcpus[p].load = cpu_background(&world->pcpus[p]);
    for (size_t v = 0; v < world->n_vcpus; v++) {
        struct vcpu_state *vcpu = &world->vcpus[v];
        double noisy = vcpu->demand + vcpu->noise * vcpu->drift;

        noisy /= cpu_speed(world, vcpu);
        vcpu->now = cpu_is_running(world, vcpu) ? fmin(fmax(noisy, 0), 1) : 0;
        vcpu->claim = vcpu->now;
    }
    for (size_t g = 0; g < world->n_guests; g++)
        cpu_limit(world, g);
    for (size_t v = 0; v < world->n_vcpus; v++)
        world->pcpus[world->vcpus[v].pcpu].load += world->vcpus[v].claim;
}

/* Water filling: the largest share that, given to everyone who wants at least that much, does not
 * exceed the pCPU. claims is sorted in place. */
static double water_level(double *claims, size_t n)
{
    double left = 1;

    for (size_t i = 1; i < n; i++) {
        double claim = claims[i];
        size_t at = i;

        for (; at > 0 && claims[at - 1] > claim; at--)
            claims[at] = claims[at - 1];
        claims[at] = claim;
    }
    for (size_t i = 0; i < n; i++) {
        double share = left / (double)(n - i);

        if (claims[i] > share)
            return share;
        left -= claims[i];
    }
    return 1;
}

/* Only a crowded pCPU needs the sort: elsewhere everyone gets what it wants. */
void cpu_find_levels(struct simulated *world)
{
    for (size_t p = 0; p < world->n_pcpus; p++) {
        struct pcpu_state *pcpu = &world->pcpus[p];
        double rest = pcpu->load;
        size_t n = 0;

        pcpu->level = 1;
        if (pcpu->load <= 1)
            continue;
        for (size_t v = 0; v < world->n_vcpus; v++)
            if (world->vcpus[v].pcpu == p && world->vcpus[v].claim > 0) {
                world->claims[n++] = world->vcpus[v].claim;
                rest -= world->vcpus[v].claim;
            }
        world->claims[n++] = fmax(rest, 0); /* the background competes like everyone else */
        pcpu->level = water_level(world->claims, n);
    }
}

/* So much of a core's work each of its busy threads does. In between, a thread is busy for a part of
 * the time. */
static double share_of_core(double threads, double sibling_share)
{
    double low = floor(threads), high = ceil(threads), part = threads - low;
    double at_low = (1 + sibling_share * (low - 1)) / low;
    double at_high = (1 + sibling_share * (high - 1)) / high;

    return at_low + part * (at_high - at_low);
}

void cpu_find_speeds(struct simulated *world)
{
    for (size_t p = 0; p < world->n_pcpus; p++) {
        if (world->pcpus[p].next_sibling != p)
            world->pcpus[p].thread_speed =
                share_of_core(1 + beside(world, p), world->scenario.sibling_pct / 100);
    }
}

void cpu_ran(struct simulated *world, struct vcpu_state *vcpu, double ns)
{
    const struct pcpu_state *pcpu = &world->pcpus[vcpu->pcpu];

    vcpu->time_ns += ns;
    vcpu->work_ns += ns * cpu_speed(world, vcpu);
    vcpu->remote_ns += ns * world->remote[vcpu->guest * world->n_nodes + pcpu->node].share;
}

void cpu_count(struct simulated *world, const struct vcpu_state *vcpu, double wanted_ns,
               double served_ns)
{
    if ((size_t)(vcpu - world->vcpus) >= world->n_guest_vcpus)
        return;
    world->wanted_ns += wanted_ns;
    world->served_ns += served_ns;
}

static void run(struct simulated *world, double step_ns)
{
    for (size_t p = 0; p < world->n_pcpus; p++)
        world->pcpus[p].busy_ns += fmin(world->pcpus[p].load, 1) * step_ns;
    for (size_t v = 0; v < world->n_vcpus; v++) {
        struct vcpu_state *vcpu = &world->vcpus[v];
        double used = fmin(vcpu->claim, world->pcpus[vcpu->pcpu].level);

        cpu_count(world, vcpu, vcpu->claim * step_ns, used * step_ns);
        cpu_ran(world, vcpu, used * step_ns);
        if (used < vcpu->now)
            vcpu->delay_ns += (1 - used / vcpu->now) * step_ns;
    }
}

/* Programs that go where pins went, a second behind them. */
static void follow(struct simulated *world)
{
    if (!world->follow_ns || world->now_ns < world->follow_ns)
        return;
    world->follow_ns = 0;
    for (size_t v = world->n_guest_vcpus; v < world->n_vcpus; v++) {
        struct vcpu_state *vcpu = &world->vcpus[v];

        if (!world->guests[vcpu->guest].spec->follows)
            continue;
        vcpu->affinity = (struct cpuset){0};
        cpuset_add(&vcpu->affinity, world->pcpus[world->last_pin].id);
    }
}

void cpu_step(struct simulated *world, double step_ns)
{
    follow(world);
    if (world->scenario.burst_ns > 0) {
        bursts_step(world, step_ns);
        return;
    }
    demands(world);
    for (size_t v = 0; v < world->n_vcpus; v++)
        cpu_place(world, &world->vcpus[v]);
    if (world->now_ns >= world->next_balance_ns) {
        for (size_t v = 0; v < world->n_vcpus; v++)
            balance(world, &world->vcpus[v]);
        world->next_balance_ns = world->now_ns + 100000000;
    }
    cpu_find_levels(world);
    cpu_find_speeds(world);
    run(world, step_ns);
}
