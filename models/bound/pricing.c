/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/pricing.h"

#include <errno.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/bound/kernels.h"
#include "models/bound/profile.h"
#include "models/bound/room_bound.h"

/* Charges are capped, not infinite: the bound stays a bound. */
enum { MAX_CHARGE = 1 << 27, MANY = 8 };

int pricing_cells(const struct pricing *pricing)
{
    const struct windows *windows = pricing->windows;
    int most = 0;

    for (int p = 0; p < windows->in->m; p++)
        most = max_int(most, windows_high(windows, p, pricing->top));
    return most + 1;
}

static int fill_squares(struct pricing *pricing, struct arena *arena)
{
    const struct windows *windows = pricing->windows;
    int64_t rows = pricing->in->m;

    if (pricing->in->problem->objective != PLACEMENT_VARIANCE)
        return 0;
    pricing->square = arena_take(arena, (size_t)(rows * pricing->max_cells), sizeof(int32_t));
    if (!pricing->square)
        return -ENOMEM;
    for (int p = 0; p < pricing->in->m; p++) {
        for (int x = 0; x <= windows_high(windows, p, 0); x++) {
            const struct balance *balance = pricing->in->balance;
            int64_t charge =
                instance_square(pricing->in, balance_error(balance, p, x + balance->background[p]));

            pricing->square[(int64_t)p * pricing->max_cells + x] =
                (int32_t)(charge < MAX_CHARGE ? charge : MAX_CHARGE);
        }
    }
    return 0;
}

int64_t pricing_bytes(const struct windows *windows)
{
    const struct instance *in = windows->in;
    struct pricing widest = {.in = in, .windows = windows, .top = windows->n - 1};
    int64_t cells = pricing_cells(&widest), charges = 0;

    if (in->problem->objective == PLACEMENT_VARIANCE)
        charges = (int64_t)in->m * (int64_t)sizeof(int32_t);
    return cells * ((in->n_classes + 1) * (in->n + 8) + kept_sets_bytes(in) + charges + 32) +
           pool_halves_bytes(in, cells);
}

int pricing_new(const struct windows *windows, struct work *work, struct arena *arena,
                struct pricing *ret)
{
    const struct instance *in = windows->in;
    struct pricing pricing = {.in = in, .windows = windows, .work = work, .top = windows->n - 1};
    size_t classes = (size_t)in->n_classes + 1, cells;
    int r;

    pricing.max_cells = pricing_cells(&pricing);
    cells = (size_t)pricing.max_cells;
    pricing.pool = arena_take(arena, classes * cells, sizeof(int32_t));
    pricing.floor = arena_take(arena, classes * cells, sizeof(int32_t));
    pricing.taken = arena_take(arena, classes * (size_t)in->n * cells, 1);
    pricing.spare = arena_take(arena, 3 * cells, sizeof(int32_t));
    pricing.profile = arena_take(arena, cells, sizeof(int32_t));
    pricing.running = arena_take(arena, (size_t)windows->n, sizeof(int32_t));
    pricing.queue = arena_take(arena, cells, sizeof(int));
    pricing.with_excess = arena_take(arena, cells, sizeof(int32_t));
    pricing.by_halves = instance_is_fine_grained(in) && in->n_crowded == 0;
    if (pricing.by_halves &&
        pool_halves_new(in, pricing.max_cells,
                        pricing.taken + (int64_t)in->n_classes * in->n * pricing.max_cells, arena,
                        &pricing.halves) < 0)
        return -ENOMEM;
    if (!pricing.pool || !pricing.floor || !pricing.taken || !pricing.spare || !pricing.profile ||
        !pricing.running || !pricing.queue || !pricing.with_excess)
        return -ENOMEM;
    r = kept_sets_new(in, pricing.max_cells, arena, &pricing.own);
    if (r < 0)
        return r;
    r = fill_squares(&pricing, arena);
    if (r < 0)
        return r;
    *ret = pricing;
    return 0;
}

int pricing_by_room(struct pricing *pricing, struct arena *arena)
{
    struct room_pool *rooms;
    int r;

    if (pricing->in->rules.n_rooms == 0 ||
        !work_has_room(pricing->work, room_pool_bytes(pricing->in, pricing_cells(pricing))))
        return 0;
    rooms = arena_take(arena, 1, sizeof(*rooms));
    pricing->room_values = arena_take(arena, (size_t)pricing->windows->n, sizeof(int32_t));
    r = arena_error(arena);
    if (r == 0)
        r = room_pool_new(pricing->in, pricing_cells(pricing), arena, rooms);
    if (r == 0)
        pricing->rooms = rooms;
    return r < 0 ? r : 1;
}

void pricing_narrow(struct pricing *pricing, int bottom, int top)
{
    pricing->bottom = bottom;
    pricing->top = top;
}

