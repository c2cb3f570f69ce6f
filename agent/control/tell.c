/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the loops publish after an interval. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/control/state.h"
#include "agent/host/hands.h"
#include "planner/base/units.h"

static void add_change(json_t *changes, const struct interval *interval,
                       const struct guest_id *guest, const char *text)
{
    json_array_append_new(changes,
                          json_members("at", json_string(interval->at), "guest",
                                       json_from_guest(guest), "text", json_from_text(text), NULL));
}

/* What else moves guests on this host; null where that is not known. */
static json_t *hands(const struct interval *interval)
{
    json_t *array = interval->knows_hands ? json_array() : json_null();

    for (int h = 0; interval->knows_hands && h < HANDS; h++)
        if (hands_have(interval->hands, (enum hand)h))
            json_array_append_new(
                array, json_members("name", json_string(hand_name((enum hand)h)), "advice",
                                    json_string(hand_advice((enum hand)h)), NULL));
    return array;
}

/* What both programs tell of an interval. own has their members beside, and goes into it. */
static void fill(struct snapshot *snapshot, const struct interval *interval, enum verdict verdict,
                 const char *note, json_t *own, const json_t *changes)
{
    /* clang-format off */
    json_t *status = json_members(
        "at", json_string(interval->at),
        "interval", json_from_count(interval->number),
        "verdict", json_string(verdict_text(verdict)),
        "note", json_from_text(note),
        "moves", json_from_count(json_array_size(changes)),
        "objective", json_from_number(snapshot->objective),
        "bound", json_from_number(snapshot->bound),
        "gap", json_from_number(snapshot->gap),
        "dry_run", json_boolean(interval->dry_run),
        "failed", json_from_count(interval->tally.failed),
        "overruns", json_from_count(interval->overruns),
        "others", hands(interval),
        NULL);
    /* clang-format on */

    if (status && own)
        json_object_update(status, own);
    json_decref(own);
    snapshot->verdict = strdup(verdict_text(verdict));
    snapshot->status = json_line(status, JSON_DIGITS_SHORT);
    snapshot->changes = json_array_size(changes) ? json_text(changes, 0) : NULL;
    snapshot->moves = (unsigned)json_array_size(changes);
    memcpy(snapshot->at, interval->at, sizeof(snapshot->at));
}

/* Before what is done: the next change of the list. */
static const char *whether(const struct interval *interval, const json_t *changes)
{
    const bool *made = interval->tally.made;

    if (interval->dry_run)
        return "would ";
    return made && !made[json_array_size(changes)] ? "could not " : "";
}

static json_t *vcpu_changes(const struct vcpu_plan *plan, const struct interval *interval)
{
    json_t *changes = json_array();
    char text[300], who[HELPER_NAME_SIZE], to[80]; /* pCPUs */

    for (size_t i = 0; i < plan->n_pins; i++) {
        const struct vcpu_pin *pin = &plan->pins[i];

        cpuset_format(&pin->to, to, sizeof(to));
        snprintf(text, sizeof(text), "%spin vCPU %u to pCPU %s: %s", whether(interval, changes),
                 pin->vcpu, to, pin->reason);
        add_change(changes, interval, &pin->guest, text);
    }
    for (size_t i = 0; i < plan->n_releases; i++) {
        const struct vcpu_release *release = &plan->releases[i];
        struct cpuset from = vcpu_plan_pcpus(plan, release->from_place);

        cpuset_format(&from, to, sizeof(to));
        snprintf(text, sizeof(text), "%sfree vCPU %u%s%s: pins are not worth it",
                 whether(interval, changes), release->vcpu, to[0] ? " of pCPU " : "", to);
        add_change(changes, interval, &release->guest, text);
    }
    for (size_t i = 0; i < plan->n_helper_pins; i++) {
        const struct helper_pin *pin = &plan->helper_pins[i];

        cpuset_format(&pin->to, to, sizeof(to));
        snprintf(text, sizeof(text), "%s%s its %s to pCPU %s: %s", whether(interval, changes),
                 helper_pin_verb(pin), plan_helper_name(pin->iothread, who), to, pin->reason);
        add_change(changes, interval, &pin->guest, text);
    }
    return changes;
}

void control_tell_vcpu(struct control *control, const struct vcpu_sample *sample,
                       const struct vcpu_plan *plan, const struct interval *interval)
{
    struct snapshot snapshot = {
        .objective = plan->objective, .bound = plan->bound, .gap = plan->gap};
    json_t *changes;

    if (!control_is_serving(control))
        return;
    changes = vcpu_changes(plan, interval);
    fill(&snapshot, interval, plan->verdict, plan->note,
         json_members("guests", json_from_count(sample->n_guests), "sigma_pct",
                      json_from_number(plan->ran.sigma_pct), "far_pct",
                      json_from_number(100 * plan->memory.now), "far_unknown",
                      json_from_count(plan->memory.n_unknown), NULL),
         changes);
    json_decref(changes);
    control_publish(control, &snapshot);
}

static void add_steps(json_t *changes, const struct interval *interval, const char *verb,
                      const struct balloon_step *steps, size_t n)
{
    char text[300];

    for (size_t i = 0; i < n; i++) {
        snprintf(text, sizeof(text), "%s%s %.0f to %.0f MiB: %s", whether(interval, changes), verb,
                 (double)steps[i].from_kib / KIB_PER_MIB, (double)steps[i].to_kib / KIB_PER_MIB,
                 steps[i].reason);
        add_change(changes, interval, &steps[i].guest, text);
    }
}

static size_t unasked(const struct memory_sample *sample)
{
    size_t n = 0;

    for (size_t i = 0; i < sample->n_guests; i++)
        n += memory_reading_is_unasked(&sample->guests[i]);
    return n;
}

void control_tell_memory(struct control *control, const struct memory_sample *sample,
                         const struct memory_plan *plan, const struct interval *interval)
{
    struct snapshot snapshot = {
        .objective = plan->objective, .bound = plan->bound, .gap = plan->gap};
    json_t *changes;

    if (!control_is_serving(control))
        return;
    changes = json_array();
    add_steps(changes, interval, "reclaim", plan->reclaims, plan->n_reclaims);
    add_steps(changes, interval, "grant", plan->grants, plan->n_grants);
    fill(&snapshot, interval, plan->verdict, plan->note,
         json_members("guests", json_from_count(sample->n_guests), "free_kib",
                      json_from_count(plan->host_free_kib), "unasked",
                      json_from_count(unasked(sample)), "asks", json_boolean(interval->asks), NULL),
         changes);
    json_decref(changes);
    control_publish(control, &snapshot);
}
