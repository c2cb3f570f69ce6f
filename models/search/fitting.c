/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/fitting.h"

#include <string.h>

#include "models/base/whole.h"

static size_t rooms_of(const struct fitting *fitting)
{
    return (size_t)fitting->m * (size_t)fitting->rules->n_rooms;
}

static size_t sets_of(const struct fitting *fitting)
{
    return (size_t)fitting->m * (size_t)fitting->rules->n_sets;
}

int fitting_new(const struct instance *in, struct arena *arena, struct fitting *ret)
{
    struct fitting fitting = {.m = in->m};

    *ret = fitting;
    if (rules_are_none(&in->rules))
        return arena_error(arena);
    fitting.rules = &in->rules;
    fitting.used = arena_take(arena, rooms_of(&fitting), sizeof(int64_t));
    fitting.there = arena_take(arena, sets_of(&fitting), sizeof(int));
    *ret = fitting;
    return arena_error(arena);
}

void fitting_clear(struct fitting *fitting)
{
    if (!fitting->rules)
        return;
    memset(fitting->used, 0, rooms_of(fitting) * sizeof(int64_t));
    memset(fitting->there, 0, sets_of(fitting) * sizeof(int));
    fitting->clashes = 0;
}

void fitting_copy(const struct fitting *from, struct fitting *to)
{
    if (!from->rules)
        return;
    memcpy(to->used, from->used, rooms_of(from) * sizeof(int64_t));
    memcpy(to->there, from->there, sets_of(from) * sizeof(int));
    to->clashes = from->clashes;
}

void fitting_count(struct fitting *fitting, int i, int p, int by)
{
    const struct rules *rules = fitting->rules;

    if (!rules)
        return;
    for (int r = 0; r < rules->n_rooms; r++)
        fitting->used[(int64_t)p * rules->n_rooms + r] += by * rules_size(rules, i, r);
    for (int k = rules->n_sets ? rules->first[i] : 0; rules->n_sets && k < rules->first[i + 1];
         k++) {
        int *there = &fitting->there[(int64_t)p * rules->n_sets + rules->set[k]];

        *there += by;
        fitting->clashes += by > 0 ? *there > 1 : -(*there > 0);
    }
}

int64_t fitting_excess(const struct fitting *fitting, int p, int resource)
{
    int64_t used = fitting->used[(int64_t)p * fitting->rules->n_rooms + resource];

    return max64(0, used - rules_room(fitting->rules, p, resource));
}

bool fitting_is_kept(const struct fitting *fitting)
{
    if (!fitting->rules)
        return true;
    for (int p = 0; p < fitting->m; p++)
        for (int r = 0; r < fitting->rules->n_rooms; r++)
            if (fitting_excess(fitting, p, r) > 0)
                return false;
    return fitting->clashes == 0;
}

static bool is_in(const struct rules *rules, int i, int set)
{
    for (int k = rules->first[i]; k < rules->first[i + 1]; k++)
        if (rules->set[k] == set)
            return true;
    return false;
}

/* Clashes that an item makes in the bin that it enters, where somebody leaves (or -1: nobody). */
static int clashes_of(const struct fitting *fitting, int i, int p, int leaves)
{
    const struct rules *rules = fitting->rules;
    int n = 0;

    for (int k = rules->first[i]; k < rules->first[i + 1]; k++) {
        int there = fitting->there[(int64_t)p * rules->n_sets + rules->set[k]];

        n += there > (leaves >= 0 && is_in(rules, leaves, rules->set[k]));
    }
    return n;
}

int fitting_clash_change(const struct fitting *fitting, int p, int q, int i, int j)
{
    int change = 0;

    if (fitting->rules->n_sets == 0)
        return 0;
    if (i >= 0)
        change += clashes_of(fitting, i, q, j) - clashes_of(fitting, i, p, i);
    if (j >= 0)
        change += clashes_of(fitting, j, p, i) - clashes_of(fitting, j, q, j);
    return change;
}

bool fitting_may_exchange(const struct fitting *fitting, int p, int q, int i, int j)
{
    const struct rules *rules = fitting->rules;

    for (int r = 0; r < rules->n_rooms; r++) {
        int64_t more =
            (i >= 0 ? rules_size(rules, i, r) : 0) - (j >= 0 ? rules_size(rules, j, r) : 0);
        int grows = more > 0 ? q : p;

        if (more != 0 && fitting->used[(int64_t)grows * rules->n_rooms + r] + abs64(more) >
                             rules_room(rules, grows, r))
            return false;
    }
    if (rules->n_sets == 0)
        return true;
    return (i < 0 || clashes_of(fitting, i, q, j) == 0) &&
           (j < 0 || clashes_of(fitting, j, p, i) == 0);
}
