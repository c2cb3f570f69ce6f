/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/kicks.h"

#include <string.h>

#include "models/search/polish.h"
#include "models/search/repair.h"
#include "models/solve/pairs.h"

enum {
    PER_WINDOW = 20, /* rounds */
    MOST_KICKED = 8, /* items a round */
};
static const double NOISE = 0.3;

/* One of the windows that may hold a better plan, or -1. */
static int draw_window(struct workspace *ws)
{
    const struct bounds *bounds = &ws->bounds;
    int n = 0, drawn = -1;

    for (int t = 0; t <= bounds->top; t++)
        if (bounds_objective(bounds, t) < ws->search.best_objective &&
            search_state_random(&ws->search, (uint64_t)++n) == 0)
            drawn = t;
    return drawn;
}

/* Half of them go home. */
static void kick(struct search_state *search)
{
    const struct instance *in = search->in;
    int i = (int)search_state_random(search, (uint64_t)in->n);
    int p = (int)search_state_random(search, (uint64_t)in->m);

    if (in->home[i] >= 0 && search_state_random(search, 2))
        p = in->home[i];
    if (p != search->now.bin[i] && assignment_may_move(&search->now, i, p))
        assignment_move(&search->now, i, p);
}

/* from [n] is where the round starts, and where the next one does; *cost is what it costs, or INT64_MAX
 * where pairs have not been shared out yet. */
static int play_round(struct search_state *search, int64_t band, int *from, int64_t *cost)
{
    int kicks = 1 + (int)search_state_random(search, MOST_KICKED), r;

    assignment_set(&search->now, from);
    for (int k = 0; k < kicks; k++)
        kick(search);
    repair_into_band(search, band, NOISE);
    r = pairs_share_out(search, band, *cost < INT64_MAX ? from : NULL);
    if (assignment_objective(&search->now) <= *cost) {
        *cost = assignment_objective(&search->now);
        memcpy(from, search->now.bin, (size_t)search->in->n * sizeof(*from));
    }
    polish(search);
    search_state_keep(search);
    return r;
}

int kicks_run(struct workspace *ws, int rounds)
{
    struct arena arena = {0};
    size_t n = (size_t)ws->in->n;
    int *from = arena_take(&arena, n, sizeof(int)), r = arena_error(&arena);

    while (rounds > 0 && r >= 0 && !work_exhausted(ws->work)) {
        int window = draw_window(ws);
        int64_t cost = INT64_MAX;

        if (window < 0)
            break;
        memcpy(from, ws->search.best.bin, n * sizeof(*from));
        for (int k = 0; k < PER_WINDOW && r >= 0 && !work_exhausted(ws->work); k++)
            r = play_round(&ws->search, ws->windows.most[window], from, &cost);
        rounds -= PER_WINDOW;
    }
    arena_done(&arena);
    return r < 0 ? r : 0;
}
