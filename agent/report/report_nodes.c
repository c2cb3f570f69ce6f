/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report_nodes.h"

#include <string.h>

#include "agent/base/json_values.h"
#include "agent/report/fold.h"

void report_nodes(FILE *out, const struct vcpu_plan *plan)
{
    const struct plan_memory *memory = &plan->memory;
    struct fold fold = fold_begin(out, 0, 6);

    if (memory->n_guests == 0 || plan->verdict == VERDICT_HOLD_OBSERVING)
        return;
    fold_text(&fold, "  memory  ");
    if (memory->n_unknown < memory->n_guests) {
        fold_print(&fold, "on other nodes costs %.1f %% of running", 100 * memory->now);
        if (plan->n_pins + plan->n_releases)
            fold_print(&fold, ", after the plan %.1f %%", 100 * memory->after);
        if (memory->n_unknown)
            fold_text(&fold, "; ");
    }
    if (memory->n_unknown)
        fold_print(&fold, "of %zu of %zu guests nobody tells where it lies: counted as near",
                   memory->n_unknown, memory->n_guests);
    fold_end(&fold);
}

static json_t *shares(const struct guest_memory *memory)
{
    json_t *array = memory->is_known ? json_array() : json_null();
    int failures = !array;

    for (unsigned k = 0; memory->is_known && k < memory->n; k++)
        failures +=
            json_array_append_new(
                array, json_members("node", json_integer(memory->at[k].node), "share_pct",
                                    json_from_number(memory->at[k].permille / 10.0), NULL)) < 0;
    return json_unless(array, failures);
}

static json_t *guests(const struct vcpu_sample *sample)
{
    json_t *array = json_array();
    int failures = !array;

    for (size_t g = 0; g < sample->n_guests; g++) {
        const struct guest_reading *guest = &sample->guests[g];
        /* clang-format off */
        json_t *object = json_members(
            "guest", json_from_guest(&guest->guest),
            "uuid", json_from_uuid(&guest->guest),
            "nodes", shares(&guest->memory),
            "bound", guest->memory.is_bound ? json_from_cpuset(&guest->memory.bound) : json_null(),
            NULL);
        /* clang-format on */

        failures += json_array_append_new(array, object) < 0;
    }
    return json_unless(array, failures);
}

json_t *report_nodes_json(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    /* clang-format off */
    return json_members(
        "guests", guests(sample),
        "unknown", json_from_count(plan->memory.n_unknown),
        "far_pct", json_from_number(100 * plan->memory.now),
        "far_after_pct", json_from_number(100 * plan->memory.after),
        "far_floating_pct", json_from_number(100 * plan->memory.floating),
        NULL);
    /* clang-format on */
}

void report_nodes_of_guest(const struct guest_memory *memory, char *ret, size_t size)
{
    size_t used = 0;
    char bound[80];

    ret[0] = '\0';
    for (unsigned k = 0; memory->is_known && k < memory->n && used < size; k++)
        used += (size_t)snprintf(ret + used, size - used, "%s%.0f %%%s on node %d", k ? ", " : "",
                                 memory->at[k].permille / 10.0, k ? "" : " of its memory is",
                                 memory->at[k].node);
    if (!memory->is_known)
        used += (size_t)snprintf(
            ret, size, "nobody tells where its memory lies: it counts as near everywhere");
    if (!memory->is_bound || used >= size)
        return;
    cpuset_format(&memory->bound, bound, sizeof(bound));
    snprintf(ret + used, size - used, "; its definition binds it to node %s", bound);
}
