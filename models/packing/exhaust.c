/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/exhaust.h"

#include <string.h>

#include "models/base/whole.h"
#include "models/packing/alike.h"

/* Up to so many items the three parts of a plan's value fit into one number. */
enum { MOST_ITEMS = 64 };

struct tree {
    struct filling *filling;
    struct alike alike;
    int items[MOST_ITEMS]; /* pending ones first */
    int64_t stop, halt;    /* what a stopped one costs, and one more that runs now */
    int64_t least;         /* of the best plan */
    int *bin_of;           /* it */
    int *at;               /* [n] as in a plan; m: stopped */
    int64_t nodes, max_nodes;
};

static int64_t cost(const struct tree *tree, int item, int bin)
{
    int home = packing_home(tree->filling->problem, item);

    if (bin < 0)
        return tree->stop + (home >= 0 ? tree->halt : 0);
    return packing_cost(tree->filling->problem, item, bin);
}

static int64_t plan_cost(const struct tree *tree, const int *bin_of)
{
    int64_t sum = 0;

    for (size_t i = 0; i < tree->filling->n; i++)
        sum += cost(tree, (int)i, bin_of[i]);
    return sum;
}

/* The bins for an item, and the least that its place will cost. */
static int bins_for(const struct tree *tree, int item, int64_t *ret_least)
{
    int count = 0;

    *ret_least = cost(tree, item, -1);
    for (int p = 0; p < (int)tree->filling->m; p++)
        if (filling_fits(tree->filling, item, p)) {
            count++;
            *ret_least = min64(*ret_least, cost(tree, item, p));
        }
    return count;
}

/* What the pending items cost at least, and the one with the fewest bins. */
static int64_t look_ahead(const struct tree *tree, size_t n, size_t *ret_pick)
{
    int fewest = (int)tree->filling->m + 1;
    int64_t sum = 0;

    for (size_t k = 0; k < n; k++) {
        int64_t least;
        int bins = bins_for(tree, tree->items[k], &least);

        sum += least;
        if (bins < fewest || (bins == fewest && tree->items[k] < tree->items[*ret_pick])) {
            fewest = bins;
            *ret_pick = k;
        }
    }
    return sum;
}

/* Likewise, by the room that is missing for all of them. */
static int64_t count_missing(const struct tree *tree, size_t n)
{
    const struct filling *filling = tree->filling;
    int64_t stopped = 0;

    for (size_t r = 0; r < filling->rooms; r++) {
        int64_t missing = 0, most = 1;

        for (size_t p = 0; p < filling->m; p++)
            missing -= filling->left[p * filling->rooms + r];
        for (size_t k = 0; k < n; k++) {
            int size = packing_size(filling->problem, tree->items[k], r);

            missing += size;
            most = max64(most, size);
        }
        stopped = max64(stopped, missing <= 0 ? 0 : (missing + most - 1) / most);
    }
    return stopped * tree->stop;
}

static void grow(struct tree *tree, size_t n, int64_t so_far);

static void place_item(struct tree *tree, int item, size_t n, int64_t so_far)
{
    struct filling *filling = tree->filling;
    int twin = tree->alike.twin_before[item], from = twin < 0 ? 0 : tree->at[twin];
    int m = (int)filling->m, home = packing_home(filling->problem, item);

    for (int k = home >= 0 ? -1 : 0; k < m; k++) {
        int p = k < 0 ? home : k;

        if (p < from || (k == home && home >= 0) || !filling_fits(filling, item, p) ||
            (p != home && alike_was_tried(&tree->alike, filling, from, p)))
            continue;
        tree->at[item] = p;
        filling_put(filling, item, p);
        grow(tree, n, so_far + cost(tree, item, p));
        filling_take(filling, item);
    }
    tree->at[item] = m;
    grow(tree, n, so_far + cost(tree, item, -1));
}

static void grow(struct tree *tree, size_t n, int64_t so_far)
{
    size_t k = 0;
    int item;

    if (so_far >= tree->least || tree->nodes >= tree->max_nodes)
        return;
    tree->nodes++;
    if (n == 0) {
        tree->least = so_far;
        memcpy(tree->bin_of, tree->filling->bin_of, tree->filling->n * sizeof(int));
        return;
    }
    if (so_far + max64(look_ahead(tree, n, &k), count_missing(tree, n)) >= tree->least)
        return;
    item = tree->items[k];
    tree->items[k] = tree->items[n - 1];
    tree->items[n - 1] = item;
    place_item(tree, item, n - 1, so_far);
    tree->items[n - 1] = tree->items[k];
    tree->items[k] = item;
}

/* More than all moves together, wherever everybody goes. */
static void weigh(struct tree *tree)
{
    const struct packing_problem *problem = tree->filling->problem;

    tree->stop = 1;
    for (size_t i = 0; i < problem->n_items; i++) {
        int most = 0;

        for (size_t p = 0; p < problem->n_bins; p++)
            most = max_int(most, packing_cost(problem, (int)i, (int)p));
        tree->stop += most;
    }
    tree->halt = tree->stop * ((int64_t)problem->n_items + 1);
}

int exhaust_plans(struct filling *filling, int64_t max_nodes, struct work *work, int *bin_of,
                  bool *ret_is_done)
{
    struct tree tree = {.filling = filling, .bin_of = bin_of, .max_nodes = max_nodes};
    struct arena arena = {0};
    int error;

    *ret_is_done = false;
    if (filling->n > MOST_ITEMS || work_exhausted(work))
        return 0;
    tree.at = arena_take(&arena, filling->n, sizeof(*tree.at));
    error = alike_new(filling, &arena, true, &tree.alike);
    if (error == 0) {
        filling_empty(filling);
        for (size_t i = 0; i < filling->n; i++)
            tree.items[i] = (int)i;
        alike_find(&tree.alike, filling, tree.items, filling->n);
        weigh(&tree);
        tree.least = plan_cost(&tree, bin_of);
        grow(&tree, filling->n, 0);
        *ret_is_done = tree.nodes < max_nodes;
        work->nodes += tree.nodes;
        work_count_cells(work, 0, tree.nodes * (int64_t)(filling->n * filling->m));
    }
    arena_done(&arena);
    return error;
}
