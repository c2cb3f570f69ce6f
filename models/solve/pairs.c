/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/pairs.h"

#include <errno.h>

#include "models/base/whole.h"
#include "models/bound/kernels.h"

/* Cells of a knapsack that take as long as one exchange looked at. */
enum { CELLS_PER_TRIAL = 8 };

/* Two bins, and the knapsack of what p carries of both. */
struct pair {
    struct search_state *search;
    int64_t band;
    int p, q;
    int *items, n;          /* that may be in either */
    int weight, load;       /* of all of them; of those in p now */
    int64_t empty_p, all_q; /* errors with all of them in q */
    int low, high;          /* loads of p at which both are within the band */
    int32_t *cost, *next; /* [high + 1] the least cost at each load of p, and with one item more */
    uint8_t *enters;      /* [n][high + 1] whether the item is in p then */
    size_t room, loads;   /* cells of enters, and of cost and next */
    struct arena arena;   /* of these */
};

/* Which pairs may be better off: those of which a bin has changed since they were looked at. */
struct sweep {
    struct pair pair;
    int *changed, *looked; /* [m] and [m * m] when */
    int now;
    struct arena arena;
};

static bool applies(const struct search_state *search)
{
    const struct balance *balance = search->in->balance;

    return !search->is_large && search->in->problem->objective == PLACEMENT_DEVIATION &&
           !balance->has_overload && balance->groups.n == 0 && !search->now.fitting.rules;
}

/* What a load changes about a bin's error. */
static int64_t error_of(const struct pair *pair, int bin, int load)
{
    const struct balance *balance = pair->search->in->balance;

    return balance->unit[bin] * balance->parts * load;
}

static int64_t error_p(const struct pair *pair, int load)
{
    return pair->empty_p + error_of(pair, pair->p, load);
}

static int64_t error_q(const struct pair *pair, int load)
{
    return pair->all_q - error_of(pair, pair->q, load);
}

/* Its errors are within the band from one load of p to another, none where low is above high. */
static void fit_loads(struct pair *pair)
{
    int64_t band = pair->band, p = error_of(pair, pair->p, 1), q = error_of(pair, pair->q, 1);

    int64_t low = max64(-floor_div(band + pair->empty_p, p), -floor_div(band - pair->all_q, q));
    int64_t high = min64(floor_div(band - pair->empty_p, p), floor_div(band + pair->all_q, q));

    pair->low = (int)clamp64(low, 0, (int64_t)pair->weight + 1);
    pair->high = (int)clamp64(high, -1, pair->weight);
}

static bool is_within(const struct pair *pair, int load)
{
    return abs64(error_p(pair, load)) <= pair->band && abs64(error_q(pair, load)) <= pair->band;
}

static double squares(const struct pair *pair, int load)
{
    double p = (double)error_p(pair, load), q = (double)error_q(pair, load);

    return p * p + q * q;
}

static void add_those_in(struct pair *pair, int bin)
{
    const struct assignment *now = &pair->search->now;

    for (int i = now->first[bin]; i >= 0; i = now->next[i])
        if (assignment_may_enter(now, i, pair->p) && assignment_may_enter(now, i, pair->q)) {
            pair->items[pair->n++] = i;
            pair->weight += pair->search->in->weight[i];
        }
}

/* False where no load of p will do. */
static bool open_pair(struct pair *pair)
{
    const struct assignment *now = &pair->search->now;

    pair->n = pair->weight = 0;
    add_those_in(pair, pair->p);
    pair->load = pair->weight;
    add_those_in(pair, pair->q);
    pair->empty_p = now->error[pair->p] - error_of(pair, pair->p, pair->load);
    pair->all_q = now->error[pair->q] + error_of(pair, pair->q, pair->load);
    fit_loads(pair);
    return pair->low <= pair->high;
}

static void fill(struct pair *pair)
{
    const struct instance *in = pair->search->in;
    int cells = pair->high + 1;

    for (int s = 0; s < cells; s++)
        pair->cost[s] = s == 0 ? 0 : KERNEL_INFINITE;
    for (int k = 0; k < pair->n; k++) {
        int i = pair->items[k];
        int32_t *filled = pair->next;

        kernel_keep(pair->next, pair->cost, pair->enters + (int64_t)k * cells,
                    min_int(in->weight[i], cells), instance_price(in, i, pair->q),
                    instance_price(in, i, pair->p), cells);
        pair->next = pair->cost;
        pair->cost = filled;
    }
    search_state_count(pair->search, (int64_t)pair->n * cells / CELLS_PER_TRIAL);
}

