/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/tight.h"

#include <errno.h>
#include <stdlib.h>

#include "models/base/whole.h"
#include "models/packing/best_fit.h"

/* What a node costs in cells: a put, a take and a look at each resource. Nodes of one order: with 20,000
 * two more of 500 guests are stopped on 32 hosts, 50,000 one more. */
enum { CELLS_PER_NODE = 16, NODES_OF_ORDER = 100000 };
/* A bin may lose so many times the mean of what all open ones can spare. 1 and "all of it" leave one or
 * two guests more stopped at that size, 4 does as well. */
enum { SHARE = 2 };
/* How much larger or smaller than it is an item may count, in all orders but the first. */
static const double CHANCE = 0.3;

struct candidate {
    double size;
    int item;
};

struct tight {
    struct filling *filling;
    const struct kinds *kinds;
    bool *is_open;  /* [m] */
    int64_t *spare; /* [rooms] what may still be lost */
    size_t n_open, rooms;
    int64_t nodes, max_nodes;
};

/* Those that are in no bin when the next bin begins, the largest first, and behind them the memory of the
 * bins that come later. */
struct level {
    const struct candidate *list; /* [n] */
    int64_t *ahead;               /* [(n + 1) * rooms] sizes of those from k on */
    size_t n;
    int bin;
    struct candidate *free_list;
    int64_t *free_ahead;
};

static int by_size(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;

    if (left->size != right->size)
        return left->size < right->size ? 1 : -1;
    return (left->item > right->item) - (left->item < right->item);
}

/* Whether a bin loses no more than its share of what can be spared though `more` [rooms] comes into it at most. */
static bool may_be_full(const struct tight *tight, int bin, const int64_t *more)
{
    const int64_t *left = &tight->filling->left[(size_t)bin * tight->rooms];

    for (size_t r = 0; r < tight->rooms; r++)
        if ((left[r] - more[r]) * (int64_t)tight->n_open > SHARE * tight->spare[r])
            return false;
    return true;
}

static bool next_bin(struct tight *tight, const struct level *before);

static bool close_bin(struct tight *tight, const struct level *level)
{
    const int64_t *left = &tight->filling->left[(size_t)level->bin * tight->rooms];
    bool is_done;

    for (size_t r = 0; r < tight->rooms; r++)
        tight->spare[r] -= left[r];
    tight->is_open[level->bin] = false;
    tight->n_open--;
    is_done = next_bin(tight, level);
    tight->is_open[level->bin] = true;
    tight->n_open++;
    for (size_t r = 0; r < tight->rooms; r++)
        tight->spare[r] += left[r];
    return is_done;
}

/* The bin takes some of those from k on, or is full enough. One that is like the one before it, which
 * stayed out, stays out too. */
static bool fill_up(struct tight *tight, const struct level *level, size_t k)
{
    struct filling *filling = tight->filling;
    int skipped = -1, bin = level->bin;

    if (++tight->nodes > tight->max_nodes)
        return false;
    for (; k < level->n && may_be_full(tight, bin, &level->ahead[k * tight->rooms]); k++) {
        int item = level->list[k].item;

        if (tight->kinds->kind_of[item] == skipped || !filling_fits(filling, item, bin))
            continue;
        filling_put(filling, item, bin);
        if (fill_up(tight, level, k + 1))
            return true;
        filling_take(filling, item);
        skipped = tight->kinds->kind_of[item];
    }
    return may_be_full(tight, bin, &level->ahead[level->n * tight->rooms]) &&
           close_bin(tight, level);
}

/* Bins that nobody is in yet and that are alike need one try. */
static bool is_first_of_its_kind(const struct tight *tight, int bin)
{
    const int *kind = tight->kinds->bin_kind_of;

    for (int p = 0; p < bin; p++)
        if (tight->is_open[p] && kind[p] == kind[bin])
            return false;
    return tight->is_open[bin];
}

static struct level level_after(const struct tight *tight, const struct level *before)
{
    const struct filling *filling = tight->filling;
    struct level level = {.list = before->free_list, .ahead = before->free_ahead};

    for (size_t k = 0; k < before->n; k++)
        if (filling->bin_of[before->list[k].item] < 0)
            before->free_list[level.n++] = before->list[k];
    level.free_list = before->free_list + level.n;
    level.free_ahead = before->free_ahead + (level.n + 1) * tight->rooms;
    for (size_t r = 0; r < tight->rooms; r++) {
        level.ahead[level.n * tight->rooms + r] = 0;
        for (size_t k = level.n; k-- > 0;)
            level.ahead[k * tight->rooms + r] =
                level.ahead[(k + 1) * tight->rooms + r] +
                packing_size(filling->problem, level.list[k].item, r);
    }
    return level;
}

