/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/rest.h"

#include <string.h>

#include "models/base/whole.h"
#include "models/packing/alike.h"
#include "models/packing/best_fit.h"

/* Items up to which there is a search. */
enum { MOST_SEARCHED = 2000 };

struct search {
    struct filling *filling;
    struct work *work;
    int *items; /* [n] pending ones first */
    int *at;    /* [n_items] where the search has put it; m: nowhere, it stays out */
    struct alike alike;
    int64_t nodes, max_nodes, cells;
};

static bool is_larger(const struct filling *filling, int a, int b)
{
    double left = 0, right = 0;

    for (size_t r = 0; r < filling->rooms; r++) {
        left += filling->need[(size_t)a * filling->rooms + r];
        right += filling->need[(size_t)b * filling->rooms + r];
    }
    return left != right ? left > right : a < b;
}

/* The pending item with the fewest bins, and how many have none. */
static size_t pick(struct search *search, size_t n, size_t *ret_homeless)
{
    int fewest = (int)search->filling->m + 1;
    size_t best = 0;

    *ret_homeless = 0;
    for (size_t k = 0; k < n; k++) {
        int item = search->items[k], bins = filling_bins_for(search->filling, item, fewest + 1);

        *ret_homeless += bins == 0;
        if (bins < fewest ||
            (bins == fewest && is_larger(search->filling, item, search->items[best]))) {
            fewest = bins;
            best = k;
        }
    }
    search->cells += (int64_t)(n * search->filling->m);
    return best;
}

/* Whether even all room together is too little, though the `spare` largest stay out. */
static bool is_too_much(const struct search *search, size_t n, size_t spare)
{
    const struct filling *filling = search->filling;

    for (size_t r = 0; r < filling->rooms; r++) {
        int64_t left = 0, needed = 0, most = 0;

        for (size_t p = 0; p < filling->m; p++)
            left += max64(0, filling->left[p * filling->rooms + r]);
        for (size_t k = 0; k < n; k++) {
            int size = packing_size(filling->problem, search->items[k], r);

            needed += size;
            most = max64(most, size);
        }
        if (needed - (int64_t)spare * most > left)
            return true;
    }
    return false;
}

static bool is_over(const struct search *search)
{
    return search->nodes >= search->max_nodes;
}

static bool place(struct search *search, size_t n, size_t spare);

/* Every bin that offers something else, in the order of bins; a twin goes no lower than the one before
 * it. Out of all bins is the last choice. */
static bool place_item(struct search *search, int item, size_t n, size_t spare)
{
    struct filling *filling = search->filling;
    int twin = search->alike.twin_before[item], from = twin < 0 ? 0 : search->at[twin];
    int m = (int)filling->m;

    for (int p = from; p < m && !is_over(search); p++) {
        if (!filling_fits(filling, item, p) || alike_was_tried(&search->alike, filling, from, p))
            continue;
        search->at[item] = p;
        filling_put(filling, item, p);
        if (place(search, n, spare))
            return true;
        filling_take(filling, item);
    }
    search->at[item] = m;
    return spare > 0 && !is_over(search) && place(search, n, spare - 1);
}

static bool place(struct search *search, size_t n, size_t spare)
{
    size_t homeless, k;
    int item;
    bool is_done;

    if (n == 0)
        return true;
    search->nodes++;
    if (is_over(search))
        return false;
    k = pick(search, n, &homeless);
    if (homeless > spare || is_too_much(search, n, spare))
        return false;
    item = search->items[k];
    search->items[k] = search->items[n - 1];
    search->items[n - 1] = item;
    is_done = place_item(search, item, n - 1, spare);
    search->items[n - 1] = search->items[k];
    search->items[k] = item;
    return is_done;
}

static void take_all(struct filling *filling, const int *items, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (filling->bin_of[items[k]] >= 0)
            filling_take(filling, items[k]);
}

/* More and more are allowed to stay out, until that is possible. */
static void deepen(struct search *search, int *kept, size_t n, size_t spare,
                   struct rest_answer *answer)
{
    struct filling *filling = search->filling;

    for (; spare < answer->out && !work_exhausted(search->work); spare++) {
        int64_t cells = search->cells, nodes = search->nodes;
        bool found;

        for (size_t k = 0; k < n; k++)
            kept[k] = filling->bin_of[search->items[k]];
        take_all(filling, search->items, n);
        found = place(search, n, spare);
        search->work->nodes += search->nodes - nodes;
        work_count_cells(search->work, cells, search->cells);
        if (found) {
            answer->out = spare;
            return;
        }
        for (size_t k = 0; k < n; k++)
            if (kept[k] >= 0)
                filling_put(filling, search->items[k], kept[k]);
        if (is_over(search))
            return;
        answer->least = spare + 1;
    }
}

/* The least by counting alone. */
static size_t count_least(struct search *search, size_t n, size_t most)
{
    size_t homeless, spare;

    pick(search, n, &homeless);
    spare = homeless;
    while (spare < most && is_too_much(search, n, spare))
        spare++;
    return spare;
}

int rest_place(struct filling *filling, const int *items, size_t n, size_t enough,
               const struct rest_effort *effort, struct work *work, struct rest_answer *ret)
{
    struct arena arena = {0};
    struct search search = {.filling = filling, .work = work, .max_nodes = effort->max_nodes};
    struct best_fit_order *orders = arena_take(&arena, 2 * n, sizeof(*orders));
    int *kept = arena_take(&arena, n, sizeof(*kept));
    size_t goal;
    int error;

    search.items = arena_take(&arena, n, sizeof(*search.items));
    search.at = arena_take(&arena, filling->n, sizeof(*search.at));
    error = alike_new(filling, &arena, false, &search.alike);
    if (error < 0)
        goto out;
    memcpy(search.items, items, n * sizeof(*items));
    ret->least = count_least(&search, n, n);
    goal = ret->least > enough ? ret->least : enough;
    ret->out = best_fit(filling, items, n, goal, effort->orders, orders, work);
    if (ret->out > goal && n <= MOST_SEARCHED) {
        alike_find(&search.alike, filling, search.items, n);
        deepen(&search, kept, n, goal, ret);
    }
out:
    arena_done(&arena);
    return error;
}
