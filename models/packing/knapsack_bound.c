/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "models/packing/knapsack.h"

struct part {
    int64_t value, size;
    int count;
};

static int dearer_first(const void *a, const void *b)
{
    const struct part *left = a, *right = b;
    int64_t l = left->value * right->size, r = right->value * left->size;

    return l > r ? -1 : l < r;
}

/* Items that are worth most for their size, until the room ends; of the last one only a part. */
static int64_t fill_in_parts(struct part *parts, size_t n, int64_t room)
{
    int64_t value = 0;

    qsort(parts, n, sizeof(*parts), dearer_first);
    for (size_t k = 0; k < n; k++) {
        int64_t fit = parts[k].size ? min64(parts[k].count, room / parts[k].size) : parts[k].count;

        value += fit * parts[k].value;
        room -= fit * parts[k].size;
        if (fit < parts[k].count)
            return value + parts[k].value * room / parts[k].size;
    }
    return value;
}

/* By resource r alone. parts [n] is overwritten. */
static int64_t bound_in_parts(const struct knapsack *knapsack, const int *room, size_t r,
                              struct part *parts)
{
    size_t n = 0;

    for (size_t k = 0; k < knapsack->n; k++) {
        const struct knapsack_item *item = &knapsack->items[k];
        bool fits = item->count > 0 && item->value > 0;

        for (size_t other = 0; other < knapsack->rooms; other++)
            fits &= item->size[other] <= room[other];
        if (fits)
            parts[n++] = (struct part){item->value, item->size[r], item->count};
    }
    return fill_in_parts(parts, n, room[r]);
}

int knapsack_bound(struct knapsack *knapsack, const int *room, struct work *work,
                   int64_t *ret_value)
{
    struct part *parts = malloc((knapsack->n + 1) * sizeof(*parts));
    size_t rooms = knapsack->rooms;
    int error = parts ? 0 : -ENOMEM;

    *ret_value = INT64_MAX;
    for (size_t r = 0; r < rooms && error == 0; r++)
        *ret_value = min64(*ret_value, bound_in_parts(knapsack, room, r, parts));
    for (size_t a = 0; a < rooms && error == 0; a++)
        for (size_t b = a + 1; (b < rooms || rooms == 1) && error == 0; b++) {
            int64_t value;

            error = knapsack_fill(knapsack, room, a, rooms == 1 ? a : b, false, work, &value);
            if (error == 0)
                *ret_value = min64(*ret_value, value);
            if (rooms == 1)
                break;
        }
    free(parts);
    return error;
}
