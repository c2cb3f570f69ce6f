/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/items_apart.h"

#include <errno.h>

static bool has_fixed_in(const struct items *items, int from, int to, int bin)
{
    for (int k = from; k < to; k++)
        if (items->fixed_at[items->apart_item[k]] == bin)
            return true;
    return false;
}

/* seen [n]: the guest, counted from 1, for whom an item is in the set; all 0 before and after. Returns
 * where the set ends. */
static int add_set(struct items *items, size_t set, int at, int *seen, struct err *err)
{
    const struct fleet *fleet = items->fleet;
    int from = at;

    for (int k = fleet->apart_first[set]; k < fleet->apart_first[set + 1]; k++) {
        int guest = fleet->apart_guest[k], i = items->item_of[guest];

        if (i < 0 || seen[i] == guest + 1)
            continue;
        if (seen[i] != 0)
            return err_set(err, -EINVAL,
                           "guests '%s' and '%s' are to be together and apart: take one of the two "
                           "rules back",
                           fleet->guests[seen[i] - 1].name, fleet->guests[guest].name);
        seen[i] = guest + 1;
        if (items->fixed_at[i] < 0 || !has_fixed_in(items, from, at, items->fixed_at[i]))
            items->apart_item[at++] = i;
    }
    for (int k = fleet->apart_first[set]; k < fleet->apart_first[set + 1]; k++)
        if (items->item_of[fleet->apart_guest[k]] >= 0)
            seen[items->item_of[fleet->apart_guest[k]]] = 0;
    return at - from > 1 ? at : from;
}

int items_take_apart(struct items *items, struct err *err)
{
    const struct fleet *fleet = items->fleet;
    size_t total = fleet->n_apart > 0 ? (size_t)fleet->apart_first[fleet->n_apart] : 0;
    int *seen = arena_take(&items->arena, (size_t)items->n, sizeof(int));
    int at = 0;

    items->apart_first = arena_take(&items->arena, fleet->n_apart + 1, sizeof(int));
    items->apart_item = arena_take(&items->arena, total, sizeof(int));
    if (arena_error(&items->arena) < 0)
        return -ENOMEM;
    for (size_t s = 0; s < fleet->n_apart; s++) {
        int end = add_set(items, s, at, seen, err);

        if (end < 0)
            return end;
        if (end > at)
            items->apart_first[++items->n_apart] = end;
        at = end;
    }
    return 0;
}
