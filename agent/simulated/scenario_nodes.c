/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/scenario_nodes.h"

#include <errno.h>
#include <stdlib.h>

static bool is_node(const struct topology_facts *topology, json_int_t id)
{
    for (size_t c = 0; topology && c < topology->n_cells; c++) {
        if (topology->cells[c].id == id)
            return true;
    }
    return false;
}

static int add(const struct scenario *scenario, struct scenario_guest *guest, json_int_t id,
               double share)
{
    if (!is_node(scenario->topology, id) || guest->n_nodes == SCENARIO_MAX_NODES || !(share >= 0) ||
        share > 1e9)
        return -EINVAL;
    guest->nodes[guest->n_nodes++] = (struct scenario_node){.id = (int)id, .share = share};
    return 0;
}

static int add_all(const struct scenario *scenario, struct scenario_guest *guest, json_t *shares)
{
    const char *key;
    json_t *share;
    double sum = 0;
    int r = 0;

    json_object_foreach(shares, key, share)
    {
        char *end;
        long id = strtol(key, &end, 10);

        if (r == 0)
            r = end == key || *end || !json_is_number(share)
                    ? -EINVAL
                    : add(scenario, guest, id, json_number_value(share));
        sum += json_number_value(share);
    }
    for (size_t n = 0; n < guest->n_nodes && sum > 0; n++)
        guest->nodes[n].share /= sum;
    return sum > 0 ? r : -EINVAL;
}

void scenario_nodes_parse(struct member *at, const struct scenario *scenario,
                          struct scenario_guest *ret)
{
    json_t *value = member_any(at, "memory_node");
    int r = 0;

    if (json_is_object(value))
        r = add_all(scenario, ret, value);
    else if (value)
        r = json_is_integer(value) ? add(scenario, ret, json_integer_value(value), 1) : -EINVAL;
    ret->has_strict_memory = member_bool(at, "memory_strict", false);
    if (r < 0)
        member_fail(at, r, "memory_node",
                    "must be the id of a node of \"topology\", or shares of at most eight like "
                    "{\"0\": 10, \"1\": 90}");
    if (ret->has_strict_memory && !value)
        member_fail(at, -EINVAL, "memory_strict",
                    "binds memory to \"memory_node\": name that as well");
    json_decref(value);
}
