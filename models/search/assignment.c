/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/assignment.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"

/* One of its group more (or less: by -1) in the bin. */
static void count_member(struct assignment *placement, int i, int p, int by)
{
    const struct groups *groups = &placement->in->balance->groups;
    int g = placement->in->group[i], *there;

    if (g < 0)
        return;
    there = placement->members + (int64_t)g * placement->in->m + p;
    placement->together[p] +=
        by > 0 ? groups_enter(groups, g, *there) : -groups_enter(groups, g, *there - 1);
    *there += by;
}

static void enlist(struct assignment *placement, int i, int p)
{
    placement->bin[i] = p;
    placement->before[i] = -1;
    placement->next[i] = placement->first[p];
    if (placement->first[p] >= 0)
        placement->before[placement->first[p]] = i;
    placement->first[p] = i;
    placement->error[p] += placement->in->balance->unit[p] * placement->step[i];
    placement->excess[p] += placement->in->excess[i];
    count_member(placement, i, p, 1);
    fitting_count(&placement->fitting, i, p, 1);
    placement->cost += instance_price(placement->in, i, p);
}

static void delist(struct assignment *placement, int i)
{
    int p = placement->bin[i];

    if (placement->before[i] >= 0)
        placement->next[placement->before[i]] = placement->next[i];
    else
        placement->first[p] = placement->next[i];
    if (placement->next[i] >= 0)
        placement->before[placement->next[i]] = placement->before[i];
    placement->error[p] -= placement->in->balance->unit[p] * placement->step[i];
    placement->excess[p] -= placement->in->excess[i];
    count_member(placement, i, p, -1);
    fitting_count(&placement->fitting, i, p, -1);
    placement->cost -= instance_price(placement->in, i, p);
}

static size_t member_counts(const struct assignment *placement)
{
    return (size_t)placement->in->balance->groups.n * (size_t)placement->in->m;
}

static void clear(struct assignment *placement)
{
    placement->cost = 0;
    fitting_clear(&placement->fitting);
    memset(placement->members, 0, member_counts(placement) * sizeof(int));
    for (int p = 0; p < placement->in->m; p++) {
        placement->first[p] = -1;
        placement->excess[p] = 0;
        placement->together[p] = placement->in->balance->groups.gaps[p];
        placement->error[p] =
            balance_error(placement->in->balance, p, placement->in->balance->background[p]);
    }
}

/* Of all bins, or of those that cost no more than this. */
static int roomiest(const struct assignment *placement, int i, int most)
{
    int best = -1;

    for (int p = 0; p < placement->in->m; p++)
        if (assignment_may_enter(placement, i, p) && instance_price(placement->in, i, p) <= most &&
            (best < 0 || placement->error[p] < placement->error[best]))
            best = p;
    return best;
}

/* Weight and number in one key: descending keys are falling weights and rising numbers. */
static int64_t heaviest_key(const struct instance *in, int i)
{
    return (int64_t)in->weight[i] << 32 | (INT32_MAX - i);
}

int assignment_sort_heaviest(const struct instance *in, int *items, int n)
{
    int64_t *key = malloc(((size_t)n + 1) * sizeof(*key));

    if (!key)
        return -ENOMEM;
    for (int k = 0; k < n; k++)
        key[k] = heaviest_key(in, items[k]);
    qsort(key, (size_t)n, sizeof(*key), whole_descending64);
    for (int k = 0; k < n; k++)
        items[k] = INT32_MAX - (int)(key[k] & INT32_MAX);
    free(key);
    return 0;
}

static int place_floating(struct assignment *placement, struct arena *arena)
{
    const struct instance *in = placement->in;
    int *floating = arena_take(arena, (size_t)in->n, sizeof(int)), n = 0, r;

    if (!floating)
        return -ENOMEM;
    for (int i = 0; i < in->n; i++)
        if (placement->bin[i] < 0)
            floating[n++] = i;
    r = assignment_sort_heaviest(in, floating, n);
    for (int k = 0; k < n && r == 0; k++) {
        int i = floating[k];

        enlist(placement, i, roomiest(placement, i, instance_has_dear_home(in, i) ? 0 : INT_MAX));
    }
    return r;
}

