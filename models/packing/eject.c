/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/eject.h"

#include <errno.h>
#include <string.h>

#include "models/base/whole.h"

struct search {
    struct filling *filling;
    int *pending;        /* those that are in no bin, at most n + max_moves */
    int *first, *inmate; /* [m + 1], [n_items]: who may be moved, by bin */
    int *end;            /* [m] while they are listed */
    int64_t nodes, max_nodes, cells;
};

static bool is_over(const struct search *search)
{
    return search->nodes >= search->max_nodes;
}

/* The pending item with the fewest bins. */
static size_t pick(struct search *search, size_t n, int *ret_bins)
{
    size_t best = 0;

    *ret_bins = (int)search->filling->m + 1;
    for (size_t k = 0; k<n && * ret_bins> 0; k++) {
        int bins = filling_bins_for(search->filling, search->pending[k], *ret_bins);

        search->cells += (int64_t)search->filling->m;
        if (bins < *ret_bins) {
            *ret_bins = bins;
            best = k;
        }
    }
    return best;
}

/* Whether a bin would hold the item if all who may still leave it left, as many as that takes. */
static bool could_fit(const struct search *search, int item, int bin, int from, size_t moves)
{
    const struct filling *filling = search->filling;

    for (size_t r = 0; r < filling->rooms; r++) {
        int64_t left = filling->left[(size_t)bin * filling->rooms + r], most = 0;

        for (int k = from; k < search->first[bin + 1]; k++)
            if (filling->bin_of[search->inmate[k]] == bin)
                most = max64(most, packing_size(filling->problem, search->inmate[k], r));
        if (left + (int64_t)moves * most < packing_size(filling->problem, item, r))
            return false;
    }
    return true;
}

static bool place(struct search *search, size_t n, size_t moves);

/* The item goes into this bin, and so many of its inmates from number `from` on leave it. The item is
 * out of the pending ones, who are n. */
static bool force(struct search *search, int item, int bin, int from, size_t n, size_t moves)
{
    struct filling *filling = search->filling;

    if (filling_fits(filling, item, bin)) {
        bool is_done;

        filling_put(filling, item, bin);
        is_done = place(search, n, moves);
        if (!is_done)
            filling_take(filling, item);
        return is_done;
    }
    search->cells += search->first[bin + 1] - from;
    if (moves == 0 || !could_fit(search, item, bin, from, moves))
        return false;
    for (int k = from; k < search->first[bin + 1] && !is_over(search); k++) {
        int inmate = search->inmate[k];
        size_t counts = packing_moves(filling->problem, inmate);

        if (filling->bin_of[inmate] != bin || counts > moves)
            continue;
        filling_take(filling, inmate);
        search->pending[n] = inmate;
        if (force(search, item, bin, k + 1, n + 1, moves - counts))
            return true;
        filling_put(filling, inmate, bin);
    }
    return false;
}

static bool place(struct search *search, size_t n, size_t moves)
{
    int bins, item;
    size_t k;
    bool is_done = false;

    if (n == 0)
        return true;
    search->nodes++;
    if (is_over(search))
        return false;
    k = pick(search, n, &bins);
    if (bins == 0 && moves == 0)
        return false;
    item = search->pending[k];
    search->pending[k] = search->pending[n - 1];
    for (int turn = 0; turn < (moves > 0 ? 2 : 1); turn++) /* without moves first */
        for (int p = 0; p < (int)search->filling->m && !is_done && !is_over(search); p++) {
            bool fits = filling_fits(search->filling, item, p);

            if (fits == (turn == 0) && filling_may_run(search->filling, item, p))
                is_done = force(search, item, p, search->first[p], n - 1, moves);
        }
    if (!is_done) {
        search->pending[n - 1] = search->pending[k];
        search->pending[k] = item;
    }
    return is_done;
}

static bool is_inmate(const struct filling *filling, int item)
{
    int home = packing_home(filling->problem, item);

    return home >= 0 && filling->bin_of[item] == home && packing_moves(filling->problem, item) > 0;
}

/* Who is at home, bin by bin, the smallest first. */
static void list_inmates(struct search *search)
{
    const struct filling *filling = search->filling;
    int *first = search->first;

    memset(first, 0, (filling->m + 1) * sizeof(*first));
    for (int i = 0; i < (int)filling->n; i++)
        if (is_inmate(filling, i))
            first[filling->bin_of[i] + 1]++;
    for (size_t p = 0; p < filling->m; p++)
        first[p + 1] += first[p];
    memcpy(search->end, first, filling->m * sizeof(*first));
    for (int i = 0; i < (int)filling->n; i++) {
        int p = filling->bin_of[i], k;

        if (!is_inmate(filling, i))
            continue;
        for (k = search->end[p]++; k > first[p]; k--) {
            int before = search->inmate[k - 1];

            if (filling->need[(size_t)before * filling->rooms] <=
                filling->need[(size_t)i * filling->rooms])
                break;
            search->inmate[k] = before;
        }
        search->inmate[k] = i;
    }
}

/* More than all bins have room for, or larger than each of them: no moves help. */
static bool is_hopeless(const struct filling *filling, const int *items, size_t n)
{
    for (size_t r = 0; r < filling->rooms; r++) {
        int64_t needed = 0, left = 0;

        for (size_t k = 0; k < n; k++)
            needed += packing_size(filling->problem, items[k], r);
        for (size_t p = 0; p < filling->m; p++)
            left += max64(0, filling->left[p * filling->rooms + r]);
        if (needed > left)
            return true;
    }
    return false;
}

int eject_place(struct filling *filling, const int *items, size_t n, size_t max_moves,
                int64_t max_nodes, struct work *work)
{
    struct search search = {.filling = filling, .max_nodes = max_nodes};
    struct arena arena = {0};
    int answer;

    if (is_hopeless(filling, items, n))
        return 0;
    search.pending = arena_take(&arena, n + max_moves, sizeof(*search.pending));
    search.first = arena_take(&arena, filling->m + 1, sizeof(*search.first));
    search.end = arena_take(&arena, filling->m, sizeof(*search.end));
    search.inmate = arena_take(&arena, filling->n, sizeof(*search.inmate));
    answer = arena_error(&arena);
    if (answer == 0) {
        memcpy(search.pending, items, n * sizeof(*items));
        list_inmates(&search);
        answer = place(&search, n, max_moves) ? 1 : is_over(&search) ? -EAGAIN : 0;
        work->nodes += search.nodes;
        work_count_cells(work, 0, search.cells);
    }
    arena_done(&arena);
    return answer;
}