/* The largest that is left has to be somewhere. */
static bool next_bin(struct tight *tight, const struct level *before)
{
    struct filling *filling = tight->filling;
    struct level level = level_after(tight, before);

    if (level.n == 0)
        return true;
    for (; level.bin < (int)filling->m && tight->nodes < tight->max_nodes; level.bin++) {
        int item = level.list[0].item;

        if (!is_first_of_its_kind(tight, level.bin) || !filling_fits(filling, item, level.bin))
            continue;
        filling_put(filling, item, level.bin);
        if (fill_up(tight, &level, 1))
            return true;
        filling_take(filling, item);
    }
    return false;
}

static void sort(struct candidate *list, size_t n, const struct filling *filling, double chance,
                 uint64_t *random)
{
    for (size_t k = 0; k < n; k++) {
        list[k].size = 0;
        for (size_t r = 0; r < filling->rooms; r++)
            list[k].size += filling->need[(size_t)list[k].item * filling->rooms + r];
        list[k].size *= 1 + chance * (packing_random(random) - 0.5);
    }
    qsort(list, n, sizeof(*list), by_size);
}

/* Everybody but the largest `out`. */
static size_t choose(const struct filling *filling, struct candidate *list, size_t out)
{
    uint64_t random = PACKING_SEED;
    size_t stopped = 0, n = 0;

    for (size_t i = 0; i < filling->n; i++) {
        list[i].item = (int)i;
        stopped += packing_home(filling->problem, (int)i) < 0;
    }
    sort(list, filling->n, filling, 0, &random);
    for (size_t k = 0; k < filling->n; k++) {
        bool is_stopped = packing_home(filling->problem, list[k].item) < 0;

        if (out > 0 && (is_stopped || stopped < out))
            out--;
        else
            list[n++] = list[k];
        stopped -= is_stopped;
    }
    return n;
}

/* Nobody is anywhere. False: what they need is more than all bins have. */
static bool begin(struct tight *tight, const struct level *all)
{
    const struct filling *filling = tight->filling;

    filling_empty(tight->filling);
    for (size_t r = 0; r < tight->rooms; r++) {
        tight->spare[r] = 0;
        for (size_t p = 0; p < filling->m; p++)
            tight->spare[r] += filling->left[p * tight->rooms + r];
        for (size_t k = 0; k < all->n; k++)
            tight->spare[r] -= packing_size(filling->problem, all->list[k].item, r);
        if (tight->spare[r] < 0)
            return false;
    }
    for (size_t p = 0; p < filling->m; p++)
        tight->is_open[p] = true;
    tight->n_open = filling->m;
    return true;
}

/* One order after the other. */
static bool search(struct tight *tight, struct candidate *list, size_t n, const struct level *free,
                   int64_t max_nodes)
{
    struct level all = *free;
    uint64_t random = PACKING_SEED;
    bool found = false, is_done = false;

    all.list = list;
    all.n = n;
    while (!found && !is_done && begin(tight, &all) && tight->nodes < max_nodes) {
        tight->max_nodes = min64(max_nodes, tight->nodes + NODES_OF_ORDER);
        found = next_bin(tight, &all);
        is_done = tight->nodes < tight->max_nodes;
        sort(list, n, tight->filling, CHANCE, &random);
    }
    return found;
}

int tight_place(struct filling *filling, const struct kinds *kinds, size_t out, int64_t max_nodes,
                struct work *work)
{
    struct tight tight = {.filling = filling, .kinds = kinds, .rooms = filling->rooms};
    size_t most = (filling->n + 1) * (filling->m + 2);
    struct level free = {0};
    struct arena arena = {0};
    struct candidate *list;
    int answer;

    if (!work_has_room(work, (int64_t)(most * (sizeof(*list) + tight.rooms * sizeof(int64_t)))))
        return 0;
    list = arena_take(&arena, filling->n, sizeof(*list));
    tight.is_open = arena_take(&arena, filling->m, sizeof(*tight.is_open));
    tight.spare = arena_take(&arena, tight.rooms, sizeof(*tight.spare));
    free.free_list = arena_take(&arena, most, sizeof(*free.free_list));
    free.free_ahead = arena_take(&arena, most * tight.rooms, sizeof(*free.free_ahead));
    answer = arena_error(&arena);
    if (answer == 0)
        answer = search(&tight, list, choose(filling, list, out), &free, max_nodes);
    work_count_cells(work, 0, CELLS_PER_NODE * tight.nodes);
    arena_done(&arena);
    return answer;
}