struct pattern *pricing_patterns(const struct instance *in, struct arena *arena)
{
    struct pattern *patterns = arena_take(arena, (size_t)in->m, sizeof(*patterns));

    if (!patterns)
        return NULL;
    for (int p = 0; p < in->m; p++) {
        /* an own item may be kept and enter again */
        int most = in->n + in->own_first[p + 1] - in->own_first[p];

        patterns[p].items = arena_take(arena, (size_t)most, sizeof(int));
        if (!patterns[p].items)
            return NULL;
    }
    return patterns;
}

static struct pool pool_of(const struct pricing *pricing, int slot)
{
    int64_t at = (int64_t)slot * pricing->max_cells;

    return (struct pool){.in = pricing->in,
                         .stride = pricing->max_cells,
                         .least = pricing->pool + at,
                         .floor = pricing->floor + at,
                         .taken = pricing->taken + at * pricing->in->n,
                         .spare = pricing->spare,
                         .queue = pricing->queue};
}

static int width_of(const struct pricing *pricing, int p)
{
    return windows_high(pricing->windows, p, pricing->top) -
           windows_low(pricing->windows, p, pricing->top) + 1;
}

/* Of the bins of a class. */
static int widest(const struct pricing *pricing, int kind)
{
    int most = 1;

    for (int p = 0; p < pricing->in->m; p++)
        if (pricing->in->class_of[p] == kind)
            most = max_int(most, width_of(pricing, p));
    return most;
}

/* The kept items of the pattern that has this load at this price, charge included, and what is left
 * for the pool. */
static int kept_of(const struct pricing *pricing, struct pool pool, int load, int32_t price,
                   struct pattern *pattern, int *ret_rest)
{
    const struct kept_sets *own = &pricing->own;
    int state = 0;

    if (pricing_is_whole(pricing, pattern->bin)) {
        *ret_rest = load;
        return 0;
    }
    if (kept_sets_has_many(own, pattern->bin))
        return kept_sets_members_of_many(own, load, pattern->items, ret_rest);
    while (own->weight[state] > load ||
           own->cost[state] + pool.least[load - own->weight[state]] +
                   profile_charge(pricing, pattern->bin, load, own->excess[state]) !=
               price)
        state++;
    *ret_rest = load - own->weight[state];
    return kept_sets_members(own, state, pattern->items);
}

static int members_of(const struct pricing *pricing, struct pool pool, int load, int32_t price,
                      struct pattern *pattern)
{
    const struct instance *in = pricing->in;
    int rest, kept = kept_of(pricing, pool, load, price, pattern, &rest);
    int n = kept + pool_members(&pool, rest, pattern->items + kept);

    for (int z = kept; z < n; z++)
        for (int k = 0; k < kept && in->home[pattern->items[z]] == pattern->bin; k++)
            pattern->is_relaxed |= pattern->items[k] == pattern->items[z];
    return n;
}

/* The pattern behind the least value of the target window; n_items < 0: there is none. */
static void read_pattern(const struct pricing *pricing, int p, struct pool pool, int target,
                         struct pattern *ret)
{
    int best = profile_best(pricing, p, target);

    ret->bin = p;
    ret->n_items = -1;
    ret->is_relaxed = false;
    if (best < 0)
        return;
    ret->n_items =
        members_of(pricing, pool, best,
                   pricing->profile[best - windows_low(pricing->windows, p, pricing->top)], ret);
}

/* The pool without the bin's own items. */
static int64_t fill_apart(struct pricing *pricing, const int *duals, int p, struct pool pool)
{
    int cells = max_int(0, windows_high(pricing->windows, p, pricing->top) + 1);

    pool_fill(&pool, duals, pricing->in->class_of[p],
              (struct pool_bin){.bin = p, .keeps = pricing_is_whole(pricing, p)}, cells);
    pool_fill_floor(&pool, max_int(width_of(pricing, p), 1), cells);
    return (int64_t)(pricing->in->n + pricing->in->n_crowded) * cells;
}

bool pricing_is_apart(const struct pricing *pricing, int p)
{
    int own = pricing->in->own_first[p + 1] - pricing->in->own_first[p];

    if (pricing->by_halves)
        return own > 0;
    return (own > MANY && own > pricing->in->n / MANY) || pricing_is_whole(pricing, p) ||
           (own > 0 && own <= KEPT_SETS_FEW && patterns_least_excess(pricing->in, p) > 0);
}

bool pricing_is_whole(const struct pricing *pricing, int p)
{
    return pricing->in->is_close[p];
}

static int64_t evaluate_bin(struct pricing *pricing, const int *duals, int p, struct pool pool,
                            struct evaluation *ev)
{
    int32_t *values =
        ev->bin_value ? ev->bin_value + (int64_t)p * (pricing->top + 1) : pricing->running;
    int64_t cells = profile_fill(pricing, p, duals, pool);

