/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/check.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "planner/vcpu/check_claims.h"
#include "planner/vcpu/check_gate.h"
#include "planner/vcpu/check_helpers.h"
#include "planner/vcpu/check_level.h"
#include "planner/vcpu/check_memory.h"
#include "planner/vcpu/check_pcpus.h"
#include "planner/vcpu/check_sets.h"
#include "planner/vcpu/harm.h"

/* The pCPU that a mask of exactly one names, or -1: the vCPU floats. */
static int pinned_to(const struct cpuset *mask)
{
    return cpuset_count(mask) == 1 ? (int)cpuset_next(mask, 0) : -1;
}

static const struct pcpu_reading *online_pcpu(const struct vcpu_sample *sample, int id)
{
    int at = vcpu_sample_pcpu(sample, id);

    return at < 0 ? NULL : &sample->pcpus[at];
}

static int check_move(const struct vcpu_sample *sample, const struct vcpu_reading *reading,
                      const struct vcpu_place *place, struct err *err)
{
    const struct pcpu_reading *to = online_pcpu(sample, place->to_place);

    if (!reading->running)
        return err_set(err, -EINVAL, "guest '%s': vCPU %u does not run and would be moved",
                       reading->guest.name, reading->vcpu);
    if (!to)
        return err_set(err, -EINVAL, "guest '%s': vCPU %u would move to pCPU %d, which is offline",
                       reading->guest.name, reading->vcpu, place->to_place);
    if (to->use != PCPU_USABLE)
        return err_set(err, -EINVAL, "guest '%s': vCPU %u would move to pCPU %d, which is %s",
                       reading->guest.name, reading->vcpu, place->to_place, pcpu_use_text(to->use));
    if (reading->has_strange_limits)
        return err_set(err, -EINVAL,
                       "guest '%s': vCPU %u would move, but its limits cannot be read",
                       reading->guest.name, reading->vcpu);
    if (!cpuset_has(&reading->allowed, (unsigned)place->to_place))
        return err_set(err, -EINVAL,
                       "guest '%s': vCPU %u would move to pCPU %d, which its definition forbids",
                       reading->guest.name, reading->vcpu, place->to_place);
    return 0;
}

static int check_places(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                        struct err *err)
{
    if (plan->n_places != sample->n_vcpus)
        return err_set(err, -EINVAL, "the plan has %zu vCPUs, the sample %zu", plan->n_places,
                       sample->n_vcpus);
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        const struct vcpu_place *place = &plan->places[i];
        int pcpu = pinned_to(&reading->affinity);
        int r = 0;

        if (place->vcpu != i || place->from_place != pcpu)
            return err_set(err, -EINVAL, "guest '%s': vCPU %u is on pCPU %d, the plan says %d",
                           reading->guest.name, reading->vcpu, pcpu, place->from_place);
        if (place->demand_permille < 0 || place->demand_permille > 1000)
            return err_set(err, -EINVAL, "guest '%s': vCPU %u has a demand of %d permille",
                           reading->guest.name, reading->vcpu, place->demand_permille);
        if (place->to_place != place->from_place && place->to_place >= 0)
            r = check_move(sample, reading, place, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_pins(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      struct err *err)
{
    size_t k = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];
        const struct vcpu_pin *pin = &plan->pins[k];

        if (place->to_place == place->from_place || place->to_place < 0)
            continue;
        if (k == plan->n_pins || guest_compare(&pin->guest, &sample->vcpus[i].guest) != 0 ||
            pin->vcpu != sample->vcpus[i].vcpu || pin->from_place != place->from_place ||
            (int)pin->to_place != place->to_place || pinned_to(&pin->to) != place->to_place)
            return err_set(err, -EINVAL, "guest '%s': vCPU %u changes place without its pin",
                           sample->vcpus[i].guest.name, sample->vcpus[i].vcpu);
        k++;
    }
    if (k != plan->n_pins)
        return err_set(err, -EINVAL, "%zu pins for %zu changes of place", plan->n_pins, k);
    if ((plan->verdict == VERDICT_APPLY) != (k + plan->n_releases + plan->n_helper_pins > 0))
        return err_set(err, -EINVAL, "verdict %s with %zu pins", verdict_text(plan->verdict),
                       k + plan->n_releases + plan->n_helper_pins);
    return 0;
}

