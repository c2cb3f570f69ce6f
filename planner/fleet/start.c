/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Rounds in which guests are found whose rules cannot be kept. */
enum { MOST_ROUNDS = 8 };

static int first_running_well(const struct items *items, int i)
{
    for (int k = items->first[i]; k < items->first[i + 1]; k++)
        if (settled_runs_well(items->fleet, items_guest(items, k)))
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

/* Of two that may be left out: one that is stopped, then the larger one. */
static bool goes_before(const struct items *items, int a, int b)
{
    const struct fleet_guest *one = &items->fleet->guests[a], *other = &items->fleet->guests[b];
    int r = items->n_rooms > 0 ? items->resource[0] : -1;

    if ((one->home < 0) != (other->home < 0))
        return one->home < 0;
    return r >= 0 && one->size[r] > other->size[r];
}

/* Leaves out one of those of each set who are to be started, or fetched from closed hosts, with others that
 * would be stopped for it. Whether there are any. */
static bool leave_out(struct start *start)
{
    const struct items *items = &start->items;
    bool any = false;

    for (int i = 0; i < items->n; i++) {
        int who = -1;

        if (start->at[i] >= 0 || first_running_well(items, i) < 0)
            continue;
        for (int k = items->first[i]; k < items->first[i + 1]; k++) {
            int guest = items->member[k], home = items->fleet->guests[guest].home;

            if ((home < 0 || items->bin_of_host[home] < 0) &&
                (who < 0 || goes_before(items, guest, who)))
                who = guest;
        }
        if (who >= 0)
            any = start->left_out[who] = true;
    }
    return any;
}

/* Whoever would be stopped stays where it is instead, and its set with it. */
static int leave_conflicts(struct start *start)
{
    const struct items *items = &start->items;
    int r = 0;

    for (int i = 0; r == 0 && i < items->n; i++)
        if (start->at[i] < 0 && first_running_well(items, i) >= 0)
            r = settled_leave(start->settled, (size_t)first_running_well(items, i));
    for (size_t k = 0; k < start->settled->fleet.n_guests; k++)
        start->left_out[k] |= start->settled->is_out[k];
    return r;
}

static bool has_to_place(const struct items *items)
{
    for (int i = 0; i < items->n; i++)
        if (items->current[i] < 0 || items_starts(items, i) > 0)
            return true;
    return false;
}

/* Whoever may not stay where it is has nothing there that is worth another's place. */
static int pack(struct start *start, const struct work *limits)
{
    struct packing_question question;
    int *home = calloc((size_t)start->items.n + 1, sizeof(*home));
    int r = home ? packing_question_new(&start->items, home, PACKING_PLAN, &question) : -ENOMEM;

    if (r < 0) {
        free(home);
        return r;
    }
    for (int i = 0; i < start->items.n; i++)
        home[i] = first_running_well(&start->items, i) < 0 ? -1 : start->items.runs_at[i];
    r = packing_solve(&question.problem, limits, &start->packing);
    packing_question_done(&question);
    free(home);
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

static int attempt(struct start *start, const struct work *limits)
{
    struct items items;
    bool keeps = false;
    int r = items_new(&start->settled->fleet, start->left_out, start->keeps_overfull, &items, NULL);

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

/* Something is given up, so that nobody who runs has to be stopped. *ret: whether there was anything. */
static int give_way(struct start *start, int *rounds, bool *ret)
{
    int r = 0;

    *ret = true;
    if (leave_out(start)) {
        return 0;
    } else if (!start->keeps_overfull) {
        start->keeps_overfull = true;
    } else if (*rounds < MOST_ROUNDS) {
        ++*rounds;
        start->keeps_overfull = false;
        r = leave_conflicts(start);
    } else {
        *ret = false;
    }
    return r;
}

int start_make(const struct fleet *fleet, const struct work *limits, struct start *ret)
{
    struct start start = {.work = *limits};
    int rounds = 0, r = settled_new(fleet, &start.settled);
    bool gives_way = true;

    start.left_out = calloc(fleet->n_guests + 1, sizeof(*start.left_out));
    if (r == 0 && !start.left_out)
        r = -ENOMEM;
    if (r == 0) {
        memcpy(start.left_out, start.settled->is_out, fleet->n_guests * sizeof(bool));
        r = attempt(&start, limits);
    }
    while (r == 0 && (start.conflict = find_conflict(&start)) >= 0) {
        r = give_way(&start, &rounds, &gives_way);
        if (r < 0 || !gives_way)
            break;
        forget(&start);
        r = attempt(&start, limits);
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
    settled_free(start->settled);
    free(start->left_out);
    start->settled = NULL;
    start->left_out = NULL;
}
