/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/check_gate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "planner/vcpu/check_memory.h"
#include "planner/vcpu/check_sets.h"
#include "planner/vcpu/waiting.h"

static const double TOLERANCE = 1e-6;
/* Of running, as in gate_memory.c. */
static const double NO_DIFFERENCE = 0.001;
/* Of what is left of pCPUs that others use; as in plan_waiting.c. */
static const double LEAST_LEFT = 0.05;
/* Work of a core whose siblings rest, in thousandths, and what a further thread adds
 * (PLAN_SIBLING_SHARE). */
enum { ONE = 1000, THREAD = 250 };

/* Vcpus that share pCPUs are gathered in one list after the other. */
struct gate {
    const struct vcpu_sample *sample;
    const struct vcpu_plan *plan;
    const int *place_of; /* another list of places; NULL: the plan's */
    bool is_charged;     /* with what is reserved */
    bool is_free;        /* other programs stay only where vCPUs are */
    double *demand;      /* [count_sources()] */
    size_t n;
    struct waiting sum;
};

/* vCPUs, backgrounds, and the other threads of guests, which may fill several pCPUs. */
static size_t count_sources(const struct vcpu_plan *plan)
{
    size_t n = plan->n_places + plan->n_pcpus + 1;

    for (size_t h = 0; h < plan->n_helpers; h++)
        n += (size_t)plan->helpers[h].demand_permille / 1000 + 1;
    return n;
}

static bool is_usable_in(const struct gate *gate, const struct cpuset *set, size_t p)
{
    const struct pcpu_reading *pcpu = &gate->sample->pcpus[p];

    return pcpu->use == PCPU_USABLE && (!set || cpuset_has(set, pcpu->id));
}

static bool are_one_core(const struct pcpu_reading *a, const struct pcpu_reading *b)
{
    return a->place.core == b->place.core && a->place.node == b->place.node;
}

/* The core of a pCPU, as far as it is in the set; none where another of its threads stands before. */
static int add_core(const struct gate *gate, const struct cpuset *set, size_t p,
                    struct waiting_pool *pool)
{
    const struct pcpu_reading *pcpus = gate->sample->pcpus;
    int fastest = 0, threads = 0;

    for (size_t q = 0; q < gate->sample->n_pcpus; q++) {
        if (!is_usable_in(gate, set, q) || !are_one_core(&pcpus[q], &pcpus[p]))
            continue;
        if (q < p)
            return 0;
        threads++;
        fastest = pcpus[q].place.speed_permille > fastest ? pcpus[q].place.speed_permille : fastest;
    }
    pool->siblings += threads - 1;
    return fastest * (ONE + THREAD * (threads - 1)) / ONE;
}

/* All pCPUs of a set that guests may use; of the host: NULL. */
static struct waiting_pool pool_of(const struct gate *gate, const struct cpuset *set)
{
    struct waiting_pool pool = {.sibling_share = PLAN_SIBLING_SHARE};
    int work = 0;

    for (size_t p = 0; p < gate->sample->n_pcpus; p++)
        if (is_usable_in(gate, set, p))
            work += add_core(gate, set, p, &pool);
    pool.pcpus = (double)work / ONE - PLAN_SIBLING_SHARE * pool.siblings;
    return pool;
}

static double worth(const struct waiting_pool *pool)
{
    return pool->pcpus + pool->sibling_share * pool->siblings;
}

/* So much of it as others leave, who are on cores before they are beside each other. */
static struct waiting_pool left_of(struct waiting_pool pool, double left)
{
    double work = fmax(LEAST_LEFT, left), beside = pool.sibling_share * pool.siblings;

    if (work < beside)
        pool.siblings = work / pool.sibling_share;
    pool.pcpus = fmax(0, work - beside);
    return pool;
}

static void put(struct gate *gate, double permille)
{
    if (permille > 0)
        gate->demand[gate->n++] = permille / 1000;
}

/* A guest's other threads: one after the other as far as they fill pCPUs. */
static void put_helpers(struct gate *gate, const struct plan_helpers *helpers)
{
    for (int left = helpers->demand_permille; left > 0; left -= ONE)
        put(gate, left < ONE ? left : ONE);
}

