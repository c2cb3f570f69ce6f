/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/evacuate.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "models/base/whole.h"

/* A bin sheds what exceeds its fair share only when it carries this many fair shares. What it
 * keeps may exceed the share by this much (double makes the same plans at 64x16). */
enum { OVERLOAD = 3, BEYOND_PERMILLE = 10 };

struct evacuation {
    struct search_state *search;
    int room;             /* permille of item load the bin may keep */
    int *value;           /* [room + 1] cost that the kept set of this weight saves, or -1 */
    unsigned char *taken; /* [own * (room + 1)] */
    int *leaving, n_leaving;
};

/* What it costs elsewhere, beyond what its home costs; nothing where it should go. */
static int cost_away(const struct instance *in, int i, int p)
{
    int least = INT_MAX / 2 / in->n, here = in->home[i] == p ? instance_price(in, i, p) : 0;

    for (int q = 0; q < in->m; q++)
        if (q != p && instance_price(in, i, q) != INSTANCE_FORBIDDEN)
            least = min_int(least, instance_price(in, i, q) - here);
    return max_int(0, least);
}

static void fill_knapsack(struct evacuation *evacuation, int p)
{
    const struct instance *in = evacuation->search->in;
    const struct assignment *now = &evacuation->search->now;
    int row = 0;

    evacuation->value[0] = 0;
    for (int s = 1; s <= evacuation->room; s++)
        evacuation->value[s] = -1;
    for (int i = now->first[p]; i >= 0; i = now->next[i], row++) {
        unsigned char *taken = evacuation->taken + (int64_t)row * (evacuation->room + 1);
        int cost = cost_away(in, i, p);

        memset(taken, 0, (size_t)evacuation->room + 1);
        for (int s = evacuation->room; s >= in->weight[i]; s--) {
            int before = evacuation->value[s - in->weight[i]];

            if (before >= 0 && before + cost > evacuation->value[s]) {
                evacuation->value[s] = before + cost;
                taken[s] = 1;
            }
        }
    }
    search_state_count(evacuation->search, (int64_t)row * evacuation->room);
}

/* Dearest set, less what its deviation would cost. The value is struck out: next time another. */
static int best_weight(struct evacuation *evacuation, int p)
{
    const struct instance *in = evacuation->search->in;
    int64_t best = INT64_MIN;
    int weight = 0;

    for (int s = 0; s <= evacuation->room; s++) {
        int64_t error = balance_error(in->balance, p, in->balance->background[p] + s);
        int64_t deviation, worth;

        if (evacuation->value[s] < 0)
            continue;
        deviation = abs64(error) > in->least_deviation ? abs64(error) : in->least_deviation;
        worth =
            in->unit * evacuation->value[s] - in->kappa * deviation - instance_square(in, error);
        if (worth >= best) {
            best = worth;
            weight = s;
        }
    }
    evacuation->value[weight] = -1;
    return weight;
}

static void choose_leaving(struct evacuation *evacuation, int p, int weight)
{
    const struct instance *in = evacuation->search->in;
    const struct assignment *now = &evacuation->search->now;
    int row = 0, from = evacuation->n_leaving;

    for (int i = now->first[p]; i >= 0; i = now->next[i])
        evacuation->leaving[evacuation->n_leaving++] = i;
    for (row = evacuation->n_leaving - from - 1; row >= 0; row--) {
        int i = evacuation->leaving[from + row];

        if (evacuation->taken[(int64_t)row * (evacuation->room + 1) + weight]) {
            weight -= in->weight[i];
            evacuation->leaving[from + row] = evacuation->leaving[--evacuation->n_leaving];
        }
    }
}

static int overloaded_room(const struct assignment *now, int p)
{
    const struct balance *balance = now->in->balance;
    int64_t load = balance_load_at(balance, p, now->error[p]);
    int64_t target = balance_target_load(balance, p);

    if (load < OVERLOAD * target || target < balance->background[p])
        return -1;
    return (int)(target - balance->background[p]) + BEYOND_PERMILLE;
}

static int place_leaving(struct evacuation *evacuation)
{
    struct assignment *now = &evacuation->search->now;
    int r = assignment_sort_heaviest(now->in, evacuation->leaving, evacuation->n_leaving);

    for (int k = 0; k < evacuation->n_leaving && r == 0; k++) {
        int i = evacuation->leaving[k], to = now->bin[i];

        for (int q = 0; q < now->in->m; q++) {
            if (q != now->bin[i] && assignment_may_move(now, i, q) &&
                (to == now->bin[i] || now->error[q] < now->error[to]))
                to = q;
        }
        if (to != now->bin[i])
            assignment_move(now, i, to);
    }
    return r;
}

int evacuate(struct search_state *search, int rank)
{
    const struct instance *in = search->in;
    struct arena arena = {0};
    struct evacuation evacuation = {.search = search};
    int r = 0;

    evacuation.leaving = arena_take(&arena, (size_t)in->n, sizeof(int));
    if (!evacuation.leaving)
        return -ENOMEM;
    for (int p = 0; p < in->m; p++) {
        int members = 0;

        evacuation.room = overloaded_room(&search->now, p);
        if (evacuation.room < 0)
            continue;
        for (int i = search->now.first[p]; i >= 0; i = search->now.next[i])
            members++;
        evacuation.value = arena_take(&arena, (size_t)evacuation.room + 1, sizeof(int));
        evacuation.taken = arena_take(&arena, (size_t)members * ((size_t)evacuation.room + 1), 1);
        if (!evacuation.value || !evacuation.taken) {
            r = -ENOMEM;
            goto out;
        }
        fill_knapsack(&evacuation, p);
        for (int k = 0; k < rank; k++)
            best_weight(&evacuation, p);
        choose_leaving(&evacuation, p, best_weight(&evacuation, p));
    }
    r = place_leaving(&evacuation);
    if (r == 0)
        r = evacuation.n_leaving;
out:
    arena_done(&arena);
    return r;
}
