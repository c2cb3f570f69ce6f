/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/control/why.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/guest_name.h"
#include "agent/base/json_values.h"
#include "planner/base/units.h"

enum { SENTENCE = 600 };

static void add(json_t *lines, const char *text)
{
    json_array_append_new(lines, json_from_text(text));
}

/* Demand on a place beside what the places have on average, in percent of one pCPU each. */
static bool loads_of(const struct scene *scene, int place, double *ret, double *ret_mean)
{
    const struct vcpu_plan *plan = &scene->vcpu_plan;
    double sum = 0;
    size_t n = 0;
    bool is_found = false;

    for (size_t s = 0; s < plan->n_bins; s++) {
        const struct plan_set *set = &plan->sets[s];
        double load = (scene->is_done ? set->after_permille : set->before_permille) / 10.0;

        sum += load;
        n++;
        is_found |= (int)s == place;
        if ((int)s == place)
            *ret = load;
    }
    for (size_t p = 0; p < plan->n_pcpus && !plan->n_bins; p++) {
        const struct pcpu_load *pcpu = &plan->pcpus[p];
        double load = (scene->is_done ? pcpu->after_permille : pcpu->before_permille) / 10.0;

        if (pcpu->use != PCPU_USABLE)
            continue;
        sum += load;
        n++;
        is_found |= (int)pcpu->id == place;
        if ((int)pcpu->id == place)
            *ret = load;
    }
    *ret_mean = n ? sum / (double)n : 0;
    return is_found && n > 1;
}

static void tell_vcpu(const struct scene *scene, size_t i, json_t *lines)
{
    static const struct vcpu_place nowhere = {.from_pcpu = -1, .to_pcpu = -1};
    const struct vcpu_reading *reading = &scene->vcpu_sample.vcpus[i];
    const struct vcpu_plan *plan = &scene->vcpu_plan;
    const struct vcpu_place *place = i < plan->n_places ? &plan->places[i] : &nowhere;
    char text[SENTENCE], mask[80];
    double load = 0, mean;

    cpuset_format(&reading->affinity, mask, sizeof(mask));
    snprintf(text, sizeof(text), "vCPU %u may run on pCPU %s and wants %.1f %% of one%s%s",
             reading->vcpu, mask, place->demand_permille / 10.0,
             reading->running ? "" : "; it does not run",
             reading->has_strange_limits
                 ? "; it is left alone, because its limits are not known or it is paused"
                 : "");
    add(lines, text);
    if (!loads_of(scene, scene->is_done ? place->to_pcpu : place->from_pcpu, &load, &mean))
        return;
    snprintf(text, sizeof(text), "  there %.1f %% are wanted of each pCPU, and %.1f %% on average",
             load, mean);
    add(lines, text);
}

/* Its other threads, where it matters where they run. */
static void tell_helpers(const struct scene *scene, const struct guest_id *guest, json_t *lines)
{
    const struct vcpu_sample *sample = &scene->vcpu_sample;
    const struct vcpu_plan *plan = &scene->vcpu_plan;
    char text[SENTENCE], mask[80], who[32];

    for (size_t h = 0; h < sample->n_helpers; h++) {
        const struct helper_reading *helper = &sample->helpers[h];

        if (guest_compare(&helper->guest, guest) != 0)
            continue;
        cpuset_format(&helper->affinity, mask, sizeof(mask));
        snprintf(who, sizeof(who), "I/O thread %u", helper->iothread);
        snprintf(text, sizeof(text), "%s may run on pCPU %s%s",
                 helper->iothread ? who : "its emulator", mask,
                 helper->is_owners ? ", where its definition has it" : "");
        add(lines, text);
    }
    for (size_t h = 0; h < plan->n_helpers; h++) {
        const struct plan_helpers *helpers = &plan->helpers[h];

        if (guest_compare(&sample->vcpus[helpers->vcpu].guest, guest) != 0)
            continue;
        snprintf(text, sizeof(text), "threads beside its vCPUs want %.1f %% of a pCPU",
                 helpers->demand_permille / 10.0);
        add(lines, text);
    }
}

static const struct vcpu_pin *pin_of(const struct vcpu_plan *plan, const struct guest_id *guest)
{
    for (size_t i = 0; i < plan->n_pins; i++)
        if (guest_compare(&plan->pins[i].guest, guest) == 0)
            return &plan->pins[i];
    return NULL;
}