static bool is_at(const struct gate *gate, size_t i, int place)
{
    const struct vcpu_place *at = &gate->plan->places[i];
    int is_on = gate->place_of ? gate->place_of[i] : at->to_place;

    return is_on == place && (place >= 0 || !at->is_apart);
}

/* Whether programs that run on a set stay there. */
static bool is_kept(const struct gate *gate, size_t set)
{
    const struct vcpu_plan *plan = gate->plan;

    for (size_t i = 0; gate->is_free && i < plan->n_places; i++) {
        int at = gate->place_of[i];

        if (at >= 0 && cpuset_is_subset(&plan->sets[set].pcpus, &plan->sets[at].pcpus))
            return true;
    }
    return !gate->is_free;
}

/* The vCPUs on a place; -1: those that float and do not run apart. */
static void put_vcpus(struct gate *gate, int place)
{
    const struct vcpu_plan *plan = gate->plan;

    for (size_t i = 0; i < plan->n_places; i++)
        if (is_at(gate, i, place))
            put(gate, gate->is_charged ? vcpu_place_charge(&plan->places[i])
                                       : plan->places[i].demand_permille);
    for (size_t h = 0; h < plan->n_helpers; h++)
        if (is_at(gate, plan->helpers[h].vcpu, place))
            put_helpers(gate, &plan->helpers[h]);
}

static void put_background(struct gate *gate, const struct cpuset *set)
{
    for (size_t p = 0; p < gate->plan->n_pcpus; p++)
        if (is_usable_in(gate, set, p))
            put(gate, gate->plan->pcpus[p].background_permille *
                          gate->sample->pcpus[p].place.speed_permille / 1000.0);
}

/* What the list waits and runs in a pool is added to the sum, and the list is empty. */
static int add(struct gate *gate, struct waiting_pool pool, double *ret_running)
{
    struct waiting here = {0};
    int r = waiting_add(&here, &pool, gate->demand, gate->n);

    gate->n = 0;
    gate->sum.waiting += here.waiting;
    gate->sum.running += here.running;
    *ret_running = here.running;
    return r;
}

/* Sets of the level, then wider ones with what those leave, then who floats with what all leave. */
static int waiting_placed(struct gate *gate, double *ret)
{
    const struct vcpu_plan *plan = gate->plan;
    double *running = calloc(plan->n_sets + 1, sizeof(*running)), floating;
    struct waiting_pool all = pool_of(gate, NULL);
    double room = worth(&all);
    int r = running ? 0 : -ENOMEM;

    for (size_t s = 0; r == 0 && s < plan->n_sets; s++) {
        const struct cpuset *set = &plan->sets[s].pcpus;
        struct waiting_pool pool = pool_of(gate, set);
        double left = worth(&pool);

        put_vcpus(gate, (int)s);
        if (s < plan->n_bins && is_kept(gate, s))
            put_background(gate, set);
        for (size_t t = 0; s >= plan->n_bins && t < plan->n_bins; t++)
            left -= cpuset_is_subset(&plan->sets[t].pcpus, set) ? running[t] : 0;
        r = add(gate, s < plan->n_bins ? pool : left_of(pool, left), &running[s]);
        room -= running[s];
    }
    if (r == 0) {
        put_vcpus(gate, -1);
        for (size_t s = 0; s < plan->n_bins; s++)
            if (!is_kept(gate, s))
                put_background(gate, &plan->sets[s].pcpus);
        r = add(gate, left_of(all, room), &floating);
    }
    *ret = waiting_share(&gate->sum);
    free(running);
    return r;
}

int vcpu_check_gate_waiting(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                            const int *place_of, double *ret)
{
    struct gate gate = {.sample = sample, .plan = plan, .place_of = place_of, .is_charged = true};
    int r = -ENOMEM;

    gate.demand = calloc(count_sources(plan), sizeof(*gate.demand));
    if (gate.demand)
        r = waiting_placed(&gate, ret);
    free(gate.demand);
    return r;
}

/* Where it runs without our pins: another's mask outlives them. */
static const struct cpuset *mask_if_free(const struct vcpu_sample *sample,
                                         const struct vcpu_plan *plan, size_t i)
{
    const struct vcpu_reading *reading = &sample->vcpus[i];

    if (!plan->gate.heeds_owners)
        return &reading->allowed;
    return reading->is_ours ? vcpu_reading_freed(reading) : &reading->affinity;
}