static int64_t cost_now(const struct pair *pair)
{
    const struct assignment *now = &pair->search->now;
    int64_t cost = 0;

    for (int k = 0; k < pair->n; k++)
        cost += instance_price(pair->search->in, pair->items[k], now->bin[pair->items[k]]);
    return cost;
}

/* The load of p at which both are best off, or -1: as now. */
static int best_load(const struct pair *pair)
{
    int64_t least = is_within(pair, pair->load) ? cost_now(pair) : KERNEL_REACHED - 1;
    double most_even = squares(pair, pair->load);
    int best = -1;

    for (int s = pair->low; s <= pair->high; s++) {
        bool is_cheaper = pair->cost[s] < least;

        if (is_cheaper || (pair->cost[s] == least && squares(pair, s) < most_even - 0.5)) {
            least = pair->cost[s];
            most_even = squares(pair, s);
            best = s;
        }
    }
    return best;
}

static void apply(struct pair *pair, int load)
{
    struct assignment *now = &pair->search->now;

    for (int k = pair->n - 1; k >= 0; k--) {
        int i = pair->items[k];
        bool enters = pair->enters[(int64_t)k * (pair->high + 1) + load];
        int bin = enters ? pair->p : pair->q;

        if (now->bin[i] != bin)
            assignment_move(now, i, bin);
        load -= enters ? pair->search->in->weight[i] : 0;
    }
}

static int reserve(struct pair *pair)
{
    size_t loads = (size_t)pair->high + 1, cells = loads * (size_t)pair->n;

    if (cells <= pair->room && loads <= pair->loads)
        return 0;
    arena_done(&pair->arena);
    pair->room = pair->room > 2 * cells ? pair->room : 2 * cells;
    pair->loads = pair->loads > 2 * loads ? pair->loads : 2 * loads;
    pair->cost = arena_take(&pair->arena, pair->loads, sizeof(int32_t));
    pair->next = arena_take(&pair->arena, pair->loads, sizeof(int32_t));
    pair->enters = arena_take(&pair->arena, pair->room, sizeof(uint8_t));
    return arena_error(&pair->arena);
}

/* 1 where that changed anything. */
static int share_out(struct pair *pair)
{
    int best;

    if (!open_pair(pair))
        return 0;
    if (reserve(pair) < 0)
        return -ENOMEM;
    fill(pair);
    best = best_load(pair);
    if (best >= 0)
        apply(pair, best);
    return best >= 0;
}

static int look_at(struct sweep *sweep, int p, int q)
{
    int *looked = &sweep->looked[p * sweep->pair.search->in->m + q], r;

    if (*looked > sweep->changed[p] && *looked > sweep->changed[q])
        return 0;
    sweep->pair.p = p;
    sweep->pair.q = q;
    r = share_out(&sweep->pair);
    if (r > 0)
        sweep->changed[p] = sweep->changed[q] = sweep->now;
    *looked = ++sweep->now;
    return r;
}

/* Each pair once; 1 where any was better off. */
static int look_at_all(struct sweep *sweep)
{
    int m = sweep->pair.search->in->m, any = 0;

    for (int p = 0; p < m; p++)
        for (int q = p + 1; q < m; q++) {
            int r = look_at(sweep, p, q);

            if (r < 0)
                return r;
            any |= r;
        }
    return any;
}

/* The bins whose items are others than in the settled plan, and all where none is. */
static void mark_changed(struct sweep *sweep, const int *settled)
{
    const struct search_state *search = sweep->pair.search;
    int m = search->in->m;

    for (int k = 0; k < m * m; k++)
        sweep->looked[k] = sweep->now;
    for (int p = 0; p < m && !settled; p++)
        sweep->changed[p] = sweep->now;
    for (int i = 0; i < search->in->n && settled; i++)
        if (settled[i] != search->now.bin[i])
            sweep->changed[settled[i]] = sweep->changed[search->now.bin[i]] = sweep->now;
}

int pairs_share_out(struct search_state *search, int64_t band, const int *settled)
{
    struct sweep sweep = {.pair = {.search = search, .band = band}, .now = 1};
    size_t n = (size_t)search->in->n, m = (size_t)search->in->m;
    int r;

    if (!applies(search))
        return 0;
    sweep.pair.items = arena_take(&sweep.arena, n, sizeof(int));
    sweep.changed = arena_take(&sweep.arena, m, sizeof(int));
    sweep.looked = arena_take(&sweep.arena, m * m, sizeof(int));
    r = arena_error(&sweep.arena);
    if (r >= 0)
        mark_changed(&sweep, settled);
    do
        r = r < 0 ? r : look_at_all(&sweep);
    while (r > 0 && !work_exhausted(search->work));
    arena_done(&sweep.pair.arena);
    arena_done(&sweep.arena);
    return r < 0 ? r : 0;
}
