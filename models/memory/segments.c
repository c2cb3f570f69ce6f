/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/memory/segments.h"

#include <errno.h>
#include <stdlib.h>

#include "models/base/whole.h"

/* Prices only have to fall from layer to layer and from position to position: with one row and
 * coefficients of 1, a KiB moved to a higher price always gains, however small the step. The
 * positions within the scarce layer: clearly below the fair level; near it and held today; near it
 * and not held; clearly above. Elsewhere the first price is the layer's. */
enum position { BELOW, NEAR_HELD, NEAR_NOT_HELD, ABOVE, POSITIONS };
static const int PRICE[MEMORY_LAYERS][POSITIONS] = {
    [MEMORY_FLOOR] = {64, 62, 60, 58}, [MEMORY_CACHE] = {48, 46, 44, 42},
    [MEMORY_WISH] = {32, 30, 28, 26},  [MEMORY_REST] = {16, 14, 12, 10},
    [MEMORY_IDLE] = {-2, -2, -2, -2},
};
/* Layers, each in one piece except the scarce one. */
enum { SEGMENTS_PER_ITEM = (int)MEMORY_LAYERS + (int)POSITIONS - 1 };

static void add(struct memory_segments *segments, size_t item, enum memory_layer layer,
                enum position position, int64_t from_kib, int64_t to_kib)
{
    if (to_kib > from_kib)
        segments->at[segments->n++] = (struct memory_segment){.item = item,
                                                              .layer = layer,
                                                              .length_kib = to_kib - from_kib,
                                                              .price = PRICE[layer][position]};
}

static void add_scarce(const struct memory_problem *problem, struct memory_segments *segments,
                       size_t i, enum memory_layer layer)
{
    const struct memory_item *item = &problem->items[i];
    int64_t level = segments->level.level_kib;
    int64_t below = memory_size_at(item, layer, level - problem->fair_step_kib);
    int64_t above = memory_size_at(item, layer, level + problem->fair_step_kib);
    int64_t held = clamp64(item->current_kib, below, above);
    int64_t foot, head;

    memory_layer_range(item, layer, &foot, &head);
    add(segments, i, layer, BELOW, foot, below);
    add(segments, i, layer, NEAR_HELD, below, held);
    add(segments, i, layer, NEAR_NOT_HELD, held, above);
    add(segments, i, layer, ABOVE, above, head);
}

static void add_item(const struct memory_problem *problem, struct memory_segments *segments,
                     size_t i)
{
    for (enum memory_layer layer = MEMORY_FLOOR; layer < MEMORY_LAYERS; layer++) {
        int64_t foot, head;

        memory_layer_range(&problem->items[i], layer, &foot, &head);
        if (layer == segments->level.scarce && layer != MEMORY_IDLE)
            add_scarce(problem, segments, i, layer);
        else
            add(segments, i, layer, BELOW, foot, head);
    }
}

int memory_segments_build(const struct memory_problem *problem, struct memory_segments *segments)
{
    size_t room = problem->n_items * SEGMENTS_PER_ITEM;

    if (room > segments->room) {
        struct memory_segment *at = realloc(segments->at, room * sizeof(*at));

        if (!at)
            return -ENOMEM;
        segments->at = at;
        segments->room = room;
    }
    memory_level(problem, &segments->level);
    segments->n = 0;
    segments->spare_kib = problem->capacity_kib;
    for (size_t i = 0; i < problem->n_items; i++) {
        segments->spare_kib -= problem->items[i].lower_kib;
        add_item(problem, segments, i);
    }
    return 0;
}

void memory_segments_done(struct memory_segments *segments)
{
    free(segments->at);
    *segments = (struct memory_segments){0};
}

/* What a segment costs when `held` of it is held. */
static int64_t segment_cost(const struct memory_segment *segment, int64_t held)
{
    return segment->price > 0 ? segment->price * (segment->length_kib - held)
                              : -segment->price * held;
}

void memory_evaluate(const struct memory_problem *problem, const struct memory_segments *segments,
                     const int64_t *sizes_kib, struct memory_value *ret)
{
    struct memory_value value = {0};
    int64_t sum = 0;
    size_t k = 0;

    for (size_t i = 0; i < problem->n_items; i++) {
        int64_t above = sizes_kib[i] - problem->items[i].lower_kib;

        sum += sizes_kib[i];
        if (above < 0)
            value.violations++;
        for (; k < segments->n && segments->at[k].item == i; k++) {
            int64_t held = clamp64(above, 0, segments->at[k].length_kib);

            value.cost += segment_cost(&segments->at[k], held);
            above -= held;
        }
        if (above > 0)
            value.violations++;
    }
    value.over_kib = max64(0, sum - problem->capacity_kib);
    value.cost += MEMORY_SHORT_PRICE * value.over_kib;
    *ret = value;
}

int64_t memory_dual_bound(const struct memory_segments *segments, int dual)
{
    int64_t bound = -dual * segments->spare_kib;

    for (size_t k = 0; k < segments->n; k++) {
        const struct memory_segment *segment = &segments->at[k];
        int64_t price = segment->price;

        if (price > 0)
            bound += price * segment->length_kib;
        if (price > dual)
            bound -= (price - dual) * segment->length_kib;
    }
    return bound;
}
