/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/search/repack.h"

#include <errno.h>
#include <stdlib.h>

#include "models/base/whole.h"

/* Bins and items packed at once (2^16 sets), failures in a row, and steps that count as one trial.
 * On bench_plan at 64x16 12 items, or 40 attempts, find plans of the same F with one cell in a
 * hundred less. */
enum { MAX_BINS = 4, MAX_ITEMS = 16, ATTEMPTS = 80, STEPS_PER_TRIAL = 4 };

/* A few bins and what may run in any of them at the same cost. A set of items is a bit mask. */
struct group {
    int n_bins, bins[MAX_BINS];
    int64_t low[MAX_BINS], high[MAX_BINS]; /* what the items in a bin may weigh */
    int n, items[MAX_ITEMS];
    int *sum;                /* [1 << MAX_ITEMS] weight of a set */
    unsigned part[MAX_BINS]; /* the set that each bin gets */
    int64_t steps;
};

/* Shares out a set among the bins first .. last: every way to give the first half of them a part
 * of it that they can hold, then the halves likewise. */
static bool share_out(struct group *group, unsigned set, int first, int last)
{
    int middle = (first + last + 1) / 2;
    int64_t low = 0, high = 0;

    if (first == last) {
        group->part[first] = set;
        return group->sum[set] >= group->low[first] && group->sum[set] <= group->high[first];
    }
    for (int k = first; k < middle; k++) {
        low += group->low[k];
        high += group->high[k];
    }
    for (unsigned part = set;; part = (part - 1) & set) {
        group->steps++;
        if (group->sum[part] >= low && group->sum[part] <= high &&
            share_out(group, part, first, middle - 1) &&
            share_out(group, set & ~part, middle, last))
            return true;
        if (part == 0)
            return false;
    }
}

/* Whether the item costs the same everywhere, and is free to go to every bin of the group. */
static bool is_free(const struct assignment *now, const struct group *group, int i)
{
    for (int k = 0; k < group->n_bins; k++)
        if (!assignment_may_enter(now, i, group->bins[k]) ||
            assignment_move_cost(now, i, now->bin[i], group->bins[k]) != 0)
            return false;
    return true;
}

static bool collect(const struct assignment *now, struct group *group, int64_t band)
{
    const struct balance *balance = now->in->balance;

    for (int k = 0; k < group->n_bins; k++) {
        int64_t base = now->error[group->bins[k]], unit = balance->unit[group->bins[k]];

        for (int i = now->first[group->bins[k]]; i >= 0; i = now->next[i]) {
            if (!is_free(now, group, i))
                continue;
            if (group->n == MAX_ITEMS)
                return false;
            group->items[group->n++] = i;
            base -= unit * now->step[i];
        }
        group->low[k] = -floor_div(band + base, unit * balance->parts);
        group->high[k] = floor_div(band - base, unit * balance->parts);
        if (group->low[k] > group->high[k])
            return false;
    }
    return true;
}

static void fill_sums(const struct assignment *now, struct group *group)
{
    group->sum[0] = 0;
    for (int k = 0; k < group->n; k++) {
        int weight = now->in->weight[group->items[k]];

        for (unsigned set = 0; set < 1u << k; set++)
            group->sum[set | 1u << k] = group->sum[set] + weight;
    }
    group->steps += INT64_C(1) << group->n;
}

static bool contains(const struct group *group, int p)
{
    for (int k = 0; k < group->n_bins; k++)
        if (group->bins[k] == p)
            return true;
    return false;
}

static int members(const struct assignment *now, int p)
{
    int n = 0;

    for (int i = now->first[p]; i >= 0; i = now->next[i])
        n++;
    return n;
}

/* Bin p and others at random, as many as can be shared out completely. */
static void choose_bins(struct search_state *search, struct group *group, int p)
{
    int items = members(&search->now, p);

    group->bins[group->n_bins++] = p;
    for (int tries = 0; tries < 2 * MAX_BINS && group->n_bins < MAX_BINS; tries++) {
        int q = (int)search_state_random(search, (uint64_t)search->in->m);
        int more = members(&search->now, q);

        if (contains(group, q) || items + more > MAX_ITEMS)
            continue;
        group->bins[group->n_bins++] = q;
        items += more;
    }
}

/* ret_all: all bins took part, and so would they in every other attempt. */
static bool repack_once(struct search_state *search, int *sum, int p, int64_t band, bool *ret_all)
{
    struct group group = {.sum = sum};
    bool packed;

    choose_bins(search, &group, p);
    *ret_all = group.n_bins == search->in->m;
    if (group.n_bins < 2 || !collect(&search->now, &group, band))
        return false;
    fill_sums(&search->now, &group);
    packed = share_out(&group, (1u << group.n) - 1, 0, group.n_bins - 1);
    search_state_count(search, group.steps / STEPS_PER_TRIAL);
    for (int k = 0; k < group.n && packed; k++)
        for (int z = 0; z < group.n_bins; z++)
            if (group.part[z] >> k & 1)
                assignment_move(&search->now, group.items[k], group.bins[z]);
    return packed;
}

int repack(struct search_state *search)
{
    int *sum = malloc(sizeof(*sum) << MAX_ITEMS);
    struct extremes extremes;
    bool all;

    if (search->now.fitting.rules) { /* it shares out by load alone */
        free(sum);
        return 0;
    }
    if (!sum)
        return -ENOMEM;
    for (int failures = 0; failures < ATTEMPTS && !work_exhausted(search->work);) {
        assignment_extremes(&search->now, &extremes);
        if (extremes.bin[0] < 0)
            break;
        if (repack_once(search, sum, extremes.bin[0], extremes.deviation[0] - 1, &all))
            failures = 0;
        else
            failures += all ? ATTEMPTS : 1;
    }
    free(sum);
    return 0;
}