static bool holds_all(const struct gate *gate, int set)
{
    for (size_t p = 0; p < gate->sample->n_pcpus; p++)
        if (is_usable_in(gate, NULL, p) && !is_usable_in(gate, &gate->plan->sets[set].pcpus, p))
            return false;
    return true;
}

/* The places of whom others hold on a part of what guests may use; everybody else floats. */
static void place_free(const struct gate *gate, int *place_of)
{
    for (size_t i = 0; i < gate->plan->n_places; i++) {
        int at = vcpu_check_sets_place(gate->sample, gate->plan,
                                       mask_if_free(gate->sample, gate->plan, i));

        place_of[i] = gate->plan->gate.heeds_owners && at >= 0 && !holds_all(gate, at) ? at : -1;
    }
}

static int waiting_free(struct gate *gate, double *ret)
{
    int *place_of = calloc(gate->plan->n_places + 1, sizeof(*place_of)), r = -ENOMEM;

    gate->is_free = true;
    gate->sum = (struct waiting){0};
    gate->place_of = place_of;
    if (place_of) {
        place_free(gate, place_of);
        r = waiting_placed(gate, ret);
    }
    free(place_of);
    return r;
}

/* What is lost to far memory of all running if everybody floated who may. */
static double far_floating(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                           double *loss)
{
    double lost = 0, running = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct guest_reading *guest = vcpu_sample_guest(sample, &sample->vcpus[i].guest);
        double demand = plan->places[i].demand_permille;

        running += demand;
        if (demand == 0 || !guest)
            continue;
        vcpu_check_memory_loss(sample, &guest->memory, loss);
        lost += demand * vcpu_check_memory_loss_on(sample, loss, mask_if_free(sample, plan, i));
    }
    return running > 0 ? lost / running : 0;
}

/* plan->memory has been checked but for that (check_memory.h). */
static int check_memory(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                        double after, double floating, struct err *err)
{
    const struct plan_memory *memory = &plan->memory;
    double *loss = calloc(sample->n_nodes + 1, sizeof(*loss)), far;

    if (!loss)
        return err_set(err, -ENOMEM, "out of memory while the plan was checked");
    far = sample->n_nodes < 2 ? 0 : far_floating(sample, plan, loss);
    free(loss);
    if (!(fabs(far - memory->floating) <= TOLERANCE))
        return err_set(err, -EINVAL,
                       "%.6f of running would be lost to far memory floating, the plan says %.6f",
                       far, memory->floating);
    if (memory->n_unknown == memory->n_guests ||
        after + memory->after <= floating + far + NO_DIFFERENCE + TOLERANCE)
        return 0;
    return err_set(err, -EINVAL,
                   "pins would lose %.1f %% of running to waiting and far memory, floating %.1f %%",
                   100 * (after + memory->after), 100 * (floating + far));
}

int vcpu_check_gate(const struct vcpu_sample *sample, const struct vcpu_plan *plan, struct err *err)
{
    struct gate gate = {.sample = sample, .plan = plan};
    double after = 0, floating = 0;
    int r = -ENOMEM;

    gate.demand = calloc(count_sources(plan), sizeof(*gate.demand));
    if (gate.demand)
        r = waiting_placed(&gate, &after);
    if (r == 0)
        r = waiting_free(&gate, &floating);
    free(gate.demand);
    if (r < 0)
        return err_set(err, r, "out of memory while the plan was checked");
    if (fabs(after - plan->waiting.after) > TOLERANCE * (1 + after) ||
        fabs(floating - plan->waiting.floating) > TOLERANCE * (1 + floating))
        return err_set(err, -EINVAL,
                       "vCPUs would wait %.4f %% of running and %.4f %% floating, the plan says "
                       "%.4f and %.4f",
                       100 * after, 100 * floating, 100 * plan->waiting.after,
                       100 * plan->waiting.floating);
    if (after - floating <= plan->gate.most + TOLERANCE)
        return plan->gate.counts_memory ? check_memory(sample, plan, after, floating, err) : 0;
    return err_set(
        err, -EINVAL,
        "pins would let vCPUs wait %.1f %% of running, floating %.1f %%, and %.1f points "
        "more are allowed",
        100 * after, 100 * floating, 100 * plan->gate.most);
}
