/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Whether a guest runs where it may: nobody has a reason to stop it. */
static bool runs_well(const struct items *items, const struct fleet_guest *guest)
{
    return guest->home >= 0 && items->bin_of_host[guest->home] >= 0 &&
           (guest->is_fixed || !guest->allowed || guest->allowed[guest->home]);
}

static int first_running_well(const struct items *items, int i)
{
    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        if (runs_well(items, items_guest(items, k)))
            return items->member[k];
    return -1;
}

/* Somebody who would be stopped and should not, or -1. */
static int find_conflict(const struct start *start)
{
    for (int i = 0; i < start->items.n; i++)
        if (start->at[i] < 0 && first_running_well(&start->items, i) >= 0)
            return first_running_well(&start->items, i);
    return -1;
}

/* Leaves out those who are to be started, or fetched from closed hosts, with others that would be stopped for
 * it. Whether there are any. */
static bool leave_out(struct start *start)
{
    const struct items *items = &start->items;
    bool any = false;

    for (int i = 0; i < items->n; i++) {
        if (start->at[i] >= 0 || first_running_well(items, i) < 0)
            continue;
        for (int k = items->first[i]; k < items->first[i + 1]; k++) {
            int home = items_guest(items, k)->home;

            if (home < 0 || items->bin_of_host[home] < 0)
                any = start->left_out[items->member[k]] = true;
        }
    }
    return any;
}

static bool has_to_place(const struct items *items)
{
    for (int i = 0; i < items->n; i++)
        if (items->current[i] < 0 || items_starts(items, i) > 0)
            return true;
    return false;
}

static int pack(struct start *start, const struct work *limits)
{
    struct packing_question question;
    int r = packing_question_new(&start->items, start->items.runs_at, &question);

    if (r < 0)
        return r;
    r = packing_solve(&question.problem, limits, &start->packing);
    packing_question_done(&question);
    if (r < 0)
        return r;
    start->is_packed = true;
    start->work = start->packing.work;
    memcpy(start->at, start->packing.bin_of, (size_t)start->items.n * sizeof(*start->at));
    return 0;
}

static void forget(struct start *start)
{
    items_done(&start->items);
    free(start->at);
    if (start->is_packed)
        packing_solution_done(&start->packing);
    start->at = NULL;
    start->is_packed = false;
}

static int attempt(const struct fleet *fleet, const struct work *limits, struct start *start,
                   struct err *err)
{
    struct items items;
    bool keeps = false;
    int r = items_new(fleet, start->left_out, start->keeps_overfull, &items, err);

    if (r < 0)
        return r;
    start->items = items;
    start->at = calloc((size_t)start->items.n + 1, sizeof(*start->at));
    if (!start->at)
        return -ENOMEM;
    memcpy(start->at, start->items.current, (size_t)start->items.n * sizeof(*start->at));
    if (start->items.m == 0) {
        memset(start->at, -1, (size_t)start->items.n * sizeof(*start->at));
        return 0;
    }
    if (!has_to_place(&start->items)) {
        r = items_keep_rules(&start->items, start->at, &keeps);
        if (r < 0 || keeps)
            return r;
    }
    return pack(start, limits);
}

int start_make(const struct fleet *fleet, const struct work *limits, struct start *ret,
               struct err *err)
{
    struct start start = {.work = *limits};
    int r;

    start.left_out = calloc(fleet->n_guests + 1, sizeof(*start.left_out));
    r = start.left_out ? attempt(fleet, limits, &start, err) : -ENOMEM;
    while (r == 0 && (start.conflict = find_conflict(&start)) >= 0) {
        if (!leave_out(&start)) {
            if (start.keeps_overfull)
                break;
            start.keeps_overfull = true;
        }
        forget(&start);
        r = attempt(fleet, limits, &start, err);
    }
    if (r < 0) {
        start_done(&start);
        return r;
    }
    *ret = start;
    return 0;
}

void start_done(struct start *start)
{
    forget(start);
    free(start->left_out);
    start->left_out = NULL;
}
