/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/reduce.h"

#include <errno.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/search/local_search.h"
#include "models/solve/chunk.h"
#include "models/solve/pipeline.h"

/* Cost units, as in cutoff.c: windows that one vector of duals serves. (0.5 leaves the same out, and
 * takes twice the time.) */
static const double CHUNK_WIDTH = 2;
/* Of so many items one has to go, else the small problem is as hard as the large one. */
enum { LEAST_PART = 10 };

/* A workspace and what is left of its problem. */
struct reduction {
    struct workspace *ws;
    bool *may_leave; /* [n] */
    int *item;       /* [instance.n] which of all it is */
    struct balance balance;
    struct instance instance;
    struct arena arena;
};

/* The windows of the chunk are done. */
static void close_windows(const struct chunk *chunk, bool *open)
{
    for (int t = chunk->from; t <= chunk->to; t++)
        open[t] = false;
}

/* Sets may_leave for all who leave in a better plan of an open window, as far as duals tell. 1, 0: no
 * duals are known, or -ENOMEM. */
static int find_leavers(struct reduction *of)
{
    struct workspace *ws = of->ws;
    const struct bounds *bounds = &ws->bounds;
    bool *open = arena_take(&of->arena, (size_t)ws->windows.n, sizeof(bool));
    struct chunk chunk;
    int r = chunk_new(ws, ws->search.best_objective - 1, &of->arena, &chunk);

    if (r < 0)
        return r;
    for (int t = 0; t <= bounds->top; t++)
        open[t] = bounds_objective(bounds, t) < ws->search.best_objective;
    while (chunk_choose(&chunk, open, CHUNK_WIDTH)) {
        if (chunk.vector < 0 || work_exhausted(ws->work))
            return 0;
        r = chunk_look(&chunk);
        if (r < 0)
            return r;
        for (int i = 0; i < ws->in->n && r == 0; i++)
            of->may_leave[i] |= chunk.may_leave[i];
        close_windows(&chunk, open);
    }
    return 1;
}

/* Those who are away in the incumbent stay in the question, so that it has the incumbent. Returns how
 * many are in it. */
static int add_movers(struct reduction *of)
{
    const struct workspace *ws = of->ws;
    int n = 0;

    for (int i = 0; i < ws->in->n; i++) {
        of->may_leave[i] |= ws->search.best.bin[i] != ws->in->home[i];
        if (of->may_leave[i])
            of->item[n++] = i;
    }
    return n;
}

static int build(struct reduction *of)
{
    const struct instance *in = of->ws->in;

    of->balance = *in->balance;
    of->balance.arena = (struct arena){0};
    of->balance.background = arena_take(&of->arena, (size_t)in->m, sizeof(int));
    if (!of->balance.background)
        return -ENOMEM;
    memcpy(of->balance.background, in->balance->background, (size_t)in->m * sizeof(int));
    for (int i = 0; i < in->n; i++)
        if (!of->may_leave[i])
            of->balance.background[in->home[i]] += in->weight[i];
    return instance_reduce(in, &of->balance, of->may_leave, &of->instance);
}

/* What all who are left out cost, in F. */
static int64_t cost_of_rest(const struct reduction *of)
{
    return of->ws->in->unit * (of->instance.floor_cost - of->ws->in->floor_cost);
}

/* The incumbent goes along. */
static void hand_over(const struct reduction *of, struct workspace *small, int *plan)
{
    for (int k = 0; k < of->instance.n; k++)
        plan[k] = of->ws->search.best.bin[of->item[k]];
    local_search_adopt(&small->search, plan);
    small->reduces = small->is_reduced = true;
}

/* A better plan, and the bound: no better one than that is in any window. */
static void take_back(struct reduction *of, const struct workspace *small, int *plan)
{
    struct workspace *ws = of->ws;
    int64_t least = bounds_least(&small->bounds);

    if (small->search.best_objective + cost_of_rest(of) < ws->search.best_objective) {
        memcpy(plan, ws->in->home, (size_t)ws->in->n * sizeof(*plan));
        for (int k = 0; k < of->instance.n; k++)
            plan[of->item[k]] = small->search.best.bin[k];
        local_search_adopt(&ws->search, plan);
    }
    least = min64(min64(least, small->search.best_objective) + cost_of_rest(of),
                  ws->search.best_objective);
    for (int t = 0; t <= ws->bounds.top; t++)
        bounds_raise(&ws->bounds, t, windows_cost_from(&ws->windows, t, least));
}

static int solve(struct reduction *of, enum placement_method *ret_method)
{
    int *plan = arena_take(&of->arena, (size_t)of->ws->in->n, sizeof(int)), r;
    struct workspace small;

    if (!plan)
        return -ENOMEM;
    r = workspace_new(&of->instance, of->ws->work, &small);
    if (r < 0)
        return r;
    hand_over(of, &small, plan);
    r = pipeline_run(&small, ret_method);
    if (r >= 0)
        take_back(of, &small, plan);
    workspace_done(&small);
    return r;
}

int reduce_run(struct workspace *ws, enum placement_method *ret_method)
{
    struct reduction of = {.ws = ws};
    int n = ws->in->n, r;

    of.may_leave = arena_take(&of.arena, (size_t)n, sizeof(bool));
    of.item = arena_take(&of.arena, (size_t)n, sizeof(int));
    r = arena_error(&of.arena);
    if (r == 0)
        r = find_leavers(&of);
    if (r > 0 && add_movers(&of) > n - n / LEAST_PART)
        r = 0;
    if (r > 0) {
        r = build(&of);
        if (r == 0) {
            r = solve(&of, ret_method);
            instance_done(&of.instance);
            r = r < 0 ? r : 1;
        }
    }
    arena_done(&of.arena);
    return r;
}
