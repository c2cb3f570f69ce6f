/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/memory/missing.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* What a layer holds is a piecewise linear function of the level: the slope rises by an item's
 * weight where the item enters the layer and falls by it where the item has all of it. */
struct bend {
    double level, rate;   /* the slope changes by rate */
    double slope, filled; /* from here on; up to here */
};

struct table {
    struct bend *bends;
    size_t n;
};

struct memory_missing {
    const struct memory_problem *problem;
    struct table tables[MEMORY_IDLE];
    double below[MEMORY_IDLE]; /* all lower sizes, and all layers above this one in rank */
};

static int compare(const void *a, const void *b)
{
    const struct bend *left = a;
    const struct bend *right = b;

    return (left->level > right->level) - (left->level < right->level);
}

static void accumulate(struct table *table)
{
    double slope = 0;
    double filled = 0;

    for (size_t k = 0; k < table->n; k++) {
        if (k > 0)
            filled += slope * (table->bends[k].level - table->bends[k - 1].level);
        slope += table->bends[k].rate;
        table->bends[k].slope = slope;
        table->bends[k].filled = filled;
    }
}

static int tabulate(const struct memory_problem *problem, enum memory_layer layer,
                    struct table *table)
{
    table->bends = calloc(2 * problem->n_items + 1, sizeof(*table->bends));
    if (!table->bends)
        return -ENOMEM;
    for (size_t i = 0; i < problem->n_items; i++) {
        const struct memory_item *item = &problem->items[i];
        double rate = memory_layer_rate(item, layer);
        double origin = (double)memory_layer_origin(item, layer);
        int64_t foot, head;

        memory_layer_range(item, layer, &foot, &head);
        if (head == foot)
            continue;
        table->bends[table->n++] =
            (struct bend){.level = ((double)foot - origin) / rate, .rate = rate};
        table->bends[table->n++] =
            (struct bend){.level = ((double)head - origin) / rate, .rate = -rate};
    }
    qsort(table->bends, table->n, sizeof(*table->bends), compare);
    accumulate(table);
    return 0;
}

static double layer_length(const struct memory_problem *problem, enum memory_layer layer)
{
    double length = 0;

    for (size_t i = 0; i < problem->n_items; i++) {
        int64_t foot, head;

        memory_layer_range(&problem->items[i], layer, &foot, &head);
        length += (double)(head - foot);
    }
    return length;
}

int memory_missing_new(const struct memory_problem *problem, struct memory_missing **ret)
{
    struct memory_missing *missing = calloc(1, sizeof(*missing));
    double below = 0;
    int r = missing ? 0 : -ENOMEM;

    for (size_t i = 0; i < problem->n_items; i++)
        below += (double)problem->items[i].lower_kib;
    for (enum memory_layer layer = MEMORY_FLOOR; layer < MEMORY_IDLE && r == 0; layer++) {
        missing->below[layer] = below;
        below += layer_length(problem, layer);
        r = tabulate(problem, layer, &missing->tables[layer]);
    }
    if (r < 0) {
        memory_missing_free(missing);
        return r;
    }
    missing->problem = problem;
    *ret = missing;
    return 0;
}

void memory_missing_free(struct memory_missing *missing)
{
    if (!missing)
        return;
    for (enum memory_layer layer = MEMORY_FLOOR; layer < MEMORY_IDLE; layer++)
        free(missing->tables[layer].bends);
    free(missing);
}

static double filled_to(const struct table *table, double level)
{
    size_t low = 0; /* bends before this one are at or below the level */
    size_t high = table->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (table->bends[middle].level <= level)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    return table->bends[low - 1].filled +
           table->bends[low - 1].slope * (level - table->bends[low - 1].level);
}

int64_t memory_missing_kib(const struct memory_missing *missing, size_t item,
                           enum memory_layer layer)
{
    const struct memory_item *it = &missing->problem->items[item];
    int64_t foot, head;
    double level, needed;

    memory_layer_range(it, layer, &foot, &head);
    while (head == foot && layer > MEMORY_FLOOR) /* nothing in here: the layer before it counts */
        memory_layer_range(it, --layer, &foot, &head);
    if (head == foot)
        return 0;
    level = (double)(head - memory_layer_origin(it, layer)) / memory_layer_rate(it, layer);
    needed = missing->below[layer] + filled_to(&missing->tables[layer], level) -
             (double)missing->problem->capacity_kib;
    return needed > 0 ? (int64_t)llround(needed) : 0;
}
