/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "planner/fleet/items.h"

static bool is_allowed(const struct fleet_guest *guest, int host, bool is_lost)
{
    return !guest->allowed || guest->allowed[host] ||
           (is_lost && guest->restart && guest->restart[host]);
}

static bool may_be(const struct items *items, int i, int p, bool is_lost)
{
    if (items->is_unplaceable[i])
        return false;
    for (int r = 0; r < items->n_rooms; r++)
        if (items->size[i * items->n_rooms + r] > items->room[p * items->n_rooms + r])
            return false;
    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        if (!is_allowed(items_guest(items, k), items->host[p], is_lost))
            return false;
    return true;
}

bool items_may_run(const struct items *items, int i, int p)
{
    return items->fixed_at[i] >= 0 ? p == items->fixed_at[i] : may_be(items, i, p, false);
}

static bool stays_stopped(const struct items *items, int i)
{
    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        if (items_guest(items, k)->is_fixed && !items_guest(items, k)->may_restart)
            return true;
    return false;
}

bool items_is_unjudged(const struct items *items, int i)
{
    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        if (items_guest(items, k)->why_unjudged)
            return !stays_stopped(items, i);
    return false;
}

bool items_may_make_room(const struct items *items, int i)
{
    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        if (items_guest(items, k)->restart)
            return false;
    return items->fixed_at[i] < 0;
}

bool items_may_restart(const struct items *items, int i, int p)
{
    if (items->fixed_at[i] == p)
        return true;
    return !stays_stopped(items, i) && may_be(items, i, p, !items_is_unjudged(items, i));
}

int items_price(const struct items *items, int i, int p)
{
    int price = 0;

    for (int k = items->first[i]; k < items->first[i + 1]; k++) {
        const struct fleet_guest *guest = items_guest(items, k);

        if (guest->home >= 0 && guest->home != items->host[p])
            price += guest->price;
    }
    return price;
}

int items_moves(const struct items *items, int i, int p)
{
    int moves = 0;

    for (int k = items->first[i]; k < items->first[i + 1]; k++) {
        int home = items_guest(items, k)->home;

        moves += home >= 0 && home != items->host[p];
    }
    return moves;
}

int items_starts(const struct items *items, int i)
{
    int starts = 0;

    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        starts += items_guest(items, k)->home < 0;
    return starts;
}

static bool sets_are_apart(const struct items *items, const int *at, int *seen)
{
    for (int s = 0; s < items->n_apart; s++)
        for (int k = items->apart_first[s]; k < items->apart_first[s + 1]; k++) {
            int p = at[items->apart_item[k]];

            if (p < 0)
                continue;
            if (seen[p] == s + 1)
                return false;
            seen[p] = s + 1;
        }
    return true;
}

int items_keep_rules(const struct items *items, const int *at, bool *ret)
{
    int64_t *used = calloc((size_t)(items->m * items->n_rooms) + 1, sizeof(*used));
    int *seen = calloc((size_t)items->m + 1, sizeof(*seen)), r = -ENOMEM;

    *ret = true;
    if (!used || !seen)
        goto out;
    for (int i = 0; i < items->n; i++) {
        if (at[i] < 0)
            continue;
        *ret = *ret && items_may_run(items, i, at[i]);
        for (int k = 0; k < items->n_rooms; k++)
            used[at[i] * items->n_rooms + k] += items->size[i * items->n_rooms + k];
    }
    for (int k = 0; k < items->m * items->n_rooms; k++)
        *ret = *ret && used[k] <= items->room[k];
    *ret = *ret && sets_are_apart(items, at, seen);
    r = 0;
out:
    free(used);
    free(seen);
    return r;
}
