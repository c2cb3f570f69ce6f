/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/items.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "planner/fleet/by_name.h"
#include "planner/fleet/items_apart.h"
#include "planner/fleet/sound.h"

enum { WHOLE = 1000 };

static bool is_on_closed_host(const struct items *items, const struct fleet_guest *guest)
{
    return guest->home >= 0 && items->bin_of_host[guest->home] < 0;
}

static bool counts(const struct items *items, const bool *left_out, int g)
{
    const struct fleet_guest *guest = &items->fleet->guests[g];

    if (left_out && left_out[g])
        return false;
    return !guest->is_fixed || (guest->home >= 0 && !is_on_closed_host(items, guest));
}

static int take_bins(struct items *items)
{
    const struct fleet *fleet = items->fleet;
    int *order = arena_take(&items->arena, fleet->n_hosts, sizeof(int));
    int r;

    items->host = arena_take(&items->arena, fleet->n_hosts, sizeof(int));
    items->bin_of_host = arena_take(&items->arena, fleet->n_hosts, sizeof(int));
    r = arena_error(&items->arena);
    if (r == 0)
        r = hosts_by_name(fleet, order);
    for (size_t k = 0; r == 0 && k < fleet->n_hosts; k++) {
        items->bin_of_host[order[k]] = fleet->hosts[order[k]].is_open ? items->m : -1;
        if (fleet->hosts[order[k]].is_open)
            items->host[items->m++] = order[k];
    }
    return r;
}

/* Numbers the items by the first of their guests' names. team [n_guests]: the item of a set, or -1. */
static void number_items(struct items *items, const bool *left_out, const int *order, int *team)
{
    const struct fleet *fleet = items->fleet;

    for (size_t k = 0; k < fleet->n_guests; k++)
        team[k] = items->item_of[k] = -1;
    for (size_t k = 0; k < fleet->n_guests; k++) {
        int together = fleet->guests[order[k]].together;

        if (!counts(items, left_out, order[k]))
            continue;
        if (together < 0 || team[together] < 0) {
            if (together >= 0)
                team[together] = items->n;
            items->item_of[order[k]] = items->n++;
        } else {
            items->item_of[order[k]] = team[together];
        }
    }
    for (size_t g = 0; g < fleet->n_guests; g++)
        if (fleet->guests[g].is_fixed && is_on_closed_host(items, &fleet->guests[g]) &&
            fleet->guests[g].together >= 0 && team[fleet->guests[g].together] >= 0)
            items->is_unplaceable[team[fleet->guests[g].together]] = true;
}

static void list_members(struct items *items, const int *order)
{
    size_t n = items->fleet->n_guests;
    int *next = arena_take(&items->arena, (size_t)items->n + 1, sizeof(int));

    if (!next)
        return;
    for (size_t g = 0; g < n; g++)
        if (items->item_of[g] >= 0)
            items->first[items->item_of[g] + 1]++;
    for (int i = 0; i < items->n; i++)
        items->first[i + 1] += items->first[i];
    for (int i = 0; i < items->n; i++)
        next[i] = items->first[i];
    for (size_t k = 0; k < n; k++)
        if (items->item_of[order[k]] >= 0)
            items->member[next[items->item_of[order[k]]]++] = order[k];
}

static int take_items(struct items *items, const bool *left_out)
{
    size_t n = items->fleet->n_guests;
    struct arena *arena = &items->arena;
    int *order = arena_take(arena, n, sizeof(int)), *team = arena_take(arena, n, sizeof(int));
    int r;

    items->first = arena_take(arena, n + 1, sizeof(int));
    items->member = arena_take(arena, n, sizeof(int));
    items->item_of = arena_take(arena, n, sizeof(int));
    items->is_unplaceable = arena_take(arena, n, sizeof(bool));
    r = arena_error(arena);
    if (r == 0)
        r = guests_by_name(items->fleet, order);
    if (r < 0)
        return r;
    number_items(items, left_out, order, team);
    list_members(items, order);
    return arena_error(arena);
}

static int find_fixed(struct items *items, struct err *err)
{
    for (int i = 0; i < items->n; i++) {
        items->fixed_at[i] = -1;
        for (int k = items->first[i]; k < items->first[i + 1]; k++) {
            const struct fleet_guest *guest = items_guest(items, k);
            int bin = guest->home < 0 ? -1 : items->bin_of_host[guest->home];

            if (!guest->is_fixed)
                continue;
            if (items->fixed_at[i] >= 0 && items->fixed_at[i] != bin)
                return err_set(err, -EINVAL,
                               "guest '%s' and others are to be together, and are fixed on "
                               "different hosts: move one of them, or let one go",
                               guest->name);
            items->fixed_at[i] = bin;
        }
    }
    return 0;
}

static void fill_loads(struct items *items)
{
    double largest = 1;

    for (int p = 0; p < items->m; p++)
        largest = fmax(largest, (double)items->fleet->hosts[items->host[p]].cpu_milli);
    for (int p = 0; p < items->m; p++)
        items->capacity[p] =
            max_int(1, (int)lround(WHOLE * (double)items->fleet->hosts[items->host[p]].cpu_milli /
                                   largest));
    for (int i = 0; i < items->n; i++) {
        double load = 0;

        for (int k = items->first[i]; k < items->first[i + 1]; k++)
            load += (double)items_guest(items, k)->load_milli;
        items->load[i] = (int)fmin(WHOLE, round(WHOLE * load / largest));
    }
}

struct fill {
    double part;
    int resource;
};

