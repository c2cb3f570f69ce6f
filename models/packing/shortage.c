/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/packing/shortage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "models/base/whole.h"

/* Different rows of allowed bins that are counted on their own. */
enum { MOST_ROWS = 64 };

struct count {
    const struct filling *filling;
    bool *is_homeless; /* [n] fits into no bin that it may use, were it empty */
    bool *takes_part;  /* [n] may run nowhere but in the bins looked at */
    bool *is_in;       /* [m] the bins looked at */
    int64_t *sizes;    /* [n] */
    int64_t says;
    struct packing_certificate *best;
    struct packing_certificate now;
};

int64_t certificate_says(const struct packing_problem *problem,
                         const struct packing_certificate *certificate)
{
    int64_t sum = 0;

    for (size_t i = 0; i < problem->n_items; i++)
        sum += certificate->weight[i];
    for (size_t p = 0; p < problem->n_bins; p++)
        sum -= certificate->most[p];
    return sum <= 0 ? 0 : (sum + certificate->scale - 1) / certificate->scale;
}

static void start(struct count *count, enum packing_reason reason, int64_t scale)
{
    struct packing_certificate *now = &count->now;
    size_t rooms = count->filling->rooms;

    now->reason = reason;
    now->scale = scale;
    memset(now->most, 0, count->filling->m * sizeof(*now->most));
    memset(now->is_short, 0, rooms * sizeof(*now->is_short));
    for (size_t i = 0; i < count->filling->n; i++)
        now->weight[i] = count->is_homeless[i] ? scale : 0;
}

static void judge(struct count *count)
{
    const struct filling *filling = count->filling;
    int64_t says = certificate_says(filling->problem, &count->now);

    if (says <= count->says)
        return;
    count->says = says;
    count->best->reason = count->now.reason;
    count->best->scale = count->now.scale;
    memcpy(count->best->weight, count->now.weight, filling->n * sizeof(int64_t));
    memcpy(count->best->most, count->now.most, filling->m * sizeof(int64_t));
    memcpy(count->best->is_short, count->now.is_short, filling->rooms * sizeof(bool));
}

static bool has_room(const struct filling *filling, int item, int bin, int but)
{
    for (size_t r = 0; r < filling->rooms; r++)
        if ((int)r != but && packing_size(filling->problem, item, r) >
                                 filling->problem->room[(size_t)bin * filling->rooms + r])
            return false;
    return filling_may_run(filling, item, bin);
}

static bool has_bin(const struct filling *filling, int item, int but)
{
    for (int p = 0; p < (int)filling->m; p++)
        if (has_room(filling, item, p, but))
            return true;
    return false;
}

static void count_homeless(struct count *count)
{
    const struct filling *filling = count->filling;

    for (size_t i = 0; i < filling->n; i++)
        count->is_homeless[i] = !has_bin(filling, (int)i, -1);
    start(count, PACKING_TOO_LARGE, 1);
    for (size_t i = 0; i < filling->n; i++)
        for (size_t r = 0; count->is_homeless[i] && r < filling->rooms; r++)
            count->now.is_short[r] |= has_bin(filling, (int)i, (int)r);
    judge(count);
}

/* The items without which the rest of them fits: the largest ones. One more than those that may be
 * away sets the scale. */
static void count_sum(struct count *count, size_t r)
{
    const struct filling *filling = count->filling;
    int64_t room = 0, needed = 0, scale;
    size_t n = 0, k = 0;

    for (size_t p = 0; p < filling->m; p++)
        room += count->is_in[p] ? filling->problem->room[p * filling->rooms + r] : 0;
    for (size_t i = 0; i < filling->n; i++)
        if (count->takes_part[i]) {
            count->sizes[n++] = packing_size(filling->problem, (int)i, r);
            needed += count->sizes[n - 1];
        }
    if (needed <= room)
        return;
    qsort(count->sizes, n, sizeof(*count->sizes), whole_descending64);
    while (needed - count->sizes[k] > room)
        needed -= count->sizes[k++];
    scale = count->sizes[k];
    start(count, PACKING_SUM, scale);
    for (size_t i = 0; i < filling->n; i++)
        if (count->takes_part[i])
            count->now.weight[i] = min64(scale, packing_size(filling->problem, (int)i, r));
    for (size_t p = 0; p < filling->m; p++)
        if (count->is_in[p])
            count->now.most[p] = filling->problem->room[p * filling->rooms + r];
    count->now.is_short[r] = true;
    judge(count);
}

