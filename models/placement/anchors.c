/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/placement/anchors.h"

#include <errno.h>
#include <stdlib.h>

struct candidate {
    int64_t weight, away;
    int item;
};

/* Who weighs nothing comes last: no cost is worth it. */
static int worthiest_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int64_t left = x->weight * y->away, right = y->weight * x->away;

    if ((x->weight > 0) != (y->weight > 0))
        return x->weight > 0 ? -1 : 1;
    if (left != right)
        return left > right ? -1 : 1;
    return x->item - y->item;
}

static void anchor(const struct instance *in, struct anchors *anchors, int i)
{
    int best = in->home[i], other = ANCHORS_STUCK;
    int least = best >= 0 ? instance_price(in, i, best) : ANCHORS_STUCK;

    for (int p = 0; p < in->m; p++) {
        int price = instance_price(in, i, p);

        if (price == INSTANCE_FORBIDDEN || p == in->home[i])
            continue;
        if (price < least) {
            other = least;
            least = price;
            best = p;
        } else if (price < other) {
            other = price;
        }
    }
    anchors->bin[i] = best;
    anchors->away[i] = other == ANCHORS_STUCK ? ANCHORS_STUCK : other - least;
    anchors->cost += least;
}

static void fill_own(const struct instance *in, struct anchors *anchors)
{
    for (int i = 0; i < in->n; i++)
        anchors->first[anchors->bin[i] + 1]++;
    for (int p = 0; p < in->m; p++)
        anchors->first[p + 1] += anchors->first[p];
    for (int i = in->n - 1; i >= 0; i--)
        anchors->own[--anchors->first[anchors->bin[i] + 1]] = i;
    for (int p = 0; p < in->m; p++)
        anchors->first[p] = anchors->first[p + 1];
    anchors->first[in->m] = in->n;
}

static void sort_own(const struct instance *in, struct anchors *anchors, int p,
                     struct candidate *room)
{
    int *own = anchors->own + anchors->first[p], n = anchors->first[p + 1] - anchors->first[p];

    for (int k = 0; k < n; k++) {
        room[k] = (struct candidate){in->weight[own[k]], anchors->away[own[k]], own[k]};
        anchors->load[p] += in->weight[own[k]];
    }
    qsort(room, (size_t)n, sizeof(*room), worthiest_first);
    for (int k = 0; k < n; k++)
        own[k] = room[k].item;
}

int anchors_new(const struct instance *in, struct arena *arena, struct anchors *ret)
{
    size_t n = (size_t)in->n, m = (size_t)in->m;
    struct anchors anchors = {.bin = arena_take(arena, n, sizeof(int)),
                              .away = arena_take(arena, n, sizeof(int)),
                              .first = arena_take(arena, m + 1, sizeof(int)),
                              .own = arena_take(arena, n, sizeof(int)),
                              .load = arena_take(arena, m, sizeof(int64_t))};
    struct candidate *room = arena_take(arena, n, sizeof(*room));

    if (arena_error(arena) < 0)
        return -ENOMEM;
    for (int i = 0; i < in->n; i++)
        anchor(in, &anchors, i);
    fill_own(in, &anchors);
    for (int p = 0; p < in->m; p++)
        sort_own(in, &anchors, p, room);
    *ret = anchors;
    return 0;
}