static int check_loads(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                       struct err *err)
{
    if (plan->n_pcpus != sample->n_pcpus)
        return err_set(err, -EINVAL, "the plan has %zu pCPUs, the sample %zu", plan->n_pcpus,
                       sample->n_pcpus);
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        const struct pcpu_load *load = &plan->pcpus[p];
        int before = load->background_permille;
        int after = before;

        for (size_t i = 0; i < plan->n_places; i++) {
            const struct vcpu_place *place = &plan->places[i];

            before += place->from_place == (int)load->id ? place->demand_permille : 0;
            after += place->to_place == (int)load->id ? place->demand_permille : 0;
        }
        if (load->use != sample->pcpus[p].use || before < 0)
            return err_set(err, -EINVAL, "pCPU %u is %s with a background of %d permille", load->id,
                           pcpu_use_text(sample->pcpus[p].use), load->background_permille);
        if (load->id != sample->pcpus[p].id || load->before_permille != before ||
            load->after_permille != after)
            return err_set(err, -EINVAL,
                           "pCPU %u: loads of %d and %d permille, the plan says %d and %d",
                           load->id, before, after, load->before_permille, load->after_permille);
    }
    return 0;
}

enum loads { WANTED, WANTED_AFTER, RAN, RAN_AFTER };

static int load_of(const struct pcpu_load *pcpu, enum loads loads)
{
    switch (loads) {
    case WANTED:
        return pcpu->before_permille;
    case WANTED_AFTER:
        return pcpu->after_permille;
    case RAN:
        return pcpu->ran_permille;
    default:
        return pcpu->ran_after_permille;
    }
}

/* Above level pcpu the mean over its set counts. */
static double load_at(const struct vcpu_plan *plan, size_t p, enum loads loads)
{
    const struct cpuset *set = NULL;
    double sum = 0, n = 0;

    for (size_t s = 0; s < plan->n_bins; s++)
        if (cpuset_has(&plan->sets[s].pcpus, plan->pcpus[p].id))
            set = &plan->sets[s].pcpus;
    for (size_t q = 0; set && q < plan->n_pcpus; q++)
        if (cpuset_has(set, plan->pcpus[q].id)) {
            sum += load_of(&plan->pcpus[q], loads);
            n++;
        }
    return n > 0 ? sum / n : load_of(&plan->pcpus[p], loads);
}

static double sigma_pct(const struct vcpu_plan *plan, enum loads loads)
{
    double sum = 0, squares = 0, n = 0;

    for (size_t p = 0; p < plan->n_pcpus; p++) {
        double load = load_at(plan, p, loads) / 10.0;

        if (plan->pcpus[p].use != PCPU_USABLE)
            continue;
        sum += load;
        squares += load * load;
        n++;
    }
    return n > 0 ? sqrt(fmax(0, squares / n - sum * sum / n / n)) : 0;
}

static int check_sigma(double found_pct, double after_pct, double told_pct, double told_after_pct,
                       struct err *err)
{
    const double tolerance = 1e-3;

    if (fabs(found_pct - told_pct) <= tolerance && fabs(after_pct - told_after_pct) <= tolerance)
        return 0;
    return err_set(err, -EINVAL, "sigma is %.3f and then %.3f, the plan says %.3f and %.3f",
                   found_pct, after_pct, told_pct, told_after_pct);
}

/* What ran cannot be counted again from one sample, but no pCPU runs more than all the time. */
static int check_ran(const struct vcpu_plan *plan, struct err *err)
{
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        const struct pcpu_load *load = &plan->pcpus[p];

        if (load->ran_permille < 0 || load->ran_permille > 1000 || load->ran_after_permille < 0 ||
            load->ran_after_permille > 1000 ||
            (plan->verdict != VERDICT_APPLY && load->ran_after_permille != load->ran_permille))
            return err_set(err, -EINVAL, "pCPU %u ran %d permille and then %d", load->id,
                           load->ran_permille, load->ran_after_permille);
    }
    return check_sigma(sigma_pct(plan, RAN), sigma_pct(plan, RAN_AFTER), plan->ran.sigma_pct,
                       plan->ran.sigma_after_pct, err);
}

