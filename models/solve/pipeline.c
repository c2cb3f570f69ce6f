/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/pipeline.h"

#include <errno.h>

#include "models/bound/counting.h"
#include "models/bound/touch_bounds.h"
#include "models/search/local_search.h"
#include "models/solve/gap_loop.h"

static bool proven(const struct pipeline *pl)
{
    return bounds_least(&pl->bounds) >= pl->search.best_objective;
}

static int step_touch(struct pipeline *pl, enum placement_method *method)
{
    *method = PLACEMENT_METHOD_TOUCH_BOUND;
    return touch_bounds(&pl->pricing, &pl->bounds, pl->search.best_objective, &pl->arena);
}

static int step_local_search(struct pipeline *pl, enum placement_method *method)
{
    *method = PLACEMENT_METHOD_TOUCH_BOUND;
    pl->search.lower = bounds_least(&pl->bounds);
    return local_search_more(&pl->search);
}

/* Windows that hold no placement at all. */
static int step_count(struct pipeline *pl, enum placement_method *method)
{
    int first, r = counting_first_window(&pl->windows, &first);

    *method = PLACEMENT_METHOD_COUNTING;
    if (r == 0)
        bounds_raise(&pl->bounds, first - 1, WINDOWS_IMPOSSIBLE);
    return r;
}

/* What follows the first plan, cheapest first; all end once the gap is closed. */
static int (*const STEPS[])(struct pipeline *pl, enum placement_method *method) = {
    step_touch,
    step_count,
    step_local_search,
    climb,
};

static int prepare(struct pipeline *pl)
{
    int r = search_state_new(pl->in, pl->work, &pl->arena, &pl->search);

    if (r < 0)
        return r;
    r = local_search_first(&pl->search);
    if (r < 0)
        return r;
    r = windows_new(pl->in, windows_reach(pl->in, pl->search.best_objective), &pl->arena,
                    &pl->windows);
    if (r < 0)
        return r;
    r = bounds_new(&pl->windows, &pl->arena, &pl->bounds);
    if (r < 0)
        return r;
    r = pricing_new(&pl->windows, pl->work, &pl->arena, &pl->pricing);
    if (r < 0)
        return r;
    return patterns_new(&pl->windows, &pl->patterns);
}

int pipeline_new(const struct instance *in, struct work *work, struct pipeline *pl)
{
    int r;

    *pl = (struct pipeline){.in = in, .work = work};
    r = prepare(pl);
    if (r < 0)
        pipeline_done(pl);
    return r;
}

void pipeline_done(struct pipeline *pl)
{
    patterns_done(&pl->patterns);
    arena_done(&pl->arena);
}

int pipeline_run(struct pipeline *pl, enum placement_method *ret_method)
{
    *ret_method = PLACEMENT_METHOD_LOCAL_SEARCH;
    for (size_t k = 0; k < sizeof(STEPS) / sizeof(*STEPS) && !work_exhausted(pl->work); k++) {
        int64_t before = pl->search.best_objective;
        enum placement_method method;
        int r = STEPS[k](pl, &method);

        /* Where GLPK gave up, what is known so far stands, and the other steps may still do. */
        if (r < 0 && r != -EPROTO)
            return r;
        if (proven(pl) ||
            (pl->search.best_objective < before && method > PLACEMENT_METHOD_LAGRANGIAN))
            *ret_method = method;
        if (proven(pl))
            return 0;
    }
    return 0;
}
