/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/take_back.h"

#include <errno.h>
#include <stdlib.h>

#include "planner/fleet/measure.h"

struct move {
    int item, price;
};

static int dearest_first(const void *a, const void *b)
{
    const struct move *left = a, *right = b;

    return left->price != right->price ? (left->price < right->price) - (left->price > right->price)
                                       : (left->item > right->item) - (left->item < right->item);
}

static size_t list(const struct items *items, const int *at, struct move *ret)
{
    size_t n = 0;

    for (int i = 0; i < items->n; i++)
        if (at[i] >= 0 && items->current[i] >= 0 && at[i] != items->current[i])
            ret[n++] = (struct move){i, items_price(items, i, at[i])};
    if (n > 0)
        qsort(ret, n, sizeof(*ret), dearest_first);
    return n;
}

/* The first that may go home goes; *ret_went: whether there was one. */
static int take_one(const struct items *items, const struct move *moves, size_t n, int *at,
                    bool *ret_went)
{
    int r = 0;

    *ret_went = false;
    for (size_t k = 0; r == 0 && k < n && !*ret_went; k++) {
        int i = moves[k].item, to = at[i];

        at[i] = items->current[i];
        r = items_keep_rules(items, at, ret_went);
        if (!*ret_went)
            at[i] = to;
    }
    return r;
}

int take_back(const struct items *items, size_t most, int *at, size_t *ret)
{
    struct move *moves = calloc((size_t)items->n + 1, sizeof(*moves));
    bool went = moves != NULL;
    int r = moves ? 0 : -ENOMEM;

    while (r == 0 && went && measure_moves(items, at) > most)
        r = take_one(items, moves, list(items, at, moves), at, &went);
    *ret = measure_moves(items, at);
    free(moves);
    return r;
}