static int check_numbers(const struct vcpu_plan *plan, struct err *err)
{
    const double tolerance = 1e-3;
    int r = check_sigma(sigma_pct(plan, WANTED), sigma_pct(plan, WANTED_AFTER), plan->sigma_pct,
                        plan->sigma_after_pct, err);

    if (r == 0)
        r = check_ran(plan, err);
    if (r < 0)
        return r;
    if (!(plan->objective <= plan->hold_objective + tolerance))
        return err_set(err, -EINVAL, "the plan costs %.3f points, changing nothing only %.3f",
                       plan->objective, plan->hold_objective);
    if (!(plan->bound <= plan->objective + tolerance))
        return err_set(err, -EINVAL, "the plan costs %.3f points, below its own bound of %.3f",
                       plan->objective, plan->bound);
    return 0;
}

/* Where it is before the plan, where first pins and moves off forbidden pCPUs are made already. */
static int place_of_hold(const struct vcpu_sample *sample, const struct vcpu_place *place)
{
    const struct pcpu_reading *from = online_pcpu(sample, place->from_place);
    bool may_stay = from && from->use == PCPU_USABLE &&
                    cpuset_has(&sample->vcpus[place->vcpu].allowed, (unsigned)place->from_place);

    return may_stay ? place->from_place : place->to_place;
}

static int check_worse(const char *what, double hold, double plan, double slack, struct err *err)
{
    if (!(plan > hold + slack))
        return 0;
    return err_set(err, -EINVAL, "the plan makes %s worse: from %.3f to %.3f", what, hold, plan);
}

static void loads_of(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                     const int *place_of, double *load)
{
    if (plan->grain == TOPOLOGY_LEVEL_PCPU)
        vcpu_check_pcpus_loads(plan, place_of, load);
    else
        vcpu_check_sets_loads(sample, plan, place_of, load);
}

static bool are_siblings(const struct pcpu_reading *a, const struct pcpu_reading *b)
{
    return a->use == PCPU_USABLE && b->use == PCPU_USABLE && a->place.core == b->place.core &&
           a->place.node == b->place.node;
}

static bool is_first_thread(const struct vcpu_sample *sample, size_t p)
{
    for (size_t q = 0; q < p; q++)
        if (are_siblings(&sample->pcpus[q], &sample->pcpus[p]))
            return false;
    return true;
}

/* What the threads of a core carry, by what they get done together. */
static double core_load(const struct vcpu_sample *sample, size_t p, const double *load)
{
    double sum = 0, worth = 1 - PLAN_SIBLING_SHARE;

    for (size_t q = 0; q < sample->n_pcpus; q++)
        if (are_siblings(&sample->pcpus[q], &sample->pcpus[p])) {
            sum += load[q];
            worth += PLAN_SIBLING_SHARE;
        }
    return sum / worth;
}

/* Overload and squares of the loads [n_pcpus] beside what the moves leave; whether there is less
 * overload. What vCPUs gain by nearer memory and lose by waiting is of their running. */
static int check_loads_for_harm(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                                const double *hold_load, const double *plan_load, double nearer,
                                double longer, bool *ret_lessens, struct err *err)
{
    double over[2] = {0}, sum[2] = {0}, squares[2] = {0}, n = 0, sigma[2];
    int r;

    for (size_t p = 0; p < plan->n_pcpus; p++) {
        double load[2] = {hold_load[p] / 10.0, plan_load[p] / 10.0};

        for (int k = 0; k < 2; k++)
            over[k] += fmax(0, load[k] - 101);
        if (plan->pcpus[p].use != PCPU_USABLE || (plan->by_core && !is_first_thread(sample, p)))
            continue;
        for (int k = 0; k < 2 && plan->by_core; k++)
            load[k] = core_load(sample, p, k == 0 ? hold_load : plan_load) / 10;
        n++;
        for (int k = 0; k < 2; k++) {
            sum[k] += load[k];
            squares[k] += load[k] * load[k];
        }
    }
    for (int k = 0; k < 2; k++)
        sigma[k] = n > 0 ? sqrt(fmax(0, squares[k] / n - sum[k] * sum[k] / n / n)) : 0;
    *ret_lessens = over[1] < over[0] - 0.01;
    r = check_worse("overload", over[0], over[1], 0.01, err);
    if (r < 0 || nearer - (*ret_lessens ? 0 : fmax(0, longer)) > HARM_NEARER / 2)
        return r;
    return check_worse("sigma", sigma[0], sigma[1], 2 * HARM_SIGMA_PCT, err);
}

