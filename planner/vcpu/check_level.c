/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/check_level.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "planner/vcpu/check_pcpus.h"
#include "planner/vcpu/waiting.h"

static const double TOLERANCE = 1e-6;

static int check_releases(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                          struct err *err)
{
    size_t k = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        const struct vcpu_place *place = &plan->places[i];
        const struct vcpu_release *release = &plan->releases[k];

        if (place->to_place >= 0 || !vcpu_plan_changes(plan, i))
            continue;
        if (!reading->is_ours || !reading->running ||
            (plan->grain == TOPOLOGY_LEVEL_PCPU && plan->level.course != FLOATING_RELEASED))
            return err_set(err, -EINVAL,
                           "guest '%s': vCPU %u would float, which is not ours to decide",
                           reading->guest.name, reading->vcpu);
        if (k == plan->n_releases || guest_compare(&release->guest, &reading->guest) != 0 ||
            release->vcpu != reading->vcpu || release->from_place != place->from_place)
            return err_set(err, -EINVAL, "guest '%s': vCPU %u floats without its release",
                           reading->guest.name, reading->vcpu);
        k++;
    }
    if (k != plan->n_releases || (k > 0 && plan->n_pins > 0))
        return err_set(err, -EINVAL, "%zu releases for %zu vCPUs that are to float, and %zu pins",
                       plan->n_releases, k, plan->n_pins);
    return 0;
}

/* Everybody on one pool of all pCPUs that guests may use. */
static int floating(const struct vcpu_plan *plan, double *ret)
{
    double *demand = calloc(plan->n_places + plan->n_pcpus + 1, sizeof(*demand));
    struct waiting_pool pool = {0};
    struct waiting sum = {0};
    size_t n = 0;
    int r;

    if (!demand)
        return -ENOMEM;
    for (size_t i = 0; i < plan->n_places; i++)
        if (!plan->places[i].is_apart)
            demand[n++] = plan->places[i].demand_permille / 1000.0;
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        if (plan->pcpus[p].use != PCPU_USABLE)
            continue;
        pool.pcpus++;
        demand[n++] = plan->pcpus[p].background_permille / 1000.0;
    }
    r = waiting_add(&sum, &pool, demand, n);
    *ret = waiting_share(&sum);
    free(demand);
    return r;
}

static bool has_first_pin(const struct vcpu_plan *plan)
{
    for (size_t i = 0; i < plan->n_places; i++)
        if (plan->places[i].from_place < 0 && plan->places[i].to_place >= 0)
            return true;
    return false;
}

/* A pCPU that is offline, kept for others or forbidden has to be left whatever it costs. */
static bool has_to_leave(const struct vcpu_sample *sample, const struct vcpu_place *place)
{
    for (size_t p = 0; p < sample->n_pcpus; p++)
        if ((int)sample->pcpus[p].id == place->from_place)
            return sample->pcpus[p].use != PCPU_USABLE ||
                   !cpuset_has(&sample->vcpus[place->vcpu].allowed, (unsigned)place->from_place);
    return place->from_place >= 0;
}

static bool is_any_forced(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    for (size_t i = 0; i < plan->n_places; i++)
        if (plan->places[i].to_place != plan->places[i].from_place &&
            has_to_leave(sample, &plan->places[i]))
            return true;
    return false;
}

/* Where the plan finds everybody, and where it leaves them. */
static int placed(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                  double *ret_before, double *ret_after)
{
    int *place_of = calloc(plan->n_places + 1, sizeof(*place_of)), r = -ENOMEM;

    if (place_of) {
        for (size_t i = 0; i < plan->n_places; i++)
            place_of[i] = plan->places[i].from_place;
        r = vcpu_check_pcpus_waiting(sample, plan, place_of, false, ret_before);
        for (size_t i = 0; i < plan->n_places; i++)
            place_of[i] = plan->places[i].to_place;
    }
    if (r == 0)
        r = vcpu_check_pcpus_waiting(sample, plan, place_of, false, ret_after);
    free(place_of);
    return r;
}

static int check_waiting(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                         struct err *err)
{
    const struct plan_level *level = &plan->level;
    double before = 0, after = 0, all = 0;
    int r = placed(sample, plan, &before, &after);

    if (r == 0)
        r = floating(plan, &all);
    if (r < 0)
        return err_set(err, r, "out of memory while the plan was checked");
    if (!(level->part >= 0 && level->part <= 1))
        return err_set(err, -EINVAL, "%.3f of the expected waiting is no part", level->part);
    if (level->part * after - fmax(all, level->floated) <= level->most + TOLERANCE ||
        (!has_first_pin(plan) && (after <= before + TOLERANCE || is_any_forced(sample, plan))))
        return 0;
    return err_set(
        err, -EINVAL,
        "pins would let vCPUs wait %.1f %% of running, floating %.1f %%, and %.1f points "
        "more are allowed",
        100 * level->part * after, 100 * fmax(all, level->floated), 100 * level->most);
}

int vcpu_check_level(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                     struct err *err)
{
    int r = check_releases(sample, plan, err);

    if (r < 0 || plan->level.course == FLOATING_NO_MATTER || plan->n_pins == 0)
        return r;
    return isinf(plan->level.most) ? 0 : check_waiting(sample, plan, err);
}
