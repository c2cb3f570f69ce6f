/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/present.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "planner/fleet/measure.h"
#include "planner/fleet/n1.h"
#include "planner/fleet/settled.h"

struct present {
    struct settled *settled;
    bool *is_stopped; /* [n_guests] */
    int *home;        /* [n_guests] */
    struct arena arena;
};

static void present_done(struct present *present)
{
    settled_free(present->settled);
    arena_done(&present->arena);
}

/* Each of a set that runs apart is by itself, where any of the set is. */
static int part(struct present *present, int set)
{
    const struct fleet *fleet = &present->settled->fleet;
    bool *runs_on = arena_take(&present->arena, fleet->n_hosts, sizeof(bool));

    if (!runs_on)
        return -ENOMEM;
    for (size_t i = 0; i < fleet->n_guests; i++)
        if (fleet->guests[i].together == set && fleet->guests[i].home >= 0)
            runs_on[fleet->guests[i].home] = true;
    for (size_t i = 0; i < fleet->n_guests; i++) {
        struct fleet_guest *guest = &present->settled->guests[i];
        bool *allowed;

        if (guest->together != set)
            continue;
        guest->together = FLEET_NOWHERE;
        allowed = arena_take(&present->arena, fleet->n_hosts, sizeof(bool));
        if (!allowed)
            return -ENOMEM;
        for (size_t p = 0; p < fleet->n_hosts; p++)
            allowed[p] = runs_on[p] && (!guest->allowed || guest->allowed[p]);
        guest->allowed = allowed;
    }
    return 0;
}

static int part_sets(struct present *present)
{
    const struct fleet *fleet = &present->settled->fleet;
    int *first = arena_take(&present->arena, fleet->n_guests, sizeof(int));
    int r = first ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < fleet->n_guests; i++) {
        int set = fleet->guests[i].together, home = fleet->guests[i].home;

        if (set < 0 || home < 0)
            continue;
        if (first[set] == 0)
            first[set] = home + 1;
        else if (first[set] != home + 1)
            r = part(present, set);
    }
    return r;
}

static int present_new(const struct fleet *fleet, struct present *ret)
{
    int r = settled_new(fleet, &ret->settled);

    if (r == 0)
        r = part_sets(ret);
    ret->is_stopped = arena_take(&ret->arena, fleet->n_guests, sizeof(bool));
    ret->home = arena_take(&ret->arena, fleet->n_guests, sizeof(int));
    if (r == 0)
        r = arena_error(&ret->arena);
    for (size_t i = 0; r == 0 && i < fleet->n_guests; i++) {
        ret->home[i] = fleet->guests[i].home;
        ret->is_stopped[i] = ret->home[i] < 0;
    }
    return r;
}

static int look(const struct present *present, const struct items *items,
                const struct fleet_settings *settings, struct fleet_plan *plan)
{
    struct measure measure;
    int r = measure_new(items, items->runs_at, &measure);

    if (r < 0)
        return r;
    plan->before = measure_plain(items->fleet, present->home);
    plan->before.cut_pct = measure_cut_pct(&measure, items->runs_at, NULL, 0);
    measure_done(&measure);
    plan->n_n1 = (size_t)items->m;
    return n1_make(items, items->runs_at, settings->restart_moves, &settings->limits,
                   &plan->n1_before);
}

int present_look(const struct fleet *fleet, const struct fleet_settings *settings,
                 struct fleet_plan *plan)
{
    struct present present = {0};
    struct items items;
    int r = present_new(fleet, &present);

    if (r == 0)
        r = items_new(&present.settled->fleet, present.is_stopped, true, &items, NULL);
    if (r == 0) {
        r = look(&present, &items, settings, plan);
        items_done(&items);
    }
    present_done(&present);
    return r;
}
