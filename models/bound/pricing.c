/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/pricing.h"

#include <errno.h>
#include <string.h>

#include "models/bound/kernels.h"

/* Charges are capped, not infinite: the bound stays a bound. */
enum { MOST_CHARGE = 1 << 27, MANY = 8 };

int pricing_cells(const struct pricing *pricing)
{
    const struct windows *windows = pricing->windows;
    int most = 0;

    for (int p = 0; p < windows->in->m; p++) {
        int high = windows_high(windows, p, pricing->top);

        most = high > most ? high : most;
    }
    return most + 1;
}

static int fill_charges(struct pricing *pr, struct arena *arena)
{
    const struct windows *windows = pr->windows;
    int64_t rows = pr->in->m;

    if (pr->in->problem->objective != PLACEMENT_VARIANCE)
        return 0;
    pr->charge = arena_take(arena, (size_t)(rows * pr->max_cells), sizeof(int32_t));
    if (!pr->charge)
        return -ENOMEM;
    for (int p = 0; p < pr->in->m; p++) {
        for (int x = 0; x <= windows_high(windows, p, 0); x++) {
            const struct balance *balance = pr->in->balance;
            int64_t charge =
                instance_charge(pr->in, balance_error(balance, p, x + balance->background[p]));

            pr->charge[(int64_t)p * pr->max_cells + x] =
                (int32_t)(charge < MOST_CHARGE ? charge : MOST_CHARGE);
        }
    }
    return 0;
}

int pricing_new(const struct windows *windows, struct work *work, struct arena *arena,
                struct pricing *ret)
{
    const struct instance *in = windows->in;
    struct pricing pr = {.in = in, .windows = windows, .work = work, .top = windows->n - 1};
    size_t classes = (size_t)in->n_classes + 1, cells;
    int r;

    pr.max_cells = pricing_cells(&pr);
    cells = (size_t)pr.max_cells;
    pr.pool = arena_take(arena, classes * cells, sizeof(int32_t));
    pr.floor = arena_take(arena, classes * cells, sizeof(int32_t));
    pr.taken = arena_take(arena, classes * (size_t)in->n * cells, 1);
    pr.spare = arena_take(arena, cells, sizeof(int32_t));
    pr.profile = arena_take(arena, cells, sizeof(int32_t));
    pr.running = arena_take(arena, (size_t)windows->n, sizeof(int32_t));
    pr.queue = arena_take(arena, cells, sizeof(int));
    if (!pr.pool || !pr.floor || !pr.taken || !pr.spare || !pr.profile || !pr.running || !pr.queue)
        return -ENOMEM;
    r = own_sets_new(in, pr.max_cells, arena, &pr.own);
    if (r < 0)
        return r;
    r = fill_charges(&pr, arena);
    if (r < 0)
        return r;
    *ret = pr;
    return 0;
}

struct pattern *pricing_patterns(const struct instance *in, struct arena *arena)
{
    struct pattern *patterns = arena_take(arena, (size_t)in->m, sizeof(*patterns));

    if (!patterns)
        return NULL;
    for (int p = 0; p < in->m; p++) {
        /* an own vCPU may be kept and enter again */
        int most = in->n + in->own_first[p + 1] - in->own_first[p];

        patterns[p].items = arena_take(arena, (size_t)most, sizeof(int));
        if (!patterns[p].items)
            return NULL;
    }
    return patterns;
}

struct tables {
    int32_t *pool, *floor;
    uint8_t *taken;
};

static struct tables tables_of(const struct pricing *pr, int slot)
{
    int64_t at = (int64_t)slot * pr->max_cells;

    return (struct tables){pr->pool + at, pr->floor + at, pr->taken + at * pr->in->n};
}

int32_t pricing_entering(const struct pricing *pr, int kind, const int *prices, int i)
{
    return pr->in->class_price[(int64_t)kind * pr->in->n + i] * pr->in->price_scale - prices[i];
}

bool pricing_enters(const struct pricing *pr, int kind, int i)
{
    return pr->in->class_price[(int64_t)kind * pr->in->n + i] != INSTANCE_FORBIDDEN;
}

/* Cheapest entering set for every weight; without the vCPUs of bin `without` (-1: of all). */
static void fill_pool(struct pricing *pr, const int *prices, int kind, int without, int cells,
                      struct tables tables)
{
    const struct instance *in = pr->in;
    int32_t *row = tables.pool, *after = pr->spare, *swap;

    for (int s = 1; s < cells; s++)
        row[s] = KERNEL_INFINITE;
    row[0] = 0;
    for (int i = 0; i < in->n; i++) {
        uint8_t *taken = tables.taken + (int64_t)i * pr->max_cells;

        if (!pricing_enters(pr, kind, i) || (without >= 0 && in->home[i] == without) ||
            in->weight[i] >= cells) {
            memset(taken, 0, (size_t)cells);
            continue;
        }
        kernel_take(after, row, taken, in->weight[i], pricing_entering(pr, kind, prices, i), cells);
        swap = row;
        row = after;
        after = swap;
    }
    if (row != tables.pool)
        memcpy(tables.pool, row, (size_t)cells * sizeof(*row));
}

