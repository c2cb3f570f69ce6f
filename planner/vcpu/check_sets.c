/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/check_sets.h"

#include <errno.h>

static bool are_together(const struct pcpu_reading *a, const struct pcpu_reading *b,
                         enum topology_level level)
{
    return a->place.node == b->place.node &&
           (level > TOPOLOGY_LEVEL_LLC || a->place.llc == b->place.llc) &&
           (level > TOPOLOGY_LEVEL_CORE || a->place.core == b->place.core);
}

/* The set among [from, to) that has a pCPU; -1: none has. */
static int set_with(const struct vcpu_plan *plan, size_t from, size_t to, unsigned pcpu)
{
    for (size_t s = from; s < to; s++)
        if (cpuset_has(&plan->sets[s].pcpus, pcpu))
            return (int)s;
    return -1;
}

/* Whether the sets [from, to) are those of a level. */
static int check_level_sets(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                            enum topology_level level, size_t from, size_t to, struct err *err)
{
    size_t n = 0, n_usable = 0;

    for (size_t s = from; s < to; s++)
        n += cpuset_count(&plan->sets[s].pcpus);
    for (size_t p = 0; p < sample->n_pcpus; p++) {
        const struct pcpu_reading *pcpu = &sample->pcpus[p];
        int set = set_with(plan, from, to, pcpu->id);

        n_usable += pcpu->use == PCPU_USABLE;
        if ((pcpu->use == PCPU_USABLE) != (set >= 0))
            return err_set(err, -EINVAL, "pCPU %u is %s, and %s of the plan's sets has it",
                           pcpu->id, pcpu_use_text(pcpu->use), set >= 0 ? "one" : "none");
        for (size_t q = 0; set >= 0 && q < p; q++) {
            const struct pcpu_reading *other = &sample->pcpus[q];

            if (other->use == PCPU_USABLE &&
                are_together(pcpu, other, level) != cpuset_has(&plan->sets[set].pcpus, other->id))
                return err_set(err, -EINVAL, "pCPUs %u and %u are wrongly put together at level %s",
                               other->id, pcpu->id, topology_level_text(level));
        }
    }
    return n == n_usable ? 0 : err_set(err, -EINVAL, "the plan's sets overlap");
}

static int check_sets(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                      struct err *err)
{
    int r;

    if (!sample->has_shape || plan->n_bins > plan->n_sets)
        return err_set(err, -EINVAL, "the plan has %zu sets of a host whose shape is not known",
                       plan->n_sets);
    r = check_level_sets(sample, plan, plan->grain, 0, plan->n_bins, err);
    if (r < 0 || plan->n_sets == plan->n_bins)
        return r;
    return check_level_sets(sample, plan, TOPOLOGY_LEVEL_NODE, plan->n_bins, plan->n_sets, err);
}

int vcpu_check_sets_place(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                          const struct cpuset *mask)
{
    for (size_t s = 0; s < plan->n_sets; s++) {
        bool is_inside = true;
        size_t n = 0;

        for (size_t p = 0; p < sample->n_pcpus; p++) {
            const struct pcpu_reading *pcpu = &sample->pcpus[p];

            if (pcpu->use != PCPU_USABLE || !cpuset_has(mask, pcpu->id))
                continue;
            n++;
            is_inside = is_inside && cpuset_has(&plan->sets[s].pcpus, pcpu->id);
        }
        if (is_inside && n > 0)
            return (int)s;
    }
    return -1;
}

static int check_pin(const struct vcpu_plan *plan, const struct vcpu_reading *reading,
                     const struct vcpu_place *place, const struct vcpu_pin *pin, struct err *err)
{
    if (guest_compare(&pin->guest, &reading->guest) != 0 || pin->vcpu != reading->vcpu ||
        pin->from_place != place->from_place || (int)pin->to_place != place->to_place)
        return err_set(err, -EINVAL, "guest '%s': vCPU %u changes place without its pin",
                       reading->guest.name, reading->vcpu);
    if (!reading->running || reading->has_strange_limits)
        return err_set(err, -EINVAL, "guest '%s': vCPU %u would be pinned, but %s",
                       reading->guest.name, reading->vcpu,
                       reading->running ? "its limits cannot be read" : "it does not run");
    if (cpuset_count(&pin->to) == 0 || !cpuset_is_subset(&pin->to, &reading->allowed) ||
        !cpuset_is_subset(&pin->to, &plan->sets[place->to_place].pcpus))
        return err_set(
            err, -EINVAL,
            "guest '%s': vCPU %u would be pinned to pCPUs that are not its set's, or that "
            "its definition forbids",
            reading->guest.name, reading->vcpu);
    return 0;
}

static int check_places(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                        struct err *err)
{
    size_t k = 0;

    if (plan->n_places != sample->n_vcpus)
        return err_set(err, -EINVAL, "the plan has %zu vCPUs, the sample %zu", plan->n_places,
                       sample->n_vcpus);
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i];
        const struct vcpu_place *place = &plan->places[i];
        int from = vcpu_check_sets_place(sample, plan, &reading->affinity), r;

        if (place->vcpu != i || place->from_place != from || place->to_place < -1 ||
            place->to_place >= (int)plan->n_sets || place->demand_permille < 0 ||
            place->demand_permille > 1000)
            return err_set(
                err, -EINVAL, "guest '%s': vCPU %u is on set %d, the plan says %d and %d",
                reading->guest.name, reading->vcpu, from, place->from_place, place->to_place);
        if (!vcpu_plan_changes(plan, i) || place->to_place < 0)
            continue;
        if (k == plan->n_pins)
            return err_set(err, -EINVAL, "guest '%s': vCPU %u changes place without its pin",
                           reading->guest.name, reading->vcpu);
        r = check_pin(plan, reading, place, &plan->pins[k++], err);
        if (r < 0)
            return r;
    }
    if (k != plan->n_pins)
        return err_set(err, -EINVAL, "%zu pins for %zu changes of place", plan->n_pins, k);
    if ((plan->verdict == VERDICT_APPLY) != (k + plan->n_releases + plan->n_helper_pins > 0))
        return err_set(err, -EINVAL, "verdict %s with %zu pins", verdict_text(plan->verdict),
                       k + plan->n_releases + plan->n_helper_pins);
    return 0;
}

