/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/record/codec_nodes.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/json_values.h"

json_t *codec_nodes_shape(const struct vcpu_sample *sample)
{
    json_t *ids = json_array(), *distances = json_array();
    int failures = 0;

    for (size_t n = 0; n < sample->n_nodes; n++)
        failures += json_array_append_new(ids, json_integer(sample->node_ids[n]));
    for (size_t n = 0; n < sample->n_nodes * sample->n_nodes; n++)
        failures += json_array_append_new(distances, json_integer(sample->distances[n]));
    if (failures) {
        json_decref(ids);
        json_decref(distances);
        return NULL;
    }
    return json_pack("{sbsoso}", "caches", sample->has_caches, "nodes", ids, "distances",
                     distances);
}

int codec_nodes_read_shape(const json_t *shape, struct vcpu_sample *ret)
{
    const json_t *ids = json_object_get(shape, "nodes");
    const json_t *distances = json_object_get(shape, "distances");
    size_t n = json_array_size(ids);

    if (json_array_size(distances) != n * n)
        return -EINVAL;
    ret->node_ids = calloc(n + 1, sizeof(*ret->node_ids));
    ret->distances = calloc(n * n + 1, sizeof(*ret->distances));
    if (!ret->node_ids || !ret->distances)
        return -ENOMEM;
    ret->n_nodes = n;
    for (size_t k = 0; k < n; k++)
        ret->node_ids[k] = (int)json_integer_value(json_array_get(ids, k));
    for (size_t k = 0; k < n * n; k++) {
        json_int_t distance = json_integer_value(json_array_get(distances, k));

        if (distance < 0 || distance > 1000)
            return -EINVAL;
        ret->distances[k] = (unsigned)distance;
    }
    return 0;
}

/* "at" where it is known how much is where, "bound" where other nodes are forbidden. */
json_t *codec_nodes_memory(const struct guest_memory *memory)
{
    json_t *object = json_object(), *at = memory->is_known ? json_array() : NULL;
    int failures = 0;

    for (unsigned k = 0; memory->is_known && k < memory->n; k++)
        failures += json_array_append_new(
            at, json_pack("[ii]", memory->at[k].node, (int)memory->at[k].permille));
    if (memory->is_known)
        failures += json_object_set_new(object, "at", at);
    if (memory->is_following)
        failures += json_object_set_new(object, "following", json_true());
    if (memory->is_bound)
        failures += json_object_set_new(object, "bound", json_from_cpuset(&memory->bound));
    if (!failures)
        return object;
    json_decref(object);
    return NULL;
}

int codec_nodes_read_memory(const json_t *json, struct guest_memory *ret)
{
    const json_t *at = json_object_get(json, "at"), *bound = json_object_get(json, "bound");
    json_int_t sum = 0;

    ret->is_known = at != NULL;
    ret->is_bound = bound != NULL;
    ret->is_following = json_is_true(json_object_get(json, "following"));
    if (json_array_size(at) > GUEST_NODES || (bound && json_to_cpuset(bound, &ret->bound) < 0))
        return -EINVAL;
    for (; ret->n < json_array_size(at); ret->n++) {
        const json_t *pair = json_array_get(at, ret->n);
        json_int_t permille = json_integer_value(json_array_get(pair, 1));

        sum += permille;
        if (json_array_size(pair) != 2 || permille < 0 || permille > 1000 || sum > 1000)
            return -EINVAL;
        ret->at[ret->n].node = (int)json_integer_value(json_array_get(pair, 0));
        ret->at[ret->n].permille = (unsigned)permille;
    }
    return 0;
}
