/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/assignment.h"

#include <errno.h>
#include <string.h>

#include "models/base/whole.h"

static void enlist(struct assignment *pl, int i, int p)
{
    pl->bin[i] = p;
    pl->before[i] = -1;
    pl->next[i] = pl->first[p];
    if (pl->first[p] >= 0)
        pl->before[pl->first[p]] = i;
    pl->first[p] = i;
    pl->error[p] += pl->step[i];
    pl->cost += instance_price(pl->in, i, p);
}

static void delist(struct assignment *pl, int i)
{
    int p = pl->bin[i];

    if (pl->before[i] >= 0)
        pl->next[pl->before[i]] = pl->next[i];
    else
        pl->first[p] = pl->next[i];
    if (pl->next[i] >= 0)
        pl->before[pl->next[i]] = pl->before[i];
    pl->error[p] -= pl->step[i];
    pl->cost -= instance_price(pl->in, i, p);
}

static void clear(struct assignment *pl)
{
    pl->cost = 0;
    for (int p = 0; p < pl->in->m; p++) {
        pl->first[p] = -1;
        pl->error[p] = balance_error(pl->in->balance, p, pl->in->balance->background[p]);
    }
}

static int roomiest(const struct assignment *pl, int i)
{
    int best = -1;

    for (int p = 0; p < pl->in->m; p++)
        if (may_enter(pl, i, p) && (best < 0 || pl->error[p] < pl->error[best]))
            best = p;
    return best;
}

static void place_floating(struct assignment *pl)
{
    const struct instance *in = pl->in;

    for (int left = in->n_floating; left > 0; left--) {
        int heaviest = -1;

        for (int i = 0; i < in->n; i++)
            if (pl->bin[i] < 0 && (heaviest < 0 || in->weight[i] > in->weight[heaviest]))
                heaviest = i;
        enlist(pl, heaviest, roomiest(pl, heaviest));
    }
}

int assignment_new(const struct instance *in, struct arena *arena, struct assignment *ret)
{
    struct assignment pl = {.in = in};
    size_t n = (size_t)in->n, m = (size_t)in->m;

    pl.bin = arena_take(arena, n, sizeof(int));
    pl.error = arena_take(arena, m, sizeof(int64_t));
    pl.step = arena_take(arena, n, sizeof(int64_t));
    pl.first = arena_take(arena, m, sizeof(int));
    pl.next = arena_take(arena, n, sizeof(int));
    pl.before = arena_take(arena, n, sizeof(int));
    if (!pl.bin || !pl.error || !pl.step || !pl.first || !pl.next || !pl.before)
        return -ENOMEM;
    clear(&pl);
    for (int i = 0; i < in->n; i++)
        pl.step[i] = in->balance->parts * in->weight[i];
    for (int i = in->n - 1; i >= 0; i--) {
        pl.bin[i] = -1;
        if (in->home[i] >= 0)
            enlist(&pl, i, in->home[i]);
    }
    place_floating(&pl);
    *ret = pl;
    return 0;
}

void assignment_set(struct assignment *pl, const int *bin)
{
    clear(pl);
    for (int i = pl->in->n - 1; i >= 0; i--)
        enlist(pl, i, bin[i]);
}

void assignment_copy(const struct assignment *from, struct assignment *to)
{
    size_t n = (size_t)from->in->n, m = (size_t)from->in->m;

    memcpy(to->bin, from->bin, n * sizeof(int));
    memcpy(to->error, from->error, m * sizeof(int64_t));
    memcpy(to->first, from->first, m * sizeof(int));
    memcpy(to->next, from->next, n * sizeof(int));
    memcpy(to->before, from->before, n * sizeof(int));
    to->cost = from->cost;
}

void assignment_move(struct assignment *pl, int i, int q)
{
    delist(pl, i);
    enlist(pl, i, q);
}

void assignment_apply(struct assignment *pl, const struct exchange *exchange)
{
    if (exchange->i >= 0)
        assignment_move(pl, exchange->i, exchange->q);
    if (exchange->j >= 0)
        assignment_move(pl, exchange->j, exchange->p);
}

int64_t assignment_objective(const struct assignment *pl)
{
    const struct instance *in = pl->in;
    int64_t worst = in->least_deviation, charges = 0;

    for (int p = 0; p < in->m; p++) {
        if (abs64(pl->error[p]) > worst)
            worst = abs64(pl->error[p]);
        charges += instance_charge(in, pl->error[p]);
    }
    return in->kappa * worst + charges + in->unit * pl->cost;
}

double assignment_squares(const struct assignment *pl)
{
    double sum = 0;

    for (int p = 0; p < pl->in->m; p++)
        sum += (double)pl->error[p] * (double)pl->error[p];
    return sum;
}

void assignment_extremes(const struct assignment *pl, struct extremes *ret)
{
    int64_t rest = pl->in->least_deviation;
    struct extremes worst = {{-1, -1, -1}, {rest, rest, rest}};

    for (int p = 0; p < pl->in->m; p++) {
        int64_t deviation = abs64(pl->error[p]);
        int k = 3;

        while (k > 0 && deviation > worst.deviation[k - 1])
            k--;
        for (int z = 2; z > k; z--) {
            worst.bin[z] = worst.bin[z - 1];
            worst.deviation[z] = worst.deviation[z - 1];
        }
        if (k < 3) {
            worst.bin[k] = p;
            worst.deviation[k] = deviation;
        }
    }
    *ret = worst;
}

int assignment_next_worst(const struct assignment *now, int64_t *deviation, int last)
{
    int best = -1;
    int64_t most = -1;

    for (int p = 0; p < now->in->m; p++) {
        int64_t here = abs64(now->error[p]);
        bool later = last < 0 || here < *deviation || (here == *deviation && p > last);

        if (later && here > most) {
            most = here;
            best = p;
        }
    }
    *deviation = most;
    return best;
}
