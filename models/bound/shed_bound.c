/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bound/shed_bound.h"

#include <errno.h>

#include "models/base/whole.h"
#include "models/placement/anchors.h"

/* Windows that are looked at; those between them take the next wider one's bound. */
enum { MAX_LOOKS = 1024 };

/* Of the first so many items of a bin. */
struct share {
    int64_t weight, cost;
};

struct shedding {
    struct anchors anchors;
    struct share *sum; /* [n + m], from 0 items on */
    int *n_movable;    /* [m] */
    struct arena arena;
};

static struct share *sums_of(const struct shedding *shedding, int p)
{
    return shedding->sum + shedding->anchors.first[p] + p;
}

static void sum_up(const struct instance *in, struct shedding *shedding, int p)
{
    const struct anchors *anchors = &shedding->anchors;
    struct share *sum = sums_of(shedding, p);
    int n = 0;

    for (int k = anchors->first[p]; k < anchors->first[p + 1]; k++) {
        int i = anchors->own[k];

        if (anchors->away[i] == ANCHORS_STUCK)
            continue;
        sum[n + 1] = (struct share){sum[n].weight + in->weight[i], sum[n].cost + anchors->away[i]};
        n++;
    }
    shedding->n_movable[p] = n;
}

static int prepare(const struct instance *in, struct shedding *shedding)
{
    size_t n = (size_t)in->n, m = (size_t)in->m;

    shedding->sum = arena_take(&shedding->arena, n + m, sizeof(*shedding->sum));
    shedding->n_movable = arena_take(&shedding->arena, m, sizeof(int));
    if (anchors_new(in, &shedding->arena, &shedding->anchors) < 0)
        return -ENOMEM;
    for (int p = 0; p < in->m; p++)
        sum_up(in, shedding, p);
    return 0;
}

/* The least cost of shedding this much, rounded up to what whole items can cost; that of all who can
 * go where they weigh less. */
static int64_t cost_of(const struct shedding *shedding, int p, int64_t excess)
{
    const struct share *sum = sums_of(shedding, p), *last;
    int low = 0, high = shedding->n_movable[p];

    while (low < high) {
        int middle = (low + high) / 2;

        if (sum[middle].weight < excess)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || sum[low].weight <= excess)
        return sum[low].cost;
    last = &sum[low - 1];
    return last->cost - floor_div(-(excess - last->weight) * (sum[low].cost - last->cost),
                                  sum[low].weight - last->weight);
}

static int64_t cost_of_window(const struct shedding *shedding, const struct windows *windows, int t)
{
    int64_t sum = shedding->anchors.cost;

    for (int p = 0; p < windows->in->m; p++) {
        int64_t excess = shedding->anchors.load[p] - windows_high(windows, p, t);

        if (excess > 0)
            sum += cost_of(shedding, p, excess);
    }
    return sum;
}

int shed_bound(struct bounds *bounds)
{
    const struct windows *windows = bounds->windows;
    struct shedding shedding = {.sum = NULL};
    int step = (bounds->top - bounds->bottom) / MAX_LOOKS + 1;
    int r = prepare(windows->in, &shedding);

    for (int t = bounds->top; t >= bounds->bottom && r == 0; t -= step)
        bounds_raise(bounds, t, cost_of_window(&shedding, windows, t) * windows->in->price_scale);
    arena_done(&shedding.arena);
    return r;
}