/* floor[x] = least of pool[x - width + 1 .. x], by a queue of candidates. */
static void fill_floor(struct pricing *pr, int width, int cells, struct tables tables)
{
    const int32_t *pool = tables.pool;
    int *queue = pr->queue, first = 0, n = 0;

    for (int x = 0; x < cells; x++) {
        while (n > first && pool[queue[n - 1]] >= pool[x])
            n--;
        queue[n++] = x;
        while (queue[first] <= x - width)
            first++;
        tables.floor[x] = pool[queue[first]];
    }
}

static int widest(const struct pricing *pr)
{
    int most = 1;

    for (int p = 0; p < pr->in->m; p++) {
        int width =
            windows_high(pr->windows, p, pr->top) - windows_low(pr->windows, p, pr->top) + 1;

        most = width > most ? width : most;
    }
    return most;
}

static int32_t charge_of(const struct pricing *pr, int p, int x)
{
    return pr->charge ? pr->charge[(int64_t)p * pr->max_cells + x] : 0;
}

static int32_t value_at(const struct pricing *pr, struct tables tables, int x)
{
    int32_t best = KERNEL_INFINITE;

    for (int z = 0; z < pr->own.n; z++) {
        int s = pr->own.weight[z];

        if (s <= x && pr->own.price[z] + tables.pool[x - s] < best)
            best = pr->own.price[z] + tables.pool[x - s];
    }
    return best;
}

/* No profile value above this can be the least of any window: the least of the narrowest. */
static int32_t threshold(const struct pricing *pr, int p, struct tables tables)
{
    int low = windows_low(pr->windows, p, 0), high = windows_high(pr->windows, p, 0);
    int32_t best = KERNEL_INFINITE;

    if (pr->charge) { /* one wide window: look around the target */
        int64_t load =
            pr->in->balance->target[p] / pr->in->balance->parts - pr->in->balance->background[p];
        int middle = load < low ? low : load > high ? high : (int)load;

        low = middle;
        high = middle < high ? middle + 1 : high;
    }
    for (int x = low; x <= high; x++) {
        int32_t value = value_at(pr, tables, x);

        if (value < KERNEL_REACHED && value + charge_of(pr, p, x) < best)
            best = value + charge_of(pr, p, x);
    }
    return best;
}

/* profile[x - low] = least price of vCPU load x. Returns the cells touched. */
static int64_t fill_profile(struct pricing *pr, int p, struct tables tables)
{
    int low = windows_low(pr->windows, p, pr->top), high = windows_high(pr->windows, p, pr->top);
    int32_t most = threshold(pr, p, tables);
    int64_t cells = 0;

    for (int x = 0; x <= high - low; x++)
        pr->profile[x] = KERNEL_INFINITE;
    for (int z = 0; z < pr->own.n; z++) {
        int s = pr->own.weight[z], from = s > low ? s : low;

        if (s > high || pr->own.price[z] + tables.floor[high - s] > most)
            continue;
        kernel_least(pr->profile + (from - low), tables.pool + (from - s), pr->own.price[z],
                     high - from + 1);
        cells += high - from + 1;
    }
    for (int x = 0; pr->charge && x <= high - low; x++)
        pr->profile[x] += charge_of(pr, p, x + low);
    return cells;
}

/* The least of the profile over windows 0 .. top. */
static void run_windows(struct pricing *pr, int p, int32_t *ret)
{
    const struct windows *windows = pr->windows;
    int base = windows_low(windows, p, pr->top), from = windows_low(windows, p, 0), to = from - 1;
    int32_t least = KERNEL_INFINITE;

    for (int t = 0; t <= pr->top; t++) {
        int low = windows_low(windows, p, t), high = windows_high(windows, p, t);

        while (from > low) {
            int32_t value = pr->profile[--from - base];
            least = value < least ? value : least;
        }
        while (to < high) {
            int32_t value = pr->profile[++to - base];
            least = value < least ? value : least;
        }
        ret[t] = least;
    }
}

static int members_of(const struct pricing *pr, struct tables tables, int state, int load,
                      struct pattern *pattern)
{
    const struct instance *in = pr->in;
    int n = own_sets_members(&pr->own, state, pattern->items), rest;

    rest = load - pr->own.weight[state];
    for (int i = in->n - 1; i >= 0; i--) {
        if (!tables.taken[(int64_t)i * pr->max_cells + rest])
            continue;
        if (in->home[i] == pattern->bin && !pattern->repeats)
            for (int k = 0; k < n; k++)
                pattern->repeats |= pattern->items[k] == i;
        pattern->items[n++] = i;
        rest -= in->weight[i];
    }
    return n;
}