static void count_halves(struct count *count, size_t r)
{
    const struct filling *filling = count->filling;
    int64_t most = 0;

    for (size_t p = 0; p < filling->m; p++)
        if (count->is_in[p])
            most = max64(most, filling->problem->room[p * filling->rooms + r]);
    start(count, PACKING_HALVES, 1);
    for (size_t i = 0; i < filling->n; i++)
        if (count->takes_part[i] && 2 * (int64_t)packing_size(filling->problem, (int)i, r) > most)
            count->now.weight[i] = 1;
    for (size_t p = 0; p < filling->m; p++)
        count->now.most[p] = count->is_in[p];
    count->now.is_short[r] = true;
    judge(count);
}

static void count_bins(struct count *count)
{
    for (size_t r = 0; r < count->filling->rooms; r++) {
        count_sum(count, r);
        count_halves(count, r);
    }
}

/* The bins of one item, and everybody who may use no others. */
static void count_row(struct count *count, const bool *row)
{
    const struct filling *filling = count->filling;

    memcpy(count->is_in, row, filling->m * sizeof(*row));
    for (size_t i = 0; i < filling->n; i++) {
        const bool *own = filling->problem->allowed + i * filling->m;

        count->takes_part[i] = !count->is_homeless[i];
        for (size_t p = 0; count->takes_part[i] && p < filling->m; p++)
            count->takes_part[i] = row[p] || !own[p];
    }
    count_bins(count);
}

static void count_rows(struct count *count)
{
    const struct packing_problem *problem = count->filling->problem;
    const bool *rows[MOST_ROWS];
    size_t n = 0, m = problem->n_bins;

    for (size_t i = 0; problem->allowed && i < problem->n_items && n < MOST_ROWS; i++) {
        const bool *row = problem->allowed + i * m;
        bool is_known = count->is_homeless[i] || !memchr(row, 0, m);

        for (size_t k = 0; k < n && !is_known; k++)
            is_known = !memcmp(rows[k], row, m * sizeof(*row));
        if (is_known)
            continue;
        rows[n++] = row;
        count_row(count, row);
    }
}

static void count_apart(struct count *count, size_t set)
{
    const struct packing_problem *problem = count->filling->problem;

    start(count, PACKING_APART, 1);
    for (int k = problem->apart_first[set]; k < problem->apart_first[set + 1]; k++) {
        int item = problem->apart_item[k];

        count->now.weight[item] = 1;
        for (int p = 0; p < (int)problem->n_bins; p++)
            if (has_room(count->filling, item, p, -1))
                count->now.most[p] = 1;
    }
    judge(count);
}

static bool take_memory(struct count *count, struct arena *arena)
{
    size_t n = count->filling->n, m = count->filling->m, rooms = count->filling->rooms;

    count->is_homeless = arena_take(arena, n, sizeof(bool));
    count->takes_part = arena_take(arena, n, sizeof(bool));
    count->is_in = arena_take(arena, m, sizeof(bool));
    count->sizes = arena_take(arena, n, sizeof(int64_t));
    count->now.weight = arena_take(arena, n, sizeof(int64_t));
    count->now.most = arena_take(arena, m, sizeof(int64_t));
    count->now.is_short = arena_take(arena, rooms, sizeof(bool));
    return arena_error(arena) == 0;
}

int shortage_count(const struct filling *filling, struct packing_certificate *best, size_t *ret)
{
    struct count count = {.filling = filling, .best = best};
    struct arena arena = {0};

    if (!take_memory(&count, &arena)) {
        arena_done(&arena);
        return -ENOMEM;
    }
    count_homeless(&count);
    for (size_t p = 0; p < filling->m; p++)
        count.is_in[p] = true;
    for (size_t i = 0; i < filling->n; i++)
        count.takes_part[i] = !count.is_homeless[i];
    count_bins(&count);
    count_rows(&count);
    for (size_t s = 0; s < filling->problem->n_apart; s++)
        count_apart(&count, s);
    *ret = (size_t)count.says;
    arena_done(&arena);
    return 0;
}
