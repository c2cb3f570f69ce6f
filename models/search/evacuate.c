/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/evacuate.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "models/base/whole.h"

/* A bin sheds what exceeds its target only when it carries this many targets. */
enum { OVERLOAD = 3, BEYOND_PERMILLE = 10 };

struct evacuation {
    struct search_state *search;
    int room;             /* permille of item load the bin may keep */
    int *value;           /* [room + 1] price that the kept set of this weight saves, or -1 */
    unsigned char *taken; /* [own * (room + 1)] */
    int *leaving, n_leaving;
};

static void fill_knapsack(struct evacuation *ev, int p)
{
    const struct instance *in = ev->search->in;
    const struct assignment *now = &ev->search->now;
    int row = 0;

    ev->value[0] = 0;
    for (int s = 1; s <= ev->room; s++)
        ev->value[s] = -1;
    for (int i = now->first[p]; i >= 0; i = now->next[i], row++) {
        unsigned char *taken = ev->taken + (int64_t)row * (ev->room + 1);
        int price = min_int(placement_cheapest_move(in->problem, (size_t)in->id[i], p),
                            INT_MAX / 2 / in->n);

        memset(taken, 0, (size_t)ev->room + 1);
        for (int s = ev->room; s >= in->weight[i]; s--) {
            int before = ev->value[s - in->weight[i]];

            if (before >= 0 && before + price > ev->value[s]) {
                ev->value[s] = before + price;
                taken[s] = 1;
            }
        }
    }
    search_state_count(ev->search, (int64_t)row * ev->room);
}

/* Dearest set, less what its deviation would cost. The value is struck out: next time another. */
static int best_weight(struct evacuation *ev, int p)
{
    const struct instance *in = ev->search->in;
    int64_t best = INT64_MIN;
    int weight = 0;

    for (int s = 0; s <= ev->room; s++) {
        int64_t error = balance_error(in->balance, p, in->balance->background[p] + s);
        int64_t deviation, worth;

        if (ev->value[s] < 0)
            continue;
        deviation = abs64(error) > in->least_deviation ? abs64(error) : in->least_deviation;
        worth = in->unit * ev->value[s] - in->kappa * deviation - instance_charge(in, error);
        if (worth >= best) {
            best = worth;
            weight = s;
        }
    }
    ev->value[weight] = -1;
    return weight;
}

static void choose_leaving(struct evacuation *ev, int p, int weight)
{
    const struct instance *in = ev->search->in;
    const struct assignment *now = &ev->search->now;
    int row = 0, from = ev->n_leaving;

    for (int i = now->first[p]; i >= 0; i = now->next[i])
        ev->leaving[ev->n_leaving++] = i;
    for (row = ev->n_leaving - from - 1; row >= 0; row--) {
        int i = ev->leaving[from + row];

        if (ev->taken[(int64_t)row * (ev->room + 1) + weight]) {
            weight -= in->weight[i];
            ev->leaving[from + row] = ev->leaving[--ev->n_leaving];
        }
    }
}

static int overloaded_room(const struct assignment *now, int p)
{
    const struct balance *balance = now->in->balance;
    int64_t load = (now->error[p] + balance->target[p]) / balance->parts;
    int64_t target = balance->target[p] / balance->parts;

    if (load < OVERLOAD * target || target < balance->background[p])
        return -1;
    return (int)(target - balance->background[p]) + BEYOND_PERMILLE;
}

static void place_leaving(struct evacuation *ev)
{
    struct assignment *now = &ev->search->now;

    for (int left = ev->n_leaving; left > 0; left--) {
        int at = 0, i, to;

        for (int k = 1; k < left; k++) {
            int64_t more = now->step[ev->leaving[k]] - now->step[ev->leaving[at]];

            if (more > 0 || (more == 0 && ev->leaving[k] < ev->leaving[at]))
                at = k;
        }
        i = ev->leaving[at];
        ev->leaving[at] = ev->leaving[left - 1];
        to = now->bin[i];
        for (int q = 0; q < now->in->m; q++) {
            if (q != now->bin[i] && assignment_may_enter(now, i, q) &&
                (to == now->bin[i] || now->error[q] < now->error[to]))
                to = q;
        }
        if (to != now->bin[i])
            assignment_move(now, i, to);
    }
}

int evacuate(struct search_state *search, int rank)
{
    const struct instance *in = search->in;
    struct arena arena = {0};
    struct evacuation ev = {.search = search};
    int r = 0;

    ev.leaving = arena_take(&arena, (size_t)in->n, sizeof(int));
    if (!ev.leaving)
        return -ENOMEM;
    for (int p = 0; p < in->m; p++) {
        int members = 0;

        ev.room = overloaded_room(&search->now, p);
        if (ev.room < 0)
            continue;
        for (int i = search->now.first[p]; i >= 0; i = search->now.next[i])
            members++;
        ev.value = arena_take(&arena, (size_t)ev.room + 1, sizeof(int));
        ev.taken = arena_take(&arena, (size_t)members * ((size_t)ev.room + 1), 1);
        if (!ev.value || !ev.taken) {
            r = -ENOMEM;
            goto out;
        }
        fill_knapsack(&ev, p);
        for (int k = 0; k < rank; k++)
            best_weight(&ev, p);
        choose_leaving(&ev, p, best_weight(&ev, p));
    }
    r = ev.n_leaving;
    place_leaving(&ev);
out:
    arena_done(&arena);
    return r;
}
