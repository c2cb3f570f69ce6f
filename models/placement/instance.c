/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/instance.h"
#include "models/placement/instance_parts.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "models/base/whole.h"

/* A pattern's cost and duals, in 1 / price_scale, stay within 2^28: half of what a pricing cell
 * takes for infinite (pricing.c). Twice as much could overflow a cell; half as much would halve
 * price_scale on large hosts. A dual may be as large as 15 of the dearest moves: the headroom. Where
 * that makes duals coarse, 3 have to do. */
/* A crowd with at most so many times as many bins as members has few. */
enum { CROWDED = 2 };
enum { PRICE_SUM_LIMIT = 1 << 28, PRICE_HEADROOM = 16, LEAST_HEADROOM = 4 };

static void add_item(struct instance *in, size_t i, int weight)
{
    const struct placement_problem *problem = in->problem;
    int current = problem->current[i], at = in->n;
    int *price = in->price + (int64_t)at * in->m;
    bool stays = placement_is_at_home(problem, i);
    int floor = stays ? placement_least_price(problem, i) : 0;

    in->floor_cost += floor;
    if (weight == 0 && stays && placement_home_price(problem, i) == floor &&
        !rules_bind(problem, i))
        return;
    for (int p = 0; p < in->m; p++) {
        bool may = placement_may_run(problem, i, (size_t)p);

        price[p] =
            may ? problem->price[i * problem->n_bins + (size_t)p] - floor : INSTANCE_FORBIDDEN;
        in->max_price = max_int(in->max_price, price[p]);
    }
    in->id[at] = (int)i;
    in->weight[at] = weight;
    in->excess[at] = in->balance->excess[i];
    in->group[at] = in->balance->groups.of[i];
    in->crowd[at] = in->group[at];
    if (in->group[at] >= 0 && groups_fills(&in->balance->groups, in->group[at]))
        in->crowd[at] = -1;
    in->home[at] = stays ? current : INSTANCE_NOWHERE;
    in->has_dear_homes |= stays && price[current] > 0;
    in->n_floating += !stays;
    in->n++;
}

/* What prices and duals can add up to, in cost units. */
static int64_t most_price(const struct instance *in, int headroom)
{
    return (int64_t)headroom * (in->max_price + 1) * (in->n + 1) +
           (int64_t)in->problem->together_cost * in->n_crowded;
}

static void fill_scales(struct instance *in)
{
    bool variance = in->problem->objective == PLACEMENT_VARIANCE;
    /* Overload needs room in the cells, and larger duals: a charge may be far larger than a move. */
    int sum_limit = in->balance->has_overload ? PRICE_SUM_LIMIT / 4 : PRICE_SUM_LIMIT;
    int headroom = PRICE_HEADROOM;

    /* A dual's steps, in cost units: fine enough for moves; charges are fractions of a cost unit. */
    in->price_scale = variance ? 4096 : 256;
    while (!variance && headroom > LEAST_HEADROOM &&
           most_price(in, headroom) * in->price_scale > sum_limit)
        headroom /= 2;
    while (in->price_scale > 1 && most_price(in, headroom) * in->price_scale > sum_limit)
        in->price_scale /= 2;
    in->price_limit = (headroom - 1) * (in->max_price + 1) * in->price_scale;
    if (in->balance->has_overload)
        in->price_limit = max_int(in->price_limit,
                                  sum_limit / (in->n + 1) - (in->max_price + 1) * in->price_scale);
    in->unit = variance ? in->price_scale : in->balance->scale;
    in->kappa = variance ? 0 : in->problem->kappa;
}

static void fill_own(struct instance *in)
{
    for (int i = 0; i < in->n; i++)
        if (in->home[i] >= 0)
            in->own_first[in->home[i] + 1]++;
    for (int p = 0; p < in->m; p++)
        in->own_first[p + 1] += in->own_first[p];
    for (int i = in->n - 1; i >= 0; i--)
        if (in->home[i] >= 0)
            in->own[--in->own_first[in->home[i] + 1]] = i;
    for (int p = 0; p < in->m; p++)
        in->own_first[p] = in->own_first[p + 1];
    in->own_first[in->m] = in->n - in->n_floating;
}

/* A bin belongs to a class if it costs every item from elsewhere the same to enter as the others
 * do. An item at home here says nothing: it does not enter. */
