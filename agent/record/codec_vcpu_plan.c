/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/record/codec_vcpu_plan.h"

#include <stddef.h>

#include "agent/base/json_values.h"
#include "agent/record/codec_work.h"

static json_t *places_to_json(const struct vcpu_plan *plan)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_places; i++)
        failures += json_array_append_new(
            array, json_pack("[iiii]", (int)plan->places[i].vcpu, plan->places[i].from_place,
                             plan->places[i].to_place, plan->places[i].demand_permille));
    return json_unless(array, failures);
}

static json_t *loads_to_json(const struct vcpu_plan *plan)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_pcpus; i++)
        failures += json_array_append_new(array, json_pack("[iii]", (int)plan->pcpus[i].id,
                                                           plan->pcpus[i].before_permille,
                                                           plan->pcpus[i].after_permille));
    return json_unless(array, failures);
}

static json_t *pin_to_json(const struct vcpu_plan *plan, const struct vcpu_pin *pin)
{
    /* clang-format off */
    json_t *object = json_members(
        "uuid", json_from_uuid(&pin->guest),
        "vcpu", json_integer(pin->vcpu),
        "from", json_integer(pin->from_place),
        "to", json_integer(pin->to_place),
        "demand_permille", json_integer(pin->demand_permille),
        "reason", json_from_text(pin->reason),
        NULL);
    /* clang-format on */
    int failures = !object;

    if (plan->grain != TOPOLOGY_LEVEL_PCPU)
        failures += json_object_set_new(object, "pcpus", json_from_cpuset(&pin->to));
    return json_unless(object, failures);
}

static json_t *pins_to_json(const struct vcpu_plan *plan)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_pins; i++)
        failures += json_array_append_new(array, pin_to_json(plan, &plan->pins[i]));
    return json_unless(array, failures);
}

static int add_releases(const struct vcpu_plan *plan, json_t *object)
{
    json_t *array = json_array();
    int failures = !object;

    for (size_t i = 0; i < plan->n_releases; i++) {
        const struct vcpu_release *release = &plan->releases[i];

        /* clang-format off */
        failures += json_array_append_new(array, json_members(
            "uuid", json_from_uuid(&release->guest),
            "vcpu", json_integer(release->vcpu),
            "from", json_integer(release->from_place),
            NULL));
        /* clang-format on */
    }
    return failures + json_object_set_new(object, "releases", array);
}

static int add_helpers(const struct vcpu_plan *plan, json_t *object)
{
    json_t *counted = json_array(), *pins = json_array();
    int failures = !object;

    for (size_t h = 0; h < plan->n_helpers; h++)
        failures += json_array_append_new(counted, json_pack("[ii]", (int)plan->helpers[h].vcpu,
                                                             plan->helpers[h].demand_permille));
    for (size_t i = 0; i < plan->n_helper_pins; i++) {
        const struct helper_pin *pin = &plan->helper_pins[i];

        /* clang-format off */
        failures += json_array_append_new(pins, json_members(
            "uuid", json_from_uuid(&pin->guest),
            "iothread", json_integer(pin->iothread),
            "to", json_from_cpuset(&pin->to),
            "reason", json_from_text(pin->reason),
            NULL));
        /* clang-format on */
    }
    failures += json_object_set_new(object, "helpers", counted);
    return failures + json_object_set_new(object, "helper_pins", pins);
}

/* Above level pcpu places are these sets, by their index. */
static int add_sets(const struct vcpu_plan *plan, json_t *object)
{
    json_t *array = json_array();
    int failures =
        json_object_set_new(object, "level", json_string(topology_level_text(plan->grain)));

    for (size_t s = 0; s < plan->n_sets; s++)
        failures += json_array_append_new(array, json_from_cpuset(&plan->sets[s].pcpus));
    return failures + json_object_set_new(object, "sets", array);
}

json_t *vcpu_plan_to_json(const struct vcpu_plan *plan)
{
    /* clang-format off */
    json_t *object = json_members(
        "verdict", json_string(verdict_text(plan->verdict)),
        "note", json_from_text(plan->note),
        "status", json_string(solve_status_text(plan->status)),
        "method", json_string(placement_method_text(plan->method)),
        "sigma_pct", json_from_number(plan->sigma_pct),
        "sigma_after_pct", json_from_number(plan->sigma_after_pct),
        "sigma_bound_pct", json_from_number(plan->sigma_bound_pct),
        "objective", json_from_number(plan->objective),
        "bound", json_from_number(plan->bound),
        "gap", json_from_number(plan->gap),
        "hold_objective", json_from_number(plan->hold_objective),
        "work", work_counts_to_json(&plan->work),
        "solver", plan_solver_to_json(&plan->solver),
        "pcpus", loads_to_json(plan),
        "places", places_to_json(plan),
        "pins", pins_to_json(plan),
        NULL);
    /* clang-format on */
    int failures = !object;

    if (plan->grain != TOPOLOGY_LEVEL_PCPU)
        failures += add_sets(plan, object);
    if (plan->n_releases)
        failures += add_releases(plan, object);
    if (plan->n_helpers + plan->n_helper_pins)
        failures += add_helpers(plan, object);
    return json_unless(object, failures);
}
