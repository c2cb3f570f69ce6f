/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/memory/problem.h"

#include <errno.h>

#include "models/base/whole.h"

/* 64 TiB: the sum over half a million items, times any price, still fits into 63 bits. */
static const int64_t MAX_KIB = (int64_t)1 << 36;
enum { MAX_WEIGHT = 10000, USUAL_WEIGHT = 100 };

const char *memory_layer_text(enum memory_layer layer)
{
    static const char *const texts[MEMORY_LAYERS] = {"floor", "cache", "wish", "rest", "idle"};

    return texts[layer];
}

static int item_check(const struct memory_item *item)
{
    int64_t largest = max64(item->rest_kib, item->current_kib);

    if (item->floor_kib < 0 || item->cached_kib < item->floor_kib ||
        item->wish_kib < item->cached_kib || item->rest_kib < item->wish_kib)
        return -EINVAL;
    if (item->lower_kib < 0 || item->lower_kib > item->current_kib || largest > MAX_KIB)
        return -EINVAL;
    return item->weight < 1 || item->weight > MAX_WEIGHT ? -EINVAL : 0;
}

int memory_problem_check(const struct memory_problem *problem)
{
    if (problem->capacity_kib > MAX_KIB || problem->capacity_kib < -MAX_KIB)
        return -EINVAL;
    if (problem->fair_step_kib < 0 || problem->fair_step_kib > MAX_KIB ||
        (problem->n_items && !problem->items))
        return -EINVAL;
    for (size_t i = 0; i < problem->n_items; i++) {
        int r = item_check(&problem->items[i]);

        if (r < 0)
            return r;
    }
    return 0;
}

void memory_layer_range(const struct memory_item *item, enum memory_layer layer, int64_t *ret_foot,
                        int64_t *ret_head)
{
    const int64_t edges[MEMORY_LAYERS + 1] = {
        0, item->floor_kib, item->cached_kib, item->wish_kib, item->rest_kib, item->current_kib,
    };

    *ret_foot = max64(edges[layer], item->lower_kib);
    *ret_head = max64(edges[layer + 1], *ret_foot);
}

/* Levels count from a layer's own foot, except a floor's: there what is missing counts, so that the
 * item with the least gets memory first, and no weight makes a guarantee better than another. */
int64_t memory_layer_origin(const struct memory_item *item, enum memory_layer layer)
{
    switch (layer) {
    case MEMORY_FLOOR:
    case MEMORY_CACHE:
        return item->floor_kib;
    case MEMORY_WISH:
        return item->cached_kib;
    default:
        return item->wish_kib;
    }
}

static int weight_in(const struct memory_item *item, enum memory_layer layer)
{
    return layer == MEMORY_FLOOR ? USUAL_WEIGHT : item->weight;
}

double memory_layer_rate(const struct memory_item *item, enum memory_layer layer)
{
    return weight_in(item, layer) / (double)USUAL_WEIGHT;
}

int64_t memory_size_at(const struct memory_item *item, enum memory_layer layer, int64_t level_kib)
{
    int64_t rise = floor_div(level_kib * weight_in(item, layer), USUAL_WEIGHT);
    int64_t foot, head;

    memory_layer_range(item, layer, &foot, &head);
    return max64(foot, min64(head, memory_layer_origin(item, layer) + rise));
}

/* The least level at which the item stands at size or above. */
static int64_t level_of(const struct memory_item *item, enum memory_layer layer, int64_t size)
{
    int64_t rise = size - memory_layer_origin(item, layer);

    return -floor_div(-rise * USUAL_WEIGHT, weight_in(item, layer));
}

static int64_t filled_to(const struct memory_problem *problem, enum memory_layer layer,
                         int64_t level)
{
    int64_t sum = 0;

    for (size_t i = 0; i < problem->n_items; i++) {
        int64_t foot, head;

        memory_layer_range(&problem->items[i], layer, &foot, &head);
        if (head > foot)
            sum += memory_size_at(&problem->items[i], layer, level) - foot;
    }
    return sum;
}

/* The highest level up to which the layer can be filled with spare_kib, which is less than all. */
static int64_t highest_level(const struct memory_problem *problem, enum memory_layer layer,
                             int64_t spare_kib)
{
    int64_t low = 0; /* fits */
    int64_t high = 0;

    for (size_t i = 0; i < problem->n_items; i++) {
        int64_t foot, head;

        memory_layer_range(&problem->items[i], layer, &foot, &head);
        if (head == foot)
            continue;
        low = min64(low, level_of(&problem->items[i], layer, foot) - 1);
        high = max64(high, level_of(&problem->items[i], layer, head));
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (filled_to(problem, layer, middle) <= spare_kib)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void memory_level(const struct memory_problem *problem, struct memory_level *ret)
{
    int64_t length[MEMORY_LAYERS] = {0};
    int64_t spare = problem->capacity_kib;
    enum memory_layer layer = MEMORY_FLOOR;

    for (size_t i = 0; i < problem->n_items; i++) {
        spare -= problem->items[i].lower_kib;
        for (enum memory_layer l = MEMORY_FLOOR; l < MEMORY_IDLE; l++) {
            int64_t foot, head;

            memory_layer_range(&problem->items[i], l, &foot, &head);
            length[l] += head - foot;
        }
    }
    *ret = (struct memory_level){.scarce = MEMORY_FLOOR, .short_kib = max64(0, -spare)};
    spare = max64(0, spare);
    while (layer < MEMORY_IDLE && length[layer] <= spare)
        spare -= length[layer++];
    ret->scarce = layer;
    if (layer < MEMORY_IDLE)
        ret->level_kib = highest_level(problem, layer, spare);
}
