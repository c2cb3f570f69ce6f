/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/shed.h"

#include <errno.h>

#include "models/base/whole.h"
#include "models/placement/anchors.h"

/* Factor from one band to the next, and the narrowest band as a part of F. */
static const double NARROWER = 0.7, NARROWEST = 0.01;
enum { MAX_ROUNDS = 4, WORTH = 8 };

struct shedding {
    struct search_state *search;
    struct anchors anchors;
    struct assignment start; /* everybody at the anchor */
    int *leaving, n_leaving;
    bool is_choosy; /* who takes little weight along for the cost stays */
    struct arena arena;
};

/* What bins above the band have to give and bins below it have to take, in error units. */
static int64_t missing_below(const struct assignment *now, int64_t band)
{
    int64_t sum = 0;

    for (int p = 0; p < now->in->m; p++)
        sum += max64(0, -band - now->error[p]);
    return sum;
}

static int64_t given_above(const struct assignment *now, int64_t band)
{
    int64_t sum = 0;

    for (int p = 0; p < now->in->m; p++)
        sum += max64(0, now->error[p] - band);
    return sum;
}

/* The widest band down to which bins have to give so that nobody stays below `band`. */
static int64_t giving_band(const struct assignment *now, int64_t band)
{
    int64_t wanted = missing_below(now, band), low = 0, high = band;

    while (low < high) {
        int64_t middle = low + (high - low + 1) / 2;

        if (given_above(now, middle) >= wanted)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Whether an item takes along nearly as much for the cost as the best one of its bin. */
static bool is_worth(const struct shedding *shedding, int i, int best)
{
    const int *weight = shedding->search->in->weight, *away = shedding->anchors.away;

    return (int64_t)WORTH * weight[i] * away[best] >= (int64_t)weight[best] * away[i];
}

/* Items that are still at their anchor one by one as long as they do not exceed what is left; in the
 * first round also the lightest that does, where that leaves less. */
static void shed_bin(struct shedding *shedding, int p, int64_t excess, bool is_first)
{
    const struct instance *in = shedding->search->in;
    const struct anchors *anchors = &shedding->anchors;
    int lightest = -1, best = -1;

    for (int k = anchors->first[p]; k < anchors->first[p + 1] && excess > 0; k++) {
        int i = anchors->own[k];

        best = best < 0 ? i : best;
        if (shedding->is_choosy && !is_worth(shedding, i, best))
            break;
        if (anchors->away[i] == ANCHORS_STUCK || shedding->search->now.bin[i] != p)
            continue;
        if (in->weight[i] <= excess) {
            shedding->leaving[shedding->n_leaving++] = i;
            excess -= in->weight[i];
        } else if (lightest < 0 || in->weight[i] < in->weight[lightest]) {
            lightest = i;
        }
    }
    if (is_first && lightest >= 0 && excess * 2 > in->weight[lightest])
        shedding->leaving[shedding->n_leaving++] = lightest;
    search_state_count(shedding->search, anchors->first[p + 1] - anchors->first[p]);
}

static void place(struct shedding *shedding)
{
    struct assignment *now = &shedding->search->now;

    for (int k = 0; k < shedding->n_leaving; k++) {
        int i = shedding->leaving[k], to = now->bin[i];

        for (int q = 0; q < now->in->m; q++)
            if (now->error[q] < now->error[to] && assignment_may_move(now, i, q))
                to = q;
        if (to != now->bin[i])
            assignment_move(now, i, to);
    }
    search_state_count(shedding->search, (int64_t)shedding->n_leaving * now->in->m);
}

/* What leaves goes elsewhere. How many items, or -ENOMEM. */
static int shed_once(struct shedding *shedding, int64_t band, bool is_first)
{
    struct search_state *search = shedding->search;
    const struct assignment *now = &search->now;
    int64_t giving = giving_band(now, band);
    int r;

    shedding->n_leaving = 0;
    for (int p = 0; p < search->in->m; p++) {
        int64_t above = now->error[p] - giving;

        if (above > 0)
            shed_bin(shedding, p,
                     -floor_div(-above, search->in->balance->unit[p] * search->in->balance->parts),
                     is_first);
    }
    r = assignment_sort_heaviest(search->in, shedding->leaving, shedding->n_leaving);
    if (r == 0)
        place(shedding);
    return r < 0 ? r : shedding->n_leaving;
}

/* Heavy items first, and what is uneven after them by lighter ones. */
static int shed_to(struct shedding *shedding, int64_t band)
{
    struct search_state *search = shedding->search;
    int r = 1;

    assignment_copy(&shedding->start, &search->now);
    for (int round = 0; round < MAX_ROUNDS && r > 0; round++) {
        r = shed_once(shedding, band, round == 0);
        search_state_keep(search);
    }
    return r < 0 ? r : 0;
}

static int64_t worst_deviation(const struct assignment *placement)
{
    struct extremes extremes;

    assignment_extremes(placement, &extremes);
    return extremes.deviation[0];
}

static int start(struct shedding *shedding)
{
    const struct instance *in = shedding->search->in;

    shedding->leaving = arena_take(&shedding->arena, (size_t)in->n, sizeof(int));
    if (anchors_new(in, &shedding->arena, &shedding->anchors) < 0 ||
        assignment_new(in, &shedding->arena, &shedding->start) < 0)
        return -ENOMEM;
    assignment_set(&shedding->start, shedding->anchors.bin);
    return 0;
}

int shed(struct search_state *search)
{
    struct shedding shedding = {.search = search};
    int64_t band = 0;
    int r = start(&shedding);

    if (r == 0)
        band = worst_deviation(&shedding.start);
    while (r == 0 && band > search->in->balance->scale / 10 && !work_exhausted(search->work)) {
        band = (int64_t)((double)band * NARROWER);
        for (int choosy = 0; choosy <= 1 && r == 0; choosy++) {
            shedding.is_choosy = choosy;
            r = shed_to(&shedding, band);
        }
        if ((double)search->in->kappa * (double)band < NARROWEST * (double)search->best_objective)
            break;
    }
    if (r == 0)
        r = assignment_set_heaviest_first(&search->now, search->best.bin);
    arena_done(&shedding.arena);
    return r;
}