/* The pattern behind the least value of the target window; n_items < 0: there is none. */
static void read_pattern(const struct pricing *pr, int p, struct tables tables, int target,
                         struct pattern *ret)
{
    int base = windows_low(pr->windows, p, pr->top), best = -1, state = -1;
    int32_t least = KERNEL_REACHED;

    for (int x = windows_low(pr->windows, p, target); x <= windows_high(pr->windows, p, target);
         x++) {
        if (pr->profile[x - base] < least) {
            least = pr->profile[x - base];
            best = x;
        }
    }
    ret->bin = p;
    ret->n_items = -1;
    ret->repeats = false;
    if (best < 0)
        return;
    least -= charge_of(pr, p, best);
    for (int z = 0; z < pr->own.n && state < 0; z++)
        if (pr->own.weight[z] <= best &&
            pr->own.price[z] + tables.pool[best - pr->own.weight[z]] == least)
            state = z;
    ret->n_items = members_of(pr, tables, state, best, ret);
}

/* The pool without the bin's own vCPUs. */
static int64_t fill_apart(struct pricing *pr, const int *prices, int p, int width,
                          struct tables tables)
{
    int cells = windows_high(pr->windows, p, pr->top) + 1;

    fill_pool(pr, prices, pr->in->class_of[p], p, cells, tables);
    fill_floor(pr, width, cells, tables);
    return (int64_t)pr->in->n * cells;
}

bool pricing_is_apart(const struct pricing *pr, int p)
{
    int own = pr->in->own_first[p + 1] - pr->in->own_first[p];

    return own > MANY && own > pr->in->n / MANY;
}

static int64_t evaluate_bin(struct pricing *pr, const int *prices, int p, int width,
                            struct evaluation *ev)
{
    struct tables apart = tables_of(pr, pr->in->n_classes);
    struct tables tables = pricing_is_apart(pr, p) ? apart : tables_of(pr, pr->in->class_of[p]);
    int32_t *values = ev->bin_value ? ev->bin_value + (int64_t)p * (pr->top + 1) : pr->running;
    int64_t cells = own_sets_fill(&pr->own, p, prices, windows_high(pr->windows, p, pr->top));

    if (pricing_is_apart(pr, p))
        cells += fill_apart(pr, prices, p, width, apart);
    cells += fill_profile(pr, p, tables);
    if (ev->pattern) {
        read_pattern(pr, p, tables, ev->target, &ev->pattern[p]);
        if (ev->pattern[p].repeats && ev->exact) {
            cells += fill_apart(pr, prices, p, width, apart) + fill_profile(pr, p, apart);
            read_pattern(pr, p, apart, ev->target, &ev->pattern[p]);
        }
    }
    run_windows(pr, p, values);
    kernel_sum(ev->bound, values, WINDOWS_IMPOSSIBLE, pr->top + 1);
    return cells;
}

static int64_t floating_prices(const struct instance *in, const int *prices)
{
    int64_t sum = 0;

    for (int i = 0; i < in->n && in->n_floating; i++)
        sum += in->home[i] < 0 ? prices[i] : 0;
    return sum;
}

static void clip(const struct instance *in, int *prices)
{
    for (int i = 0; i < in->n; i++) {
        if (prices[i] > in->price_limit)
            prices[i] = in->price_limit;
        if (prices[i] < -in->price_limit)
            prices[i] = -in->price_limit;
    }
}

void pricing_evaluate(struct pricing *pr, int *prices, struct evaluation *ev)
{
    const struct instance *in = pr->in;
    int cells = pricing_cells(pr), width = widest(pr);
    int64_t touched = (int64_t)in->n_classes * in->n * cells;
    int64_t base;

    clip(in, prices);
    base = floating_prices(in, prices);
    for (int t = 0; t <= pr->top; t++)
        ev->bound[t] = base;
    for (int kind = 0; kind < in->n_classes; kind++) {
        fill_pool(pr, prices, kind, -1, cells, tables_of(pr, kind));
        fill_floor(pr, width, cells, tables_of(pr, kind));
    }
    for (int p = 0; p < in->m; p++)
        touched += evaluate_bin(pr, prices, p, width, ev);
    for (int t = 0; t <= pr->top; t++)
        if (ev->bound[t] >= WINDOWS_IMPOSSIBLE / 2)
            ev->bound[t] = WINDOWS_IMPOSSIBLE;
    pr->work->evaluations++;
    pr->work->kcells += touched / 1000 + 1;
}

int32_t *pricing_pool(struct pricing *pr, const int *prices, int kind, int cells)
{
    struct tables tables = tables_of(pr, pr->in->n_classes);

    fill_pool(pr, prices, kind, -1, cells, tables);
    return tables.pool;
}
