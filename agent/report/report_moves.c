/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report_moves.h"

#include "agent/base/json_values.h"

/* A place: a pCPU by its number, or above level pcpu the pCPUs of a set; null: none. */
static json_t *place(const struct vcpu_plan *plan, int place)
{
    struct cpuset set = vcpu_plan_pcpus(plan, place);

    if (place < 0)
        return json_null();
    return plan->grain == TOPOLOGY_LEVEL_PCPU ? json_integer(place) : json_from_cpuset(&set);
}

/* Where it goes is null: it floats. */
static json_t *release(const struct vcpu_plan *plan, const struct vcpu_release *release)
{
    /* clang-format off */
    return json_members(
        "guest", json_from_guest(&release->guest),
        "uuid", json_from_uuid(&release->guest),
        "vcpu", json_integer(release->vcpu),
        "from", place(plan, release->from_place),
        "to", json_null(),
        "demand_pct", json_from_number(release->demand_permille / 10.0),
        "reason", json_string("it floats better"),
        NULL);
    /* clang-format on */
}

json_t *report_moves(const struct vcpu_plan *plan)
{
    json_t *array = json_array();
    int failures = !array;

    for (size_t i = 0; i < plan->n_pins; i++) {
        const struct vcpu_pin *pin = &plan->pins[i];
        /* clang-format off */
        json_t *object = json_members(
            "guest", json_from_guest(&pin->guest),
            "uuid", json_from_uuid(&pin->guest),
            "vcpu", json_integer(pin->vcpu),
            "from", place(plan, pin->from_place),
            "to", plan->grain == TOPOLOGY_LEVEL_PCPU ? json_integer(pin->to_place)
                                                     : json_from_cpuset(&pin->to),
            "demand_pct", json_from_number(pin->demand_permille / 10.0),
            "reason", json_from_text(pin->reason),
            NULL);
        /* clang-format on */

        failures += json_array_append_new(array, object) < 0;
    }
    for (size_t i = 0; i < plan->n_releases; i++)
        failures += json_array_append_new(array, release(plan, &plan->releases[i])) < 0;
    return json_unless(array, failures);
}

json_t *report_helpers(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    json_t *array = json_array();
    int failures = !array;

    for (size_t h = 0; h < plan->n_helpers; h++) {
        const struct plan_helpers *helpers = &plan->helpers[h];
        const struct guest_id *guest = &sample->vcpus[helpers->vcpu].guest;
        /* clang-format off */
        json_t *object = json_members(
            "guest", json_from_guest(guest),
            "uuid", json_from_uuid(guest),
            "demand_pct", json_from_number(helpers->demand_permille / 10.0),
            NULL);
        /* clang-format on */

        failures += json_array_append_new(array, object) < 0;
    }
    return json_unless(array, failures);
}

json_t *report_helper_moves(const struct vcpu_plan *plan)
{
    json_t *array = json_array();
    int failures = !array;

    for (size_t i = 0; i < plan->n_helper_pins; i++) {
        const struct helper_pin *pin = &plan->helper_pins[i];
        /* clang-format off */
        json_t *object = json_members(
            "guest", json_from_guest(&pin->guest),
            "uuid", json_from_uuid(&pin->guest),
            "iothread", pin->iothread ? json_integer(pin->iothread) : json_null(),
            "from", json_from_cpuset(&pin->from),
            "to", json_from_cpuset(&pin->to),
            "demand_pct", json_from_number(pin->demand_permille / 10.0),
            "reason", json_from_text(pin->reason),
            NULL);
        /* clang-format on */

        failures += json_array_append_new(array, object) < 0;
    }
    return json_unless(array, failures);
}