/* Which place counts: of the plan, or of another list. */
static int place_in(const struct vcpu_plan *plan, const int *place_of, bool after, size_t i)
{
    return place_of ? place_of[i] : after ? plan->places[i].to_place : plan->places[i].from_place;
}

/* Of its pCPUs together, in thousandths of the fastest one's; next to nothing where none of them is there. */
static long speed_of(const struct vcpu_sample *sample, const struct cpuset *set)
{
    long sum = 0;

    for (size_t p = 0; p < sample->n_pcpus; p++)
        sum += cpuset_has(set, sample->pcpus[p].id) ? sample->pcpus[p].place.speed_permille : 0;
    return sum > 0 ? sum : 1;
}

/* What the vCPUs of a set want of each of its pCPUs; in another list of places, with what is reserved
 * for them. */
static long part_of(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                    const int *place_of, bool after, size_t set)
{
    long sum = 0;

    for (size_t i = 0; i < plan->n_places; i++)
        if (place_in(plan, place_of, after, i) == (int)set)
            sum += place_of ? vcpu_place_charge(&plan->places[i]) : plan->places[i].demand_permille;
    for (size_t h = 0; h < plan->n_helpers; h++)
        if (place_in(plan, place_of, after, plan->helpers[h].vcpu) == (int)set)
            sum += plan->helpers[h].demand_permille;
    return 1000 * sum / speed_of(sample, &plan->sets[set].pcpus);
}

void vcpu_check_sets_loads(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                           const int *place_of, double *load)
{
    for (size_t p = 0; p < plan->n_pcpus; p++)
        load[p] = plan->pcpus[p].background_permille;
    for (size_t s = 0; s < plan->n_sets; s++) {
        long part = part_of(sample, plan, place_of, false, s);

        for (size_t p = 0; p < plan->n_pcpus; p++)
            if (cpuset_has(&plan->sets[s].pcpus, plan->pcpus[p].id))
                load[p] += (double)part;
    }
    for (size_t s = 0; s < plan->n_bins; s++) {
        const struct cpuset *set = &plan->sets[s].pcpus;
        double sum = 0;

        for (size_t p = 0; p < plan->n_pcpus; p++)
            sum += cpuset_has(set, plan->pcpus[p].id)
                       ? load[p] * sample->pcpus[p].place.speed_permille
                       : 0;
        for (size_t p = 0; p < plan->n_pcpus; p++)
            if (cpuset_has(set, plan->pcpus[p].id))
                load[p] = sum / (double)speed_of(sample, set);
    }
}

static int check_loads(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                       struct err *err)
{
    if (plan->n_pcpus != sample->n_pcpus)
        return err_set(err, -EINVAL, "the plan has %zu pCPUs, the sample %zu", plan->n_pcpus,
                       sample->n_pcpus);
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        const struct pcpu_load *load = &plan->pcpus[p];
        long before = load->background_permille, after = before;

        for (size_t s = 0; s < plan->n_sets; s++) {
            if (!cpuset_has(&plan->sets[s].pcpus, load->id))
                continue;
            before += part_of(sample, plan, NULL, false, s);
            after += part_of(sample, plan, NULL, true, s);
        }
        if (load->id != sample->pcpus[p].id || load->use != sample->pcpus[p].use ||
            load->background_permille < 0 || load->before_permille != before ||
            load->after_permille != after)
            return err_set(err, -EINVAL,
                           "pCPU %u: loads of %ld and %ld permille, the plan says %d and %d",
                           load->id, before, after, load->before_permille, load->after_permille);
    }
    return 0;
}

int vcpu_check_sets(const struct vcpu_sample *sample, const struct vcpu_plan *plan, struct err *err)
{
    int r = check_sets(sample, plan, err);

    if (r == 0)
        r = check_places(sample, plan, err);
    return r < 0 ? r : check_loads(sample, plan, err);
}

/* 0: floats; 1: on a set of the level; 2: on a wider one. */
static int kind_of(const struct vcpu_plan *plan, int place)
{
    return place < 0 ? 0 : (size_t)place < plan->n_bins ? 1 : 2;
}

/* Whether its definition forbids all of the set on which it is. */
static bool is_forbidden(const struct vcpu_sample *sample, const struct vcpu_plan *plan, size_t i)
{
    int from = plan->places[i].from_place;

    for (size_t p = 0; from >= 0 && p < sample->n_pcpus; p++)
        if (cpuset_has(&plan->sets[from].pcpus, sample->pcpus[p].id) &&
            cpuset_has(&sample->vcpus[i].allowed, sample->pcpus[p].id))
            return false;
    return from >= 0;
}

void vcpu_check_sets_hold(const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                          int *place_of)
{
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];
        bool is_first = kind_of(plan, place->from_place) != kind_of(plan, place->to_place) ||
                        is_forbidden(sample, plan, i);

        place_of[i] = is_first ? place->to_place : place->from_place;
    }
}
