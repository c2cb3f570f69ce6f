/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/local_search.h"

enum { MOST_BINS = 6, MOST_ITEMS = 30, MOST_STEPS = 400 * 1000, ATTEMPTS = 6 };

/* A few bins and what may run in any of them at the same price, heaviest first. */
struct group {
    int n_bins, bins[MOST_BINS];
    int64_t base[MOST_BINS]; /* error without the items */
    int n, items[MOST_ITEMS];
    int64_t step[MOST_ITEMS], rest[MOST_ITEMS + 1]; /* rest: sum of the steps from here on */
    int owner[MOST_ITEMS];                          /* index in bins, -1: not yet */
    int64_t band;
    int steps;
};

static bool fill(struct group *group, int bin, int from, int64_t missing);

static int64_t unowned(const struct group *group)
{
    int64_t sum = 0;

    for (int k = 0; k < group->n; k++)
        sum += group->owner[k] < 0 ? group->step[k] : 0;
    return sum;
}

/* Opens the next bin with the heaviest item left; the last bin takes what remains. */
static bool open_bin(struct group *group, int bin)
{
    int first = 0;

    if (bin == group->n_bins - 1)
        return distance(group->base[bin] + unowned(group)) <= group->band;
    while (first < group->n && group->owner[first] >= 0)
        first++;
    if (first == group->n)
        return distance(group->base[bin]) <= group->band && open_bin(group, bin + 1);
    group->owner[first] = bin;
    if (fill(group, bin, first + 1, -group->base[bin] - group->step[first]))
        return true;
    group->owner[first] = -1;
    return false;
}

/* missing: what the bin's error still lacks to be nothing. */
static bool fill(struct group *group, int bin, int from, int64_t missing)
{
    if (--group->steps < 0)
        return false;
    if (distance(missing) <= group->band && open_bin(group, bin + 1))
        return true;
    for (int k = from; k < group->n && group->rest[k] >= missing - group->band; k++) {
        if (group->owner[k] >= 0 || group->step[k] > missing + group->band)
            continue;
        group->owner[k] = bin;
        if (fill(group, bin, k + 1, missing - group->step[k]))
            return true;
        group->owner[k] = -1;
        if (group->steps < 0)
            return false;
    }
    return false;
}

/* At the same price, and free to go to every bin of the group. */
static bool is_free(const struct placement *now, const struct group *group, int i)
{
    for (int k = 0; k < group->n_bins; k++)
        if (!may_enter(now, i, group->bins[k]) ||
            moving_price(now, i, now->bin[i], group->bins[k]) != 0)
            return false;
    return true;
}

static void insert(struct group *group, int i, int64_t step)
{
    int at = group->n++;

    for (; at > 0 && group->step[at - 1] < step; at--) {
        group->items[at] = group->items[at - 1];
        group->step[at] = group->step[at - 1];
    }
    group->items[at] = i;
    group->step[at] = step;
}

static bool collect(const struct placement *now, struct group *group)
{
    for (int k = 0; k < group->n_bins; k++) {
        int p = group->bins[k];

        group->base[k] = now->error[p];
        for (int i = now->first[p]; i >= 0; i = now->next[i]) {
            if (!is_free(now, group, i))
                continue;
            if (group->n == MOST_ITEMS)
                return false;
            insert(group, i, now->step[i]);
            group->base[k] -= now->step[i];
        }
    }
    group->rest[group->n] = 0;
    for (int k = group->n - 1; k >= 0; k--)
        group->rest[k] = group->rest[k + 1] + group->step[k];
    for (int k = 0; k < group->n; k++)
        group->owner[k] = -1;
    return true;
}

static bool contains(const struct group *group, int p)
{
    for (int k = 0; k < group->n_bins; k++)
        if (group->bins[k] == p)
            return true;
    return false;
}

/* Bin p and others at random; the last one evens out the errors of the rest as well as any can. */
static void choose_bins(struct local_search *search, struct group *group, int p, int n_bins)
{
    const struct placement *now = &search->now;
    int64_t sum = now->error[p];
    int best = -1;

    group->bins[group->n_bins++] = p;
    while (group->n_bins < n_bins - 1) {
        int q = (int)local_search_random(search, (uint64_t)search->in->m);

        if (contains(group, q))
            continue;
        group->bins[group->n_bins++] = q;
        sum += now->error[q];
    }
    for (int q = 0; q < search->in->m; q++)
        if (!contains(group, q) &&
            (best < 0 || distance(sum + now->error[q]) < distance(sum + now->error[best])))
            best = q;
    group->bins[group->n_bins++] = best;
}

static bool repack_once(struct local_search *search, int p, int64_t band, int n_bins)
{
    struct group group = {.band = band, .steps = MOST_STEPS};
    bool packed;

    choose_bins(search, &group, p, n_bins);
    if (!collect(&search->now, &group))
        return false;
    packed = open_bin(&group, 0);
    local_search_count(search, MOST_STEPS - group.steps);
    if (!packed)
        return false;
    for (int k = 0; k < group.n; k++) {
        int bin = group.owner[k] < 0 ? group.n_bins - 1 : group.owner[k];

        placement_move(&search->now, group.items[k], group.bins[bin]);
    }
    return true;
}

void repack(struct local_search *search)
{
    struct extremes extremes;
    int n_bins = search->in->m < MOST_BINS ? search->in->m : MOST_BINS;

    for (int failures = 0; failures < ATTEMPTS && n_bins > 1 && !work_exhausted(search->work);) {
        placement_extremes(&search->now, &extremes);
        if (extremes.deviation[0] == 0)
            return;
        if (repack_once(search, extremes.bin[0], extremes.deviation[0] - 1, n_bins))
            failures = 0;
        else
            failures++;
    }
}