static int waiting_of(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      const int *place_of, double *ret)
{
    return plan->grain == TOPOLOGY_LEVEL_PCPU
               ? vcpu_check_pcpus_waiting(sample, plan, place_of, true, ret)
               : vcpu_check_gate_waiting(sample, plan, place_of, ret);
}

static int check_harm(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      struct err *err)
{
    bool is_pcpu = plan->grain == TOPOLOGY_LEVEL_PCPU, lessens = false;
    int *hold_of = calloc(plan->n_places + 1, sizeof(*hold_of));
    int *plan_of = calloc(plan->n_places + 1, sizeof(*plan_of));
    double *load = calloc(2 * plan->n_pcpus + 1, sizeof(*load)), hold = 0, after = 0;
    double far[2] = {0};
    int r = hold_of && plan_of && load ? 0 : -ENOMEM;

    for (size_t i = 0; i < plan->n_places && r == 0; i++) {
        hold_of[i] = is_pcpu ? place_of_hold(sample, &plan->places[i]) : 0;
        plan_of[i] = plan->places[i].to_place;
    }
    if (r == 0) {
        if (!is_pcpu)
            vcpu_check_sets_hold(sample, plan, hold_of);
        loads_of(sample, plan, hold_of, load);
        loads_of(sample, plan, plan_of, load + plan->n_pcpus);
        r = waiting_of(sample, plan, hold_of, &hold);
    }
    if (r == 0)
        r = waiting_of(sample, plan, plan_of, &after);
    if (r == 0)
        r = vcpu_check_memory_losses(sample, plan, (const int *[]){hold_of, plan_of}, far);
    if (r == 0)
        r = check_loads_for_harm(sample, plan, load, load + plan->n_pcpus, far[0] - far[1],
                                 after - hold, &lessens, err);
    free(hold_of);
    free(plan_of);
    free(load);
    if (r == -ENOMEM)
        return err_set(err, r, "out of memory while the plan was checked");
    return r < 0 || lessens ? r
                            : check_worse("waiting", hold + far[0], after + far[1],
                                          1.1 * harm_waiting_margin(hold), err);
}

/* What is where, at level pcpu. */
static int check_pcpus(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                       struct err *err)
{
    int r = check_places(sample, plan, err);

    if (r == 0)
        r = check_pins(sample, plan, err);
    return r < 0 ? r : check_loads(sample, plan, err);
}

int vcpu_check(const struct vcpu_sample *sample, const struct vcpu_plan *plan, struct err *err)
{
    int r = plan->n_places == sample->n_vcpus ? vcpu_check_helpers(sample, plan, err) : 0;

    if (r == 0 && plan->grain == TOPOLOGY_LEVEL_PCPU)
        r = check_pcpus(sample, plan, err);
    else if (r == 0)
        r = vcpu_check_sets(sample, plan, err);
    if (r == 0)
        r = vcpu_check_memory(sample, plan, err);
    if (r == 0)
        r = vcpu_check_claims(sample, plan, err);
    if (r == 0)
        r = check_numbers(plan, err);
    if (r == 0 && plan->n_pins > 0 && plan->level.course == FLOATING_NO_MATTER)
        r = check_harm(sample, plan, err);
    if (r == 0 && plan->n_pins > 0 && plan->gate.is_on)
        r = vcpu_check_gate(sample, plan, err);
    return r < 0 ? r : vcpu_check_level(sample, plan, err);
}
