/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/filling.h"

#include <string.h>

#include "models/base/whole.h"

/* The sets of each item, from the items of each set. */
static void list_sets(const struct packing_problem *problem, int *first, int *of)
{
    for (int k = 0; problem->n_apart && k < problem->apart_first[problem->n_apart]; k++)
        first[problem->apart_item[k] + 1]++;
    for (size_t i = 0; i < problem->n_items; i++)
        first[i + 1] += first[i];
    for (size_t s = problem->n_apart; s-- > 0;)
        for (int k = problem->apart_first[s]; k < problem->apart_first[s + 1]; k++)
            of[--first[problem->apart_item[k] + 1]] = (int)s;
    /* each end has become a beginning, one place too late */
    for (size_t i = 0; i < problem->n_items; i++)
        first[i] = first[i + 1];
    first[problem->n_items] = problem->n_apart ? problem->apart_first[problem->n_apart] : 0;
}

static void measure(struct filling *filling)
{
    const struct packing_problem *problem = filling->problem;

    for (size_t r = 0; r < filling->rooms; r++) {
        double sum = 0;

        for (size_t p = 0; p < filling->m; p++)
            sum += problem->room[p * filling->rooms + r];
        filling->weight[r] = sum > 0 ? (double)filling->m / sum : 0;
        for (size_t i = 0; i < filling->n; i++)
            filling->need[i * filling->rooms + r] =
                packing_size(problem, (int)i, r) * filling->weight[r];
    }
}

void filling_empty(struct filling *filling)
{
    for (size_t k = 0; k < filling->m * filling->rooms; k++)
        filling->left[k] = filling->problem->room[k];
    for (size_t i = 0; i < filling->n; i++)
        filling->bin_of[i] = -1;
    memset(filling->in_set, 0, filling->problem->n_apart * filling->m * sizeof(*filling->in_set));
}

int filling_new(const struct packing_problem *problem, struct arena *arena, struct filling *ret)
{
    size_t n = problem->n_items, m = problem->n_bins, rooms = problem->n_rooms;
    size_t members = problem->n_apart ? (size_t)problem->apart_first[problem->n_apart] : 0;
    int *first = arena_take(arena, n + 2, sizeof(*first));
    int *of = arena_take(arena, members, sizeof(*of));

    *ret = (struct filling){
        .problem = problem,
        .n = n,
        .m = m,
        .rooms = rooms,
        .left = arena_take(arena, m * rooms, sizeof(*ret->left)),
        .bin_of = arena_take(arena, n, sizeof(*ret->bin_of)),
        .set_first = first,
        .set_of = of,
        .in_set = arena_take(arena, problem->n_apart * m, sizeof(*ret->in_set)),
        .need = arena_take(arena, n * rooms, sizeof(*ret->need)),
        .weight = arena_take(arena, rooms, sizeof(*ret->weight)),
    };
    if (arena_error(arena) < 0)
        return arena_error(arena);
    list_sets(problem, first, of);
    measure(ret);
    filling_empty(ret);
    return 0;
}

bool filling_may_run(const struct filling *filling, int item, int bin)
{
    const bool *allowed = filling->problem->allowed;

    return !allowed || allowed[(size_t)item * filling->m + (size_t)bin];
}

static bool has_room(const struct filling *filling, int item, int bin)
{
    const int *size = filling->problem->size + (size_t)item * filling->rooms;
    const int64_t *left = filling->left + (size_t)bin * filling->rooms;

    for (size_t r = 0; r < filling->rooms; r++)
        if (size[r] > left[r])
            return false;
    return true;
}

/* Room first: in a full fleet that is what most bins lack. */
bool filling_fits(const struct filling *filling, int item, int bin)
{
    if (!has_room(filling, item, bin) || !filling_may_run(filling, item, bin))
        return false;
    for (int k = filling->set_first[item]; k < filling->set_first[item + 1]; k++)
        if (filling->in_set[(size_t)filling->set_of[k] * filling->m + (size_t)bin])
            return false;
    return true;
}

int filling_bins_for(const struct filling *filling, int item, int most)
{
    int count = 0;

    for (int p = 0; p < (int)filling->m && count < most; p++)
        count += has_room(filling, item, p) && filling_fits(filling, item, p);
    return count;
}

static void change(struct filling *filling, int item, int bin, int by)
{
    const int *size = filling->problem->size + (size_t)item * filling->rooms;
    int64_t *left = filling->left + (size_t)bin * filling->rooms;

    for (size_t r = 0; r < filling->rooms; r++)
        left[r] -= by * (int64_t)size[r];
    for (int k = filling->set_first[item]; k < filling->set_first[item + 1]; k++)
        filling->in_set[(size_t)filling->set_of[k] * filling->m + (size_t)bin] += by;
}

void filling_put(struct filling *filling, int item, int bin)
{
    change(filling, item, bin, 1);
    filling->bin_of[item] = bin;
}

void filling_take(struct filling *filling, int item)
{
    change(filling, item, filling->bin_of[item], -1);
    filling->bin_of[item] = -1;
}

void filling_set(struct filling *filling, const int *bin_of)
{
    filling_empty(filling);
    for (size_t i = 0; i < filling->n; i++)
        if (bin_of[i] >= 0)
            filling_put(filling, (int)i, bin_of[i]);
}

bool filling_go_home(struct filling *filling)
{
    bool keeps_rules = true;

    filling_empty(filling);
    for (size_t i = 0; i < filling->n; i++) {
        int home = packing_home(filling->problem, (int)i);

        if (home < 0)
            continue;
        keeps_rules &= filling_fits(filling, (int)i, home);
        filling_put(filling, (int)i, home);
    }
    return keeps_rules;
}

struct packing_value packing_value(const struct packing_problem *problem, const int *bin_of)
{
    struct packing_value value = {0};

    for (size_t i = 0; i < problem->n_items; i++) {
        int home = packing_home(problem, (int)i);

        if (bin_of[i] < 0) {
            value.stopped++;
            value.halted += home >= 0;
        } else {
            value.moved += home >= 0 && bin_of[i] != home;
            value.cost += packing_cost(problem, (int)i, bin_of[i]);
        }
    }
    return value;
}

bool packing_value_is_less(const struct packing_value *a, const struct packing_value *b)
{
    if (a->halted != b->halted)
        return a->halted < b->halted;
    if (a->stopped != b->stopped)
        return a->stopped < b->stopped;
    if (a->cost != b->cost)
        return a->cost < b->cost;
    return a->moved < b->moved;
}
