/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report_reserves.h"

#include "agent/base/json_values.h"
#include "agent/base/text.h"
#include "agent/report/fold.h"
#include "agent/report/order.h"

enum { NAME_WIDTH = 16 };

void report_reserves(FILE *out, const struct vcpu_sample *sample, const struct vcpu_plan *plan,
                     const struct order_row *rows)
{
    for (size_t i = 0; rows && i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[rows[i].at];
        const struct vcpu_reading *reading = &sample->vcpus[place->vcpu];
        struct cpuset at = vcpu_plan_pcpus(plan, place->to_place);
        char name[4 * NAME_WIDTH + 1], list[64];

        if (place->reserve_permille == 0)
            continue;
        text_column(reading->guest.name, NAME_WIDTH, 0, name, sizeof(name));
        cpuset_format(&at, list, sizeof(list));
        fold_line(out, 6, "  reserve %s/%u %.1f %% of a pCPU, %.1f %% wanted: %s%s", name,
                  reading->vcpu, place->reserve_permille / 10.0, place->demand_permille / 10.0,
                  list[0] ? "kept on " : "it floats, nothing is kept", list);
    }
}

json_t *report_reserves_json(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];
        const struct vcpu_reading *reading = &sample->vcpus[place->vcpu];
        struct cpuset at = vcpu_plan_pcpus(plan, place->to_place);

        if (place->reserve_permille == 0)
            continue;
        /* clang-format off */
        failures += json_array_append_new(array, json_members(
            "guest", json_from_guest(&reading->guest),
            "uuid", json_from_uuid(&reading->guest),
            "vcpu", json_integer(reading->vcpu),
            "reserve_pct", json_from_number(place->reserve_permille / 10.0),
            "demand_pct", json_from_number(place->demand_permille / 10.0),
            "pcpus", place->to_place < 0 ? json_null() : json_from_cpuset(&at),
            NULL)) < 0;
        /* clang-format on */
    }
    return json_unless(array, failures);
}
