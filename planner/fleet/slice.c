/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/slice.h"

#include <errno.h>
#include <math.h>

#include "models/base/whole.h"

/* A fraction of kappa is worth counting prices more than once below this. */
enum { COARSE_KAPPA = 16, MOST_TIMES = 8 };

static bool is_in(const struct slice_how *how, int p)
{
    return !how->group_of || how->group_of[p] == how->group;
}

static void list(const struct items *items, const struct slice_how *how, struct slice *slice,
                 int *place)
{
    for (int p = 0; p < items->m; p++) {
        place[p] = is_in(how, p) ? slice->m : -1;
        if (place[p] >= 0)
            slice->bin[slice->m++] = p;
    }
    for (int i = 0; i < items->n; i++)
        if (how->at[i] >= 0 && place[how->at[i]] >= 0)
            slice->item[slice->n++] = i;
}

static int most_price(const struct items *items, const struct slice *slice)
{
    int most = 1;

    for (int k = 0; k < slice->n; k++) {
        int price = 0, i = slice->item[k];

        for (int g = items->first[i]; g < items->first[i + 1]; g++)
            price += items_guest(items, g)->price;
        most = max_int(most, price);
    }
    return most;
}

static int times_for(const struct slice_how *how, int most)
{
    int times = 1;

    if (how->kappa == round(how->kappa))
        return 1;
    while (times < MOST_TIMES && times * how->kappa < COARSE_KAPPA &&
           2 * times * most <= FLEET_MOST_PRICE)
        times *= 2;
    return times;
}

struct numbers {
    int *demand, *current, *price, *capacity, *size, *room, *start;
    bool *allowed;
};

static int take(struct slice *slice, size_t rooms, struct numbers *ret)
{
    size_t n = (size_t)slice->n, m = (size_t)slice->m;
    struct arena *arena = &slice->arena;

    ret->demand = arena_take(arena, n, sizeof(int));
    ret->current = arena_take(arena, n, sizeof(int));
    ret->price = arena_take(arena, n * m, sizeof(int));
    ret->capacity = arena_take(arena, m, sizeof(int));
    ret->size = arena_take(arena, n * rooms, sizeof(int));
    ret->room = arena_take(arena, m * rooms, sizeof(int));
    ret->start = arena_take(arena, n, sizeof(int));
    ret->allowed = arena_take(arena, n * m, sizeof(bool));
    return arena_error(arena);
}

static void fill_item(const struct items *items, const struct slice_how *how,
                      const struct slice *slice, const int *place, int k,
                      const struct numbers *numbers)
{
    int i = slice->item[k], m = slice->m;

    numbers->demand[k] = how->kappa > 0 ? items->load[i] : 0;
    numbers->current[k] = items->current[i] < 0 ? -1 : place[items->current[i]];
    numbers->start[k] = place[how->at[i]];
    for (int r = 0; r < items->n_rooms; r++)
        numbers->size[k * items->n_rooms + r] = items->size[i * items->n_rooms + r];
    for (int b = 0; b < m; b++) {
        size_t at = (size_t)k * (size_t)m + (size_t)b;
        int p = slice->bin[b];
        int price = slice->times * items_price(items, i, p);

        if (how->only_moves)
            price = items_moves(items, i, p);
        else if (how->move_charge > 0)
            price += how->move_charge * items_moves(items, i, p);
        numbers->allowed[at] = items_may_run(items, i, p);
        numbers->price[at] = min_int(price, FLEET_MOST_PRICE);
    }
}

/* place_of [items.n]: an item's place in the slice, or -1. */
static int take_apart(const struct items *items, struct slice *slice)
{
    struct arena *arena = &slice->arena;
    int total = items->apart_first[items->n_apart], at = 0;
    int *place_of = arena_take(arena, (size_t)items->n, sizeof(int));
    int *first = arena_take(arena, (size_t)items->n_apart + 1, sizeof(int));
    int *member = arena_take(arena, (size_t)total, sizeof(int));

    if (arena_error(arena) < 0)
        return -ENOMEM;
    for (int k = 0; k < slice->n; k++)
        place_of[slice->item[k]] = k + 1;
    for (int s = 0; s < items->n_apart; s++) {
        int from = at;

        for (int k = items->apart_first[s]; k < items->apart_first[s + 1]; k++)
            if (place_of[items->apart_item[k]] > 0)
                member[at++] = place_of[items->apart_item[k]] - 1;
        if (at - from < 2)
            at = from;
        else
            first[++slice->problem.n_apart] = at;
    }
    slice->problem.apart_first = first;
    slice->problem.apart_item = member;
    return 0;
}

static void fill_bins(const struct items *items, const struct slice *slice,
                      const struct numbers *numbers)
{
    for (int b = 0; b < slice->m; b++) {
        numbers->capacity[b] = items->capacity[slice->bin[b]];
        for (int r = 0; r < items->n_rooms; r++)
            numbers->room[b * items->n_rooms + r] = items->room[slice->bin[b] * items->n_rooms + r];
    }
}

static int fill(const struct items *items, const struct slice_how *how, const int *place,
                struct slice *slice)
{
    struct numbers numbers;
    int r = take(slice, (size_t)items->n_rooms, &numbers);

    if (r < 0)
        return r;
    slice->times = times_for(how, most_price(items, slice));
    for (int k = 0; k < slice->n; k++)
        fill_item(items, how, slice, place, k, &numbers);
    fill_bins(items, slice, &numbers);
    slice->problem =
        (struct placement_problem){.n_items = (size_t)slice->n,
                                   .n_bins = (size_t)slice->m,
                                   .demand_permille = numbers.demand,
                                   .current = numbers.current,
                                   .price = numbers.price,
                                   .allowed = numbers.allowed,
                                   .capacity_permille = numbers.capacity,
                                   .objective = PLACEMENT_DEVIATION,
                                   .kappa = max_int(1, (int)lround(slice->times * how->kappa)),
                                   .n_rooms = (size_t)items->n_rooms,
                                   .size = numbers.size,
                                   .room = numbers.room,
                                   .start = numbers.start};
    return take_apart(items, slice);
}

int slice_new(const struct items *items, const struct slice_how *how, struct slice *ret)
{
    struct slice slice = {.times = 1};
    int *place = arena_take(&slice.arena, (size_t)items->m, sizeof(*place));
    int r;

    slice.bin = arena_take(&slice.arena, (size_t)items->m, sizeof(*slice.bin));
    slice.item = arena_take(&slice.arena, (size_t)items->n, sizeof(*slice.item));
    r = arena_error(&slice.arena);
    if (r == 0) {
        list(items, how, &slice, place);
        r = fill(items, how, place, &slice);
    }
    if (r < 0) {
        slice_done(&slice);
        return r;
    }
    *ret = slice;
    return 0;
}

void slice_done(struct slice *slice)
{
    arena_done(&slice->arena);
}

double slice_price(const struct slice *slice, double points)
{
    return points * slice->problem.kappa / slice->times;
}
