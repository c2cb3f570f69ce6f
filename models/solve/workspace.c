/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/workspace.h"

#include "models/search/local_search.h"

/* With what the ascent keeps: the vectors behind the bounds, and a pattern of each bin. */
static int64_t tables_bytes(const struct workspace *ws)
{
    const struct instance *in = ws->in;
    int64_t vector = 4 * (int64_t)in->n + 8 * (int64_t)ws->windows.n;

    return pricing_bytes(&ws->windows) + BOUNDS_VECTORS * vector +
           ((int64_t)in->m + 1) * in->n * (int64_t)sizeof(int);
}

/* The first plan comes first: the windows reach as far as a better plan could. */
static int fill(struct workspace *ws)
{
    int r = search_state_new(ws->in, ws->work, &ws->arena, &ws->search);

    if (r >= 0)
        r = local_search_first(&ws->search);
    if (r >= 0)
        r = windows_new(ws->in, windows_reach(ws->in, ws->search.best_objective), &ws->arena,
                        &ws->windows);
    if (r >= 0)
        r = bounds_new(&ws->windows, &ws->arena, &ws->bounds);
    ws->has_tables = r >= 0 && !ws->search.is_large && work_has_room(ws->work, tables_bytes(ws));
    ws->held_bytes = ws->has_tables ? tables_bytes(ws) : 0;
    ws->work->held_bytes += ws->held_bytes;
    if (ws->has_tables)
        r = pricing_new(&ws->windows, ws->work, &ws->arena, &ws->pricing);
    return r < 0 ? r : patterns_new(&ws->windows, &ws->patterns);
}

int workspace_new(const struct instance *in, struct work *work, struct workspace *ws)
{
    const struct balance *balance = in->balance;
    int r;

    *ws = (struct workspace){.in = in, .work = work};
    ws->reduces = instance_is_fine_grained(in) && in->problem->objective == PLACEMENT_DEVIATION &&
                  !balance->has_overload && balance->groups.n == 0;
    r = fill(ws);
    if (r < 0)
        workspace_done(ws);
    return r;
}

void workspace_done(struct workspace *ws)
{
    ws->work->held_bytes -= ws->held_bytes;
    ws->held_bytes = 0;
    patterns_done(&ws->patterns);
    arena_done(&ws->arena);
}

bool workspace_is_proven(const struct workspace *ws)
{
    return bounds_least(&ws->bounds) >= ws->search.best_objective;
}