static int fullest_first(const void *a, const void *b)
{
    const struct fill *x = a, *y = b;

    if (x->part != y->part)
        return x->part < y->part ? 1 : -1;
    return (x->resource > y->resource) - (x->resource < y->resource);
}

static void order_resources(struct items *items)
{
    const struct fleet *fleet = items->fleet;
    struct fill *fill = arena_take(&items->arena, fleet->n_resources, sizeof(*fill));

    for (int r = 0; fill && r < items->n_rooms; r++) {
        double size = 0, room = 1;

        for (int k = 0; k < items->first[items->n]; k++)
            size += (double)items_guest(items, k)->size[r];
        for (int p = 0; p < items->m; p++)
            room += (double)fleet->hosts[items->host[p]].room[r];
        fill[r] = (struct fill){size / room, r};
    }
    if (fill && items->n_rooms > 0)
        qsort(fill, (size_t)items->n_rooms, sizeof(*fill), fullest_first);
    for (int r = 0; fill && r < items->n_rooms; r++)
        items->resource[r] = fill[r].resource;
}

static void fill_sizes(struct items *items)
{
    for (int i = 0; i < items->n; i++)
        for (int r = 0; r < items->n_rooms; r++) {
            int64_t sum = 0;

            for (int k = items->first[i]; k < items->first[i + 1]; k++)
                sum += items_guest(items, k)->size[items->resource[r]];
            items->is_unplaceable[i] |= sum > FLEET_MOST_SIZE;
            items->size[i * items->n_rooms + r] = (int)min64(sum, FLEET_MOST_SIZE);
        }
}

/* What is there already and stays whatever is decided: fixed guests, or all who are there now. Who is
 * yet to come there, to be together with them, is not. */
static void count_used(const struct items *items, int i, bool keep_overfull, int64_t *used)
{
    int p = keep_overfull && items->fixed_at[i] < 0 ? items->current[i] : items->fixed_at[i];

    for (int k = items->first[i]; p >= 0 && k < items->first[i + 1]; k++) {
        const struct fleet_guest *guest = items_guest(items, k);

        if (guest->home != items->host[p] || (!keep_overfull && !guest->is_fixed))
            continue;
        for (int r = 0; r < items->n_rooms; r++)
            used[p * items->n_rooms + r] += guest->size[items->resource[r]];
    }
}

static void fill_rooms(struct items *items, bool keep_overfull)
{
    int64_t *used =
        arena_take(&items->arena, (size_t)items->m * (size_t)items->n_rooms, sizeof(*used));

    for (int i = 0; used && i < items->n; i++)
        count_used(items, i, keep_overfull, used);
    for (int p = 0; used && p < items->m; p++)
        for (int r = 0; r < items->n_rooms; r++) {
            int64_t room = items->fleet->hosts[items->host[p]].room[items->resource[r]];
            int at = p * items->n_rooms + r;

            items->room[at] = (int)min64(max64(room, used[at]), FLEET_MOST_SIZE);
        }
}

static void find_current(struct items *items)
{
    for (int i = 0; i < items->n; i++) {
        bool is_split = false;

        items->runs_at[i] = -1;
        for (int k = items->first[i]; k < items->first[i + 1]; k++) {
            int home = items_guest(items, k)->home;
            int bin = home < 0 ? -1 : items->bin_of_host[home];

            is_split |=
                home >= 0 && (bin < 0 || (items->runs_at[i] >= 0 && items->runs_at[i] != bin));
            if (items->runs_at[i] < 0)
                items->runs_at[i] = bin;
        }
        items->current[i] = is_split ? -1 : items->runs_at[i];
    }
}

static void take_numbers(struct items *items)
{
    size_t n = (size_t)items->n, m = (size_t)items->m, rooms = (size_t)items->n_rooms;
    struct arena *arena = &items->arena;

    items->fixed_at = arena_take(arena, n, sizeof(int));
    items->runs_at = arena_take(arena, n, sizeof(int));
    items->current = arena_take(arena, n, sizeof(int));
    items->load = arena_take(arena, n, sizeof(int));
    items->capacity = arena_take(arena, m, sizeof(int));
    items->resource = arena_take(arena, rooms, sizeof(int));
    items->size = arena_take(arena, n * rooms, sizeof(int));
    items->room = arena_take(arena, m * rooms, sizeof(int));
}

static int fill(struct items *items, bool keep_overfull, struct err *err)
{
    int r = find_fixed(items, err);

    if (r < 0)
        return r;
    fill_loads(items);
    order_resources(items);
    fill_sizes(items);
    find_current(items);
    fill_rooms(items, keep_overfull);
    for (int i = 0; i < items->n; i++)
        if (items->current[i] >= 0 && !items_may_run(items, i, items->current[i]))
            items->current[i] = -1;
    return items_take_apart(items, err);
}

int items_new(const struct fleet *fleet, const bool *left_out, bool keep_overfull,
              struct items *ret, struct err *err)
{
    struct items items = {.fleet = fleet, .n_rooms = (int)fleet->n_resources};
    int r = take_bins(&items);

    if (r == 0)
        r = take_items(&items, left_out);
    if (r == 0) {
        take_numbers(&items);
        r = arena_error(&items.arena);
    }
    if (r == 0)
        r = fill(&items, keep_overfull, err);
    if (r == 0)
        r = arena_error(&items.arena);
    if (r < 0) {
        items_done(&items);
        return r;
    }
    *ret = items;
    return 0;
}

void items_done(struct items *items)
{
    arena_done(&items->arena);
}