static bool joins(const struct instance *in, int kind, int p)
{
    const int *entering = in->class_price + (int64_t)kind * in->n;

    for (int i = 0; i < in->n; i++) {
        int price = instance_price(in, i, p);

        if (in->home[i] != p && entering[i] != INT32_MAX && entering[i] != price)
            return false;
    }
    return true;
}

static void join(struct instance *in, int kind, int p)
{
    int *entering = in->class_price + (int64_t)kind * in->n;

    in->class_of[p] = kind;
    for (int i = 0; i < in->n; i++)
        if (in->home[i] != p)
            entering[i] = instance_price(in, i, p);
}

/* Room doubles: where every bin is a class of its own, all earlier rooms take no more than the last. */
static int add_class(struct instance *in, int *room)
{
    int kind = in->n_classes;

    if (kind == *room) {
        size_t more = (size_t)min_int(in->m, 2 * kind + 1), n = (size_t)in->n;
        int *price = arena_take(&in->arena, more * n, sizeof(int));

        if (!price)
            return -ENOMEM;
        memcpy(price, in->class_price, (size_t)kind * n * sizeof(int));
        in->class_price = price;
        *room = (int)more;
    }
    for (int i = 0; i < in->n; i++)
        in->class_price[(int64_t)kind * in->n + i] = INT32_MAX;
    in->n_classes++;
    return 0;
}

static void fill_classes(struct instance *in)
{
    int room = 0;

    for (int p = 0; p < in->m; p++) {
        int kind = 0;

        while (kind < in->n_classes && !joins(in, kind, p))
            kind++;
        if (kind == in->n_classes && add_class(in, &room) < 0)
            return;
        join(in, kind, p);
    }
    for (int64_t k = 0; k < (int64_t)in->n_classes * in->n; k++)
        if (in->class_price[k] == INT32_MAX) /* at home in its only bin */
            in->class_price[k] = INSTANCE_FORBIDDEN;
}

static int64_t all_loads(const struct instance *in)
{
    int64_t sum = 0;

    for (int p = 0; p < in->m; p++)
        sum += in->balance->background[p];
    for (int i = 0; i < in->n; i++)
        sum += in->weight[i];
    return sum;
}

/* Whether whole loads with at most this deviation can add up to all there is. */
static bool adds_up(const struct instance *in, int64_t deviation, int64_t loads)
{
    const struct balance *balance = in->balance;
    int64_t low = 0, high = 0;

    for (int p = 0; p < in->m; p++) {
        low += balance_low(balance, p, deviation);
        high += balance_high(balance, p, deviation);
    }
    return low <= loads && loads <= high;
}

/* By bisection: more deviation admits more. */
static void find_least_deviation(struct instance *in)
{
    int64_t loads = all_loads(in), low = 0, high = 0;

    while (!adds_up(in, high, loads))
        high = 2 * high + in->balance->parts;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;

        if (adds_up(in, middle, loads))
            high = middle;
        else
            low = middle + 1;
    }
    in->least_deviation = low;
}

void instance_take_room(struct instance *in, size_t n)
{
    size_t m = (size_t)in->m;

    in->id = arena_take(&in->arena, n, sizeof(int));
    in->weight = arena_take(&in->arena, n, sizeof(int));
    in->excess = arena_take(&in->arena, n, sizeof(int));
    in->group = arena_take(&in->arena, n, sizeof(int));
    in->crowd = arena_take(&in->arena, n, sizeof(int));
    in->by_crowd = arena_take(&in->arena, n, sizeof(int));
    in->is_close = arena_take(&in->arena, m, sizeof(bool));
    in->home = arena_take(&in->arena, n, sizeof(int));
    in->price = arena_take(&in->arena, n * m, sizeof(int));
    in->own_first = arena_take(&in->arena, m + 1, sizeof(int));
    in->own = arena_take(&in->arena, n, sizeof(int));
    in->class_of = arena_take(&in->arena, m, sizeof(int));
    in->class_price = arena_take(&in->arena, 0, sizeof(int));
}

/* Members have demand, so that all of them are among the items. */
static void fill_crowds(struct instance *in)
{
    const struct groups *groups = &in->balance->groups;
    int *at = arena_take(&in->arena, (size_t)groups->n + 1, sizeof(int)), n = 0;

    if (!at)
        return;
    for (int i = 0; i < in->n; i++)
        n += in->crowd[i] < 0;
    in->n_crowded = in->n - n;
    for (int g = 0; g < groups->n; g++) {
        at[g + 1] = n;
        n += groups_fills(groups, g) ? 0 : groups_size(groups, g);
    }
    for (int i = 0; i < in->n; i++)
        in->by_crowd[at[in->crowd[i] + 1]++] = i;
}

