/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/rest.h"

#include <string.h>

#include "models/base/whole.h"
#include "models/packing/best_fit.h"

/* Orders of best fit before the search begins, and items up to which there is one. */
enum { ORDERS = 60, MOST_SEARCHED = 2000 };

struct search {
    struct filling *filling;
    struct work *work;
    int *items;        /* [n] pending ones first */
    int *twin_before;  /* [n_items] the item of this list before it that is like it, or -1 */
    int *at;           /* [n_items] where the search has put it; m: nowhere, it stays out */
    int *kind;         /* [m] bins of a kind may hold the same items of this list */
    bool *set_matters; /* [n_apart] somebody of this list is in it */
    int64_t nodes, max_nodes, cells;
};

static bool is_like(const struct filling *filling, int a, int b)
{
    const struct packing_problem *problem = filling->problem;
    size_t sets = (size_t)(filling->set_first[a + 1] - filling->set_first[a]);

    if (sets != (size_t)(filling->set_first[b + 1] - filling->set_first[b]) ||
        memcmp(problem->size + (size_t)a * filling->rooms,
               problem->size + (size_t)b * filling->rooms, filling->rooms * sizeof(int)) != 0)
        return false;
    /* members of one set are like each other only where they are in it alone */
    if (sets && memcmp(filling->set_of + filling->set_first[a],
                       filling->set_of + filling->set_first[b], sets * sizeof(int)) != 0)
        return false;
    return !problem->allowed ||
           !memcmp(problem->allowed + (size_t)a * filling->m,
                   problem->allowed + (size_t)b * filling->m, filling->m * sizeof(bool));
}

static void find_twins(struct search *search, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        int item = search->items[k];

        search->twin_before[item] = -1;
        for (size_t l = k; l-- > 0 && search->twin_before[item] < 0;)
            if (is_like(search->filling, item, search->items[l]))
                search->twin_before[item] = search->items[l];
    }
}

static bool bins_are_of_a_kind(const struct search *search, size_t n, int p, int q)
{
    for (size_t k = 0; k < n; k++)
        if (filling_may_run(search->filling, search->items[k], p) !=
            filling_may_run(search->filling, search->items[k], q))
            return false;
    return true;
}

static void find_kinds(struct search *search, size_t n)
{
    const struct filling *filling = search->filling;

    for (int p = 0; p < (int)filling->m; p++) {
        search->kind[p] = p;
        for (int q = 0; filling->problem->allowed && q < p; q++)
            if (search->kind[q] == q && bins_are_of_a_kind(search, n, p, q)) {
                search->kind[p] = q;
                break;
            }
        if (!filling->problem->allowed)
            search->kind[p] = 0;
    }
    for (size_t k = 0; k < n; k++)
        for (int s = filling->set_first[search->items[k]];
             s < filling->set_first[search->items[k] + 1]; s++)
            search->set_matters[filling->set_of[s]] = true;
}

/* Whether a bin from `from` on, before this one, offers the same. */
static bool was_tried_alike(const struct search *search, int from, int bin)
{
    const struct filling *filling = search->filling;
    size_t rooms = filling->rooms;

    for (int p = from; p < bin; p++) {
        bool is_same = search->kind[p] == search->kind[bin] &&
                       !memcmp(filling->left + (size_t)p * rooms,
                               filling->left + (size_t)bin * rooms, rooms * sizeof(*filling->left));

        for (size_t s = 0; is_same && s < filling->problem->n_apart; s++)
            is_same = !search->set_matters[s] || !filling->in_set[s * filling->m + (size_t)p] ==
                                                     !filling->in_set[s * filling->m + (size_t)bin];
        if (is_same)
            return true;
    }
    return false;
}

static int bins_for(const struct search *search, int item, int most)
{
    int count = 0;

    for (int p = 0; p < (int)search->filling->m && count < most; p++)
        count += filling_fits(search->filling, item, p);
    return count;
}

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
        int item = search->items[k], bins = bins_for(search, item, fewest + 1);

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
    int twin = search->twin_before[item], from = twin < 0 ? 0 : search->at[twin];
    int m = (int)filling->m;

    for (int p = from; p < m && !is_over(search); p++) {
        if (!filling_fits(filling, item, p) || was_tried_alike(search, from, p))
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
               int64_t max_nodes, struct work *work, struct rest_answer *ret)
{
    struct arena arena = {0};
    struct search search = {.filling = filling, .work = work, .max_nodes = max_nodes};
    struct best_fit_order *orders = arena_take(&arena, 2 * n, sizeof(*orders));
    int *kept = arena_take(&arena, n, sizeof(*kept));
    size_t goal;
    int error;

    search.items = arena_take(&arena, n, sizeof(*search.items));
    search.twin_before = arena_take(&arena, filling->n, sizeof(*search.twin_before));
    search.at = arena_take(&arena, filling->n, sizeof(*search.at));
    search.kind = arena_take(&arena, filling->m, sizeof(*search.kind));
    search.set_matters = arena_take(&arena, filling->problem->n_apart, sizeof(*search.set_matters));
    error = arena_error(&arena);
    if (error < 0)
        goto out;
    memcpy(search.items, items, n * sizeof(*items));
    ret->least = count_least(&search, n, n);
    goal = ret->least > enough ? ret->least : enough;
    ret->out = best_fit(filling, items, n, goal, ORDERS, orders, work);
    if (ret->out > goal && n <= MOST_SEARCHED) {
        find_twins(&search, n);
        find_kinds(&search, n);
        deepen(&search, kept, n, goal, ret);
    }
out:
    arena_done(&arena);
    return error;
}