/* What no plan can better is proven. */
static const char *by_loads(const struct vcpu_plan *plan, char text[SENTENCE])
{
    double most = plan->hold_objective - plan->bound;

    if (!isfinite(most))
        return "other loads";
    snprintf(
        text, SENTENCE,
        "other loads: with these no plan saves more than %.2f points, and its moves have a price",
        fmax(0, most));
    return text;
}

static const char *by_verdict(const struct vcpu_plan *plan, char text[SENTENCE])
{
    switch (plan->verdict) {
    case VERDICT_APPLY:
        return "nothing now: this interval's plan is about others";
    case VERDICT_HOLD_OBSERVING:
        return "time: too little has been seen for a plan";
    case VERDICT_HOLD_IDLE:
        return "load: there is none worth balancing";
    case VERDICT_HOLD_SETTLING:
        return "time: loads have just changed, and a plan has to be worth it twice";
    case VERDICT_HOLD_BALANCED:
    case VERDICT_HOLD_OPTIMAL:
        return by_loads(plan, text);
    case VERDICT_HOLD_STOPPED:
        return "a plan that is ready in time";
    case VERDICT_HOLD_INFEASIBLE:
        return "other limits: those of now leave no plan";
    case VERDICT_HOLD_FLOATING:
        return "longer waiting: vCPUs float as long as pins would not shorten it";
    case VERDICT_HOLD_HARMFUL:
        snprintf(text, SENTENCE,
                 "a plan that makes nothing worse: the one that was found would, %s", plan->harm);
        return text;
    case VERDICT_HOLD_UNSAFE:
        break;
    }
    return "a plan that passes the check";
}

static const char *turn_of(const struct scene *scene, size_t first, size_t end, char text[SENTENCE])
{
    const struct vcpu_sample *sample = &scene->vcpu_sample;
    const struct vcpu_plan *plan = &scene->vcpu_plan;
    const struct vcpu_pin *pin = pin_of(plan, &sample->vcpus[first].guest);
    size_t running = 0, alone = 0;

    for (size_t i = first; i < end; i++) {
        running += sample->vcpus[i].running;
        alone += sample->vcpus[i].has_strange_limits;
    }
    if (pin) {
        char to[80];

        cpuset_format(&pin->to, to, sizeof(to));
        snprintf(text, SENTENCE, "%s: vCPU %u to pCPU %s, %s",
                 scene->is_done ? "nothing now: this interval moved it" : "this interval's plan",
                 pin->vcpu, to, pin->reason);
        return text;
    }
    if (running == 0)
        return "that it runs";
    if (alone == end - first)
        return "the end of its pause (evenkeelctl resume), or limits that can be read";
    return by_verdict(plan, text);
}

static json_t *about_vcpus(const struct scene *scene, size_t first)
{
    const struct vcpu_sample *sample = &scene->vcpu_sample;
    json_t *lines = json_array();
    char text[SENTENCE];
    size_t end = first;

    for (; end < sample->n_vcpus &&
           guest_compare(&sample->vcpus[end].guest, &sample->vcpus[first].guest) == 0;
         end++)
        tell_vcpu(scene, end, lines);
    tell_helpers(scene, &sample->vcpus[first].guest, lines);
    return json_members("lines", lines, "note", json_from_text(scene->vcpu_plan.note), "change",
                        json_from_text(turn_of(scene, first, end, text)), NULL);
}

/* The second line says what would change it. */
static json_t *about_memory(const struct memory_place *place, const char *note)
{
    json_t *lines = json_array();
    char text[SENTENCE];

    snprintf(text, sizeof(text), "it holds %.0f MiB and should hold %.0f, at least %.0f (%s)",
             (double)place->actual_kib / KIB_PER_MIB, (double)place->target_kib / KIB_PER_MIB,
             (double)place->floor_kib / KIB_PER_MIB, guest_state_text(place->state));
    add(lines, text);
    if (place->explain[0])
        add(lines, place->explain);
    return json_members("lines", lines, "note", json_from_text(note), NULL);
}

json_t *why_about(const struct scene *scene, const char *guest)
{
    const struct memory_plan *plan = &scene->memory_plan;

    for (size_t i = 0; i < scene->vcpu_sample.n_vcpus; i++)
        if (strcmp(guest_name_true(&scene->vcpu_sample.vcpus[i].guest), guest) == 0)
            return about_vcpus(scene, i);
    for (size_t i = 0; i < plan->n_places; i++)
        if (strcmp(guest_name_true(&plan->places[i].guest), guest) == 0)
            return about_memory(&plan->places[i], plan->note);
    return NULL;
}