    if (ev->pattern)
        read_pattern(pricing, p, pool, ev->window, &ev->pattern[p]);
    profile_run_windows(pricing, p, values);
    if (ev->load_value)
        memcpy(ev->load_value + (int64_t)p * (pricing->top + 1), values,
               ((size_t)pricing->top + 1) * sizeof(*values));
    if (pricing->rooms)
        cells += room_bound_raise(pricing, p, duals, ev, values);
    kernel_sum(ev->bound + pricing->bottom, values + pricing->bottom, WINDOWS_IMPOSSIBLE,
               pricing->top - pricing->bottom + 1);
    return cells;
}

static int64_t evaluate_one_by_one(struct pricing *pricing, const int *duals, struct evaluation *ev)
{
    struct pool apart = pool_of(pricing, pricing->in->n_classes);
    int64_t touched = 0;

    for (int p = 0; p < pricing->in->m; p++) {
        bool is_apart = pricing_is_apart(pricing, p);

        if (is_apart)
            touched += fill_apart(pricing, duals, p, apart);
        touched += evaluate_bin(pricing, duals, p,
                                is_apart ? apart : pool_of(pricing, pricing->in->class_of[p]), ev);
    }
    return touched;
}

/* An evaluation under way. */
struct visit {
    struct pricing *pricing;
    const int *duals;
    struct evaluation *ev;
    int64_t touched;
};

static void visit_bin(void *arg, int p, const struct pool *pool)
{
    struct visit *visit = arg;
    struct pricing *pricing = visit->pricing;
    struct pool own = pool_of(pricing, pricing->in->n_classes);

    own.least = pool->least;
    own.order = pool->order;
    own.n_order = pool->n_order;
    pool_fill_floor(&own, max_int(width_of(pricing, p), 1),
                    max_int(0, windows_high(pricing->windows, p, pricing->top) + 1));
    visit->touched += evaluate_bin(pricing, visit->duals, p, own, visit->ev);
}

static int64_t evaluate_by_halves(struct pricing *pricing, const int *duals, struct evaluation *ev)
{
    struct visit visit = {pricing, duals, ev, 0};
    int cells = pricing_cells(pricing);

    for (int kind = 0; kind < pricing->in->n_classes; kind++)
        visit.touched += pool_halves_walk(&pricing->halves, duals, kind, cells, visit_bin, &visit);
    return visit.touched;
}

/* The pools of the classes, for bins that have none of their own. */
static int64_t fill_pools(struct pricing *pricing, const int *duals)
{
    const struct instance *in = pricing->in;
    int cells = pricing_cells(pricing);

    for (int kind = 0; kind < in->n_classes; kind++) {
        struct pool pool = pool_of(pricing, kind);

        pool_fill(&pool, duals, kind, (struct pool_bin){.bin = -1}, cells);
        pool_fill_floor(&pool, widest(pricing, kind), cells);
    }
    return (int64_t)in->n_classes * (in->n + in->n_crowded) * cells;
}

static int64_t floating_prices(const struct instance *in, const int *duals)
{
    int64_t sum = 0;

    for (int i = 0; i < in->n && in->n_floating; i++)
        sum += in->home[i] < 0 ? duals[i] : 0;
    return sum;
}

static void clip(const struct instance *in, int *duals)
{
    for (int i = 0; i < in->n; i++)
        duals[i] = max_int(-in->price_limit, min_int(duals[i], in->price_limit));
}

void pricing_evaluate(struct pricing *pricing, int *duals, struct evaluation *ev)
{
    const struct instance *in = pricing->in;
    int64_t touched = 0, base;

    clip(in, duals);
    if (pricing->rooms)
        room_pool_turn(pricing->rooms);
    base = floating_prices(in, duals);
    for (int t = 0; t <= pricing->top; t++)
        ev->bound[t] = t < pricing->bottom ? 0 : base;
    if (!pricing->by_halves || ev->bin_value) /* who asks for values looks at the pools, too */
        touched += fill_pools(pricing, duals);
    touched += pricing->by_halves ? evaluate_by_halves(pricing, duals, ev)
                                  : evaluate_one_by_one(pricing, duals, ev);
    for (int t = 0; t <= pricing->top; t++)
        if (ev->bound[t] >= WINDOWS_IMPOSSIBLE / 2)
            ev->bound[t] = WINDOWS_IMPOSSIBLE;
    pricing->work->evaluations++;
    pricing->work->kcells += touched / 1000 + 1;
}

int32_t *pricing_pool(struct pricing *pricing, const int *duals, int kind, int cells)
{
    struct pool pool = pool_of(pricing, pricing->in->n_classes);

    pool_fill(&pool, duals, kind, (struct pool_bin){.bin = -1}, cells);
    return pool.least;
}