int assignment_new(const struct instance *in, struct arena *arena, struct assignment *ret)
{
    struct assignment placement = {.in = in};
    size_t n = (size_t)in->n, m = (size_t)in->m;

    placement.bin = arena_take(arena, n, sizeof(int));
    placement.error = arena_take(arena, m, sizeof(int64_t));
    placement.excess = arena_take(arena, m, sizeof(int64_t));
    placement.members = arena_take(arena, member_counts(&placement), sizeof(int));
    placement.together = arena_take(arena, m, sizeof(int));
    placement.step = arena_take(arena, n, sizeof(int64_t));
    placement.first = arena_take(arena, m, sizeof(int));
    placement.next = arena_take(arena, n, sizeof(int));
    placement.before = arena_take(arena, n, sizeof(int));
    if (fitting_new(in, arena, &placement.fitting) < 0)
        return -ENOMEM;
    clear(&placement);
    for (int i = 0; i < in->n; i++)
        placement.step[i] = in->balance->parts * in->weight[i];
    for (int i = in->n - 1; i >= 0; i--) {
        placement.bin[i] = -1;
        if (in->home[i] >= 0 && !instance_has_dear_home(in, i))
            enlist(&placement, i, in->home[i]);
    }
    if (place_floating(&placement, arena) < 0)
        return -ENOMEM;
    *ret = placement;
    return 0;
}

void assignment_set(struct assignment *placement, const int *bin)
{
    clear(placement);
    for (int i = placement->in->n - 1; i >= 0; i--)
        enlist(placement, i, bin[i]);
}

int assignment_set_heaviest_first(struct assignment *placement, const int *bin)
{
    int n = placement->in->n, *order = calloc((size_t)n + 1, sizeof(*order)), r = -ENOMEM;

    for (int i = 0; order && i < n; i++)
        order[i] = i;
    if (order)
        r = assignment_sort_heaviest(placement->in, order, n);
    clear(placement);
    for (int k = n - 1; k >= 0 && r == 0; k--)
        enlist(placement, order[k], bin[order[k]]);
    free(order);
    return r;
}

void assignment_copy(const struct assignment *from, struct assignment *to)
{
    size_t n = (size_t)from->in->n, m = (size_t)from->in->m;

    memcpy(to->bin, from->bin, n * sizeof(int));
    memcpy(to->error, from->error, m * sizeof(int64_t));
    memcpy(to->excess, from->excess, m * sizeof(int64_t));
    memcpy(to->members, from->members, member_counts(from) * sizeof(int));
    memcpy(to->together, from->together, m * sizeof(int));
    memcpy(to->first, from->first, m * sizeof(int));
    memcpy(to->next, from->next, n * sizeof(int));
    memcpy(to->before, from->before, n * sizeof(int));
    to->cost = from->cost;
    fitting_copy(&from->fitting, &to->fitting);
}

void assignment_move(struct assignment *placement, int i, int q)
{
    delist(placement, i);
    enlist(placement, i, q);
}

void assignment_apply(struct assignment *placement, const struct exchange *exchange)
{
    if (exchange->i >= 0)
        assignment_move(placement, exchange->i, exchange->q);
    if (exchange->j >= 0)
        assignment_move(placement, exchange->j, exchange->p);
}

int64_t assignment_load(const struct assignment *placement, int p)
{
    return balance_load_at(placement->in->balance, p, placement->error[p]);
}

int64_t assignment_overload(const struct assignment *placement, int p)
{
    return assignment_load(placement, p) + placement->excess[p] - placement->in->balance->spare[p];
}

int64_t assignment_objective(const struct assignment *placement)
{
    const struct instance *in = placement->in;
    int64_t worst = in->least_deviation, charges = 0, overload = 0, together = 0;

    for (int p = 0; p < in->m; p++) {
        if (abs64(placement->error[p]) > worst)
            worst = abs64(placement->error[p]);
        charges += instance_square(in, placement->error[p]);
        if (in->balance->has_overload)
            overload += max64(0, assignment_overload(placement, p));
        together += placement->together[p];
    }
    return in->kappa * worst + charges +
           in->unit * (placement->cost + in->problem->overload_cost * overload +
                       in->problem->together_cost * together);
}

double assignment_squares(const struct assignment *placement)
{
    double sum = 0;

    for (int p = 0; p < placement->in->m; p++)
        sum += (double)placement->error[p] * (double)placement->error[p];
    return sum;
}

void assignment_extremes(const struct assignment *placement, struct extremes *ret)
{
    int64_t rest = placement->in->least_deviation;
    struct extremes worst = {{-1, -1, -1}, {rest, rest, rest}};

    for (int p = 0; p < placement->in->m; p++) {
        int64_t deviation = abs64(placement->error[p]);
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
