/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/control/why.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/guest_name.h"
#include "agent/base/json_values.h"
#include "agent/base/text.h"
#include "agent/report/report_nodes.h"

enum { SENTENCE = WHY_SENTENCE };

/* ---- Both programs ---- */

void why_add(json_t *lines, const char *text)
{
    json_array_append_new(lines, json_from_text(text));
}

void why_add_pause(json_t *lines, struct why_pauses pauses)
{
    char text[SENTENCE], until[CLOCK_TEXT_SIZE] = "it is resumed";

    if (pauses.now && pauses.now->until_s != INT64_MAX)
        clock_text_at(pauses.now->until_s, until);
    if (pauses.now)
        snprintf(text, sizeof(text), "%s paused, until %s",
                 pauses.now->guest[0] ? "it is" : "everything is", until);
    else
        snprintf(text, sizeof(text), "%s paused in this interval, and is no more",
                 pauses.then && pauses.then->guest[0] ? "it was" : "everything was");
    if (pauses.now || pauses.then)
        why_add(lines, text);
}

bool why_end_of_pause(const struct guest_id *guest, struct why_pauses pauses, char ret[SENTENCE])
{
    const char *name = pauses.now ? pauses.now->guest : "";
    char uuid[GUEST_UUID_SIZE];

    guest_uuid_text(guest, uuid);
    if (pauses.now)
        snprintf(ret, SENTENCE, "the end of its pause: evenkeelctl resume%s%s", name[0] ? " " : "",
                 !name[0] || text_is_word(name) ? name : uuid);
    else if (pauses.then && pauses.then->guest[0])
        snprintf(ret, SENTENCE, "time: its pause has ended, and the next interval plans it again");
    return pauses.now || (pauses.then && pauses.then->guest[0]);
}

void why_planned(enum scene_fate fate, const char *what, char ret[SENTENCE])
{
    switch (fate) {
    case SCENE_SHOWN:
        snprintf(ret, SENTENCE, "act = yes: this interval's plan has %s", what);
        break;
    case SCENE_PAUSED:
        snprintf(ret, SENTENCE, "the next interval: in this one, whose plan has %s, it was paused",
                 what);
        break;
    case SCENE_PART:
        snprintf(ret, SENTENCE,
                 "the next interval: this one's plan, of which not all could be done, has %s",
                 what);
        break;
    case SCENE_DONE:
        snprintf(ret, SENTENCE, "nothing now: this interval has done %s", what);
        break;
    }
}

/* ---- vCPUs ---- */

