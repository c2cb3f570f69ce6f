/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/pipeline.h"

#include <errno.h>

#include "models/bound/counting.h"
#include "models/bound/shed_bound.h"
#include "models/bound/touch_bounds.h"
#include "models/search/local_search.h"
#include "models/solve/cutoff.h"
#include "models/solve/gap_loop.h"

static int step_touch(struct workspace *ws, enum placement_method *method)
{
    *method = PLACEMENT_METHOD_TOUCH_BOUND;
    if (!ws->has_tables)
        return shed_bound(&ws->bounds);
    return touch_bounds(&ws->pricing, &ws->bounds, ws->search.best_objective, &ws->arena);
}

static int step_local_search(struct workspace *ws, enum placement_method *method)
{
    *method = PLACEMENT_METHOD_TOUCH_BOUND;
    ws->search.lower = bounds_least(&ws->bounds);
    return local_search_more(&ws->search);
}

static int step_gap_loop(struct workspace *ws, enum placement_method *method)
{
    *method = PLACEMENT_METHOD_LAGRANGIAN;
    return ws->has_tables ? gap_loop_run(ws, method) : 0;
}

/* Windows that hold no placement at all. */
static int step_count(struct workspace *ws, enum placement_method *method)
{
    int first, r = counting_first_window(&ws->windows, &first);

    *method = PLACEMENT_METHOD_COUNTING;
    if (r < 0)
        return r;
    bounds_raise(&ws->bounds, first - 1, WINDOWS_IMPOSSIBLE);
    bounds_trim(&ws->bounds, ws->search.best_objective);
    pricing_narrow(&ws->pricing, ws->bounds.bottom, ws->bounds.top);
    return 0;
}

static int (*const STEPS[])(struct workspace *ws, enum placement_method *method) = {
    step_count,
    step_touch,
    step_local_search,
    step_gap_loop,
};

/* Whether a plan is the method's own. With the others local search makes it, and they prove it. */
static bool makes_plans(enum placement_method method)
{
    return method == PLACEMENT_METHOD_MASTER || method == PLACEMENT_METHOD_ENUMERATION;
}

/* Where the search has no plan that keeps the hard rules, patterns may show one, or that there is none. */
static int look_for_plan(struct workspace *ws)
{
    enum placement_method method;
    int r = ws->has_tables ? step_touch(ws, &method) : 0;

    if (r >= 0 && ws->has_tables && !workspace_is_proven(ws))
        r = cutoff_decide(ws, ws->search.best_objective - 1, false, 0);
    return r < 0 && r != -EPROTO ? r : 0;
}

int pipeline_run(struct workspace *ws, enum placement_method *ret_method)
{
    *ret_method = PLACEMENT_METHOD_LOCAL_SEARCH;
    if (!ws->search.has_plan) {
        int r = look_for_plan(ws);

        if (r < 0 || !ws->search.has_plan)
            return r;
    }
    for (size_t k = 0; k < sizeof(STEPS) / sizeof(*STEPS) && !work_exhausted(ws->work); k++) {
        int64_t before = ws->search.best_objective;
        enum placement_method method;
        int r = STEPS[k](ws, &method);

        /* Where GLPK gave up, what is known so far stands, and the other steps may still do. */
        if (r < 0 && r != -EPROTO)
            return r;
        if (workspace_is_proven(ws) || (ws->search.best_objective < before && makes_plans(method)))
            *ret_method = method;
        if (workspace_is_proven(ws))
            return 0;
    }
    return 0;
}