/* Where a bound has to know whom the bin's own items are beside. A bin whose items are cut is bounded by
 * their excess instead. seen [groups] is scratch. */
static bool is_close(const struct instance *in, int p, int *seen)
{
    const struct groups *groups = &in->balance->groups;
    bool is = false;

    for (int k = in->own_first[p]; k < in->own_first[p + 1]; k++) {
        int g = in->crowd[in->own[k]];

        if (in->excess[in->own[k]] > 0)
            return false;
        if (g < 0)
            continue;
        is |= CROWDED * groups_size(groups, g) >= groups->bins[g] || seen[g] == p + 1;
        seen[g] = p + 1;
    }
    return is;
}

static void fill_close(struct instance *in)
{
    int *seen = arena_take(&in->arena, (size_t)in->balance->groups.n, sizeof(int));

    for (int p = 0; p < in->m && seen && in->n_crowded > 0; p++)
        in->is_close[p] = is_close(in, p, seen);
}

void instance_derive(struct instance *in)
{
    fill_crowds(in);
    fill_scales(in);
    find_least_deviation(in);
    fill_own(in);
    fill_close(in);
    fill_classes(in);
}

int instance_new(const struct balance *balance, struct instance *ret)
{
    struct instance in = {.problem = balance->problem, .balance = balance, .m = balance->m};

    instance_take_room(&in, balance->problem->n_items);
    for (size_t i = 0; i < balance->problem->n_items && arena_error(&in.arena) == 0; i++)
        add_item(&in, i, balance->weight[i]);
    if (arena_error(&in.arena) == 0)
        instance_derive(&in);
    rules_new(balance->problem, in.id, in.n, &in.arena, &in.rules);
    if (arena_error(&in.arena) < 0) {
        instance_done(&in);
        return -ENOMEM;
    }
    *ret = in;
    return 0;
}

void instance_done(struct instance *in)
{
    arena_done(&in->arena);
}

int64_t instance_square(const struct instance *in, int64_t error)
{
    double points, charge;

    if (in->problem->objective != PLACEMENT_VARIANCE)
        return 0;
    points = (double)error / (10.0 * (double)in->balance->parts);
    charge = in->problem->nu_milli * 1e-3 * points * points * in->price_scale;
    /* The factor keeps the rounding of the products from ever pointing up. */
    return (int64_t)floor(charge * (1 - 1e-13));
}

int64_t instance_together(const struct instance *in, int p, const int *items, int n_items)
{
    const struct groups *groups = &in->balance->groups;
    int64_t charges = groups->gaps[p];

    for (int k = 0; k < n_items && groups->n > 0; k++) {
        int g = in->group[items[k]], first = 0;

        if (g < 0)
            continue;
        while (in->group[items[first]] != g)
            first++;
        charges += groups_enter(groups, g, first < k);
    }
    return in->problem->together_cost * charges;
}

int64_t instance_charge(const struct instance *in, int p, int64_t load, int64_t excess)
{
    return instance_square(in, balance_error(in->balance, p, load)) +
           in->price_scale * instance_overload(in, p, load, excess);
}

void instance_lift(const struct instance *in, const int *bin_of, int *ret)
{
    memcpy(ret, in->problem->current, in->problem->n_items * sizeof(*ret));
    for (int i = 0; i < in->n; i++)
        ret[in->id[i]] = bin_of[i];
}

int64_t instance_objective(const struct instance *in, const struct placement_value *value)
{
    int64_t all = in->kappa * value->deviation_scaled + in->unit * value->cost_with_charges;

    if (in->problem->objective == PLACEMENT_VARIANCE)
        all = (int64_t)ceil(value->objective * in->problem->nu_milli * 1e-3 * in->price_scale) +
              in->m;
    return all - in->unit * in->floor_cost;
}

double instance_points(const struct instance *in, int64_t objective)
{
    double units = (double)objective / (double)in->unit + (double)in->floor_cost;

    if (in->problem->objective == PLACEMENT_VARIANCE)
        return units * 1000 / in->problem->nu_milli;
    return units / (double)in->kappa;
}