/* Demand on a place beside what the places have on average, in percent of one pCPU each. */
static bool loads_of(const struct scene *scene, int place, double *ret, double *ret_mean)
{
    const struct vcpu_plan *plan = &scene->vcpu_plan;
    double sum = 0;
    size_t n = 0;
    bool is_found = false;

    for (size_t s = 0; s < plan->n_bins; s++) {
        const struct plan_set *set = &plan->sets[s];
        double load =
            (scene->fate == SCENE_DONE ? set->after_permille : set->before_permille) / 10.0;

        sum += load;
        n++;
        is_found |= (int)s == place;
        if ((int)s == place)
            *ret = load;
    }
    for (size_t p = 0; p < plan->n_pcpus && !plan->n_bins; p++) {
        const struct pcpu_load *pcpu = &plan->pcpus[p];
        double load =
            (scene->fate == SCENE_DONE ? pcpu->after_permille : pcpu->before_permille) / 10.0;

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

static void tell_vcpu(const struct scene *scene, size_t i, bool is_paused, json_t *lines)
{
    static const struct vcpu_place nowhere = {.from_place = -1, .to_place = -1};
    const struct vcpu_reading *reading = &scene->vcpu_sample.vcpus[i];
    const struct vcpu_plan *plan = &scene->vcpu_plan;
    const struct vcpu_place *place = i < plan->n_places ? &plan->places[i] : &nowhere;
    char text[SENTENCE], mask[80];
    double load = 0, mean;

    cpuset_format(&reading->affinity, mask, sizeof(mask));
    snprintf(text, sizeof(text), "vCPU %u may run on pCPU %s and wants %.1f %% of one%s%s",
             reading->vcpu, mask, place->demand_permille / 10.0,
             reading->running ? "" : "; it does not run",
             reading->has_strange_limits && !is_paused
                 ? "; it is left alone, because its limits are not known"
                 : "");
    why_add(lines, text);
    if (!loads_of(scene, scene->fate == SCENE_DONE ? place->to_place : place->from_place, &load,
                  &mean))
        return;
    snprintf(text, sizeof(text), "  there %.1f %% are wanted of each pCPU, and %.1f %% on average",
             load, mean);
    why_add(lines, text);
}

/* Its other threads, where it matters where they run. */
static void tell_helpers(const struct scene *scene, const struct guest_id *guest, json_t *lines)
{
    const struct vcpu_sample *sample = &scene->vcpu_sample;
    const struct vcpu_plan *plan = &scene->vcpu_plan;
    char text[SENTENCE], mask[80], who[HELPER_NAME_SIZE];

    for (size_t h = 0; h < sample->n_helpers; h++) {
        const struct helper_reading *helper = &sample->helpers[h];

        if (guest_compare(&helper->guest, guest) != 0)
            continue;
        cpuset_format(&helper->affinity, mask, sizeof(mask));
        snprintf(text, sizeof(text), "its %s may run on pCPU %s%s",
                 plan_helper_name(helper->iothread, who), mask,
                 helper->is_owners ? ", where its definition has it" : "");
        why_add(lines, text);
    }
    for (size_t h = 0; h < plan->n_helpers; h++) {
        const struct plan_helpers *helpers = &plan->helpers[h];

        if (guest_compare(&sample->vcpus[helpers->vcpu].guest, guest) != 0)
            continue;
        snprintf(text, sizeof(text), "threads beside its vCPUs want %.1f %% of a pCPU",
                 helpers->demand_permille / 10.0);
        why_add(lines, text);
    }
}

/* Where its memory lies, where it matters. */
static void tell_nodes(const struct scene *scene, const struct guest_id *guest, json_t *lines)
{
    const struct vcpu_sample *sample = &scene->vcpu_sample;
    char text[SENTENCE];

    for (size_t g = 0; g < sample->n_guests; g++)
        if (scene->vcpu_plan.memory.n_guests > 0 &&
            guest_compare(&sample->guests[g].guest, guest) == 0) {
            report_nodes_of_guest(&sample->guests[g].memory, text, sizeof(text));
            why_add(lines, text);
        }
}

/* What the plan has of the guest, the first of it; false: nothing. */
static bool describe_change(const struct vcpu_plan *plan, const struct guest_id *guest,
                            char ret[SENTENCE / 2])
{
    char to[80], who[HELPER_NAME_SIZE];

    for (size_t i = 0; i < plan->n_pins; i++) {
        const struct vcpu_pin *pin = &plan->pins[i];

        if (guest_compare(&pin->guest, guest) != 0)
            continue;
        cpuset_format(&pin->to, to, sizeof(to));
        snprintf(ret, SENTENCE / 2, "vCPU %u to pCPU %s, %s", pin->vcpu, to, pin->reason);
        return true;
    }
    for (size_t i = 0; i < plan->n_releases; i++) {
        if (guest_compare(&plan->releases[i].guest, guest) != 0)
            continue;
        snprintf(ret, SENTENCE / 2, "vCPU %u set free, pins are not worth it",
                 plan->releases[i].vcpu);
        return true;
    }
    for (size_t i = 0; i < plan->n_helper_pins; i++) {
        const struct helper_pin *pin = &plan->helper_pins[i];

        if (guest_compare(&pin->guest, guest) != 0)
            continue;
        cpuset_format(&pin->to, to, sizeof(to));
        snprintf(ret, SENTENCE / 2, "its %s to pCPU %s, %s", plan_helper_name(pin->iothread, who),
                 to, pin->reason);
        return true;
    }
    return false;
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

static const char *turn_of(const struct scene *scene, size_t first, size_t end,
                           struct why_pauses pauses, char text[SENTENCE])
{
    const struct vcpu_sample *sample = &scene->vcpu_sample;
    const struct vcpu_plan *plan = &scene->vcpu_plan;
    size_t running = 0, alone = 0;
    char change[SENTENCE / 2];

    for (size_t i = first; i < end; i++) {
        running += sample->vcpus[i].running;
        alone += sample->vcpus[i].has_strange_limits;
    }
    if (why_end_of_pause(&sample->vcpus[first].guest, pauses, text))
        return text;
    if (describe_change(plan, &sample->vcpus[first].guest, change)) {
        why_planned(scene->fate, change, text);
        return text;
    }
    if (running == 0)
        return "that it runs";
    if (alone == end - first)
        return "limits that are known: its definition is read in one of the next intervals, if it "
               "can be";
    return by_verdict(plan, text);
}

static json_t *about_vcpus(const struct scene *scene, size_t first, struct why_pauses pauses)
{
    const struct vcpu_sample *sample = &scene->vcpu_sample;
    json_t *lines = json_array();
    char text[SENTENCE];
    size_t end = first;

    why_add_pause(lines, pauses);
    for (; end < sample->n_vcpus &&
           guest_compare(&sample->vcpus[end].guest, &sample->vcpus[first].guest) == 0;
         end++)
        tell_vcpu(scene, end, pauses.now || pauses.then, lines);
    tell_helpers(scene, &sample->vcpus[first].guest, lines);
    tell_nodes(scene, &sample->vcpus[first].guest, lines);
    return json_members("guest", json_from_guest(&sample->vcpus[first].guest), "lines", lines,
                        "note", json_from_text(scene->vcpu_plan.note), "change",
                        json_from_text(turn_of(scene, first, end, pauses, text)), NULL);
}

static struct why_pauses pauses_of(const struct scene *scene, const struct pauses *pauses,
                                   const struct guest_id *guest)
{
    return (struct why_pauses){pauses_find(pauses, guest), pauses_find(&scene->pauses, guest)};
}

json_t *why_about(const struct scene *scene, const char *guest, const struct pauses *pauses)
{
    const struct vcpu_sample *sample = &scene->vcpu_sample;
    const struct memory_plan *plan = &scene->memory_plan;

    for (size_t i = 0; i < sample->n_vcpus; i++)
        if (guest_is_called(&sample->vcpus[i].guest, guest))
            return about_vcpus(scene, i, pauses_of(scene, pauses, &sample->vcpus[i].guest));
    for (size_t i = 0; i < plan->n_places; i++)
        if (guest_is_called(&plan->places[i].guest, guest))
            return why_about_memory(scene, i, pauses_of(scene, pauses, &plan->places[i].guest));
    return NULL;
}
