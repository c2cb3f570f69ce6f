/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/restricted.h"

#include <errno.h>
#include <stdlib.h>

#include "models/search/local_search.h"
#include "models/solve/plan_search.h"

/* The heaviest patterns, and those of the incumbent that are not among them; how many. */
static int choose(const struct workspace *ws, int window, int max_patterns, const int *incumbent,
                  int *chosen)
{
    int m = ws->in->m, n = patterns_heaviest(&ws->patterns, window, max_patterns, chosen);
    int heaviest = n;

    for (int p = 0; p < m && n >= 0; p++) {
        int k = 0;

        while (k < heaviest && chosen[k] != incumbent[p])
            k++;
        if (k == heaviest && ws->patterns.patterns[incumbent[p]].window <= window &&
            !ws->patterns.patterns[incumbent[p]].is_relaxed)
            chosen[n++] = incumbent[p];
    }
    return n;
}

int restricted_search(struct workspace *ws, int window, int max_patterns, int64_t max_nodes)
{
    struct search_state *local = &ws->search;
    size_t n = (size_t)ws->in->n, m = (size_t)ws->in->m;
    int *incumbent = malloc(m * sizeof(int)), *plan = malloc((n + 1) * sizeof(int));
    int *chosen = NULL, r = -ENOMEM;
    struct plan_search search = {.windows = &ws->windows,
                                 .patterns = &ws->patterns,
                                 .from = window,
                                 .to = window,
                                 .cutoff = local->best_objective - 1,
                                 .plan = local->best.bin,
                                 .max_nodes = max_nodes};
    struct plan_search_result result;

    if (incumbent && plan)
        r = patterns_add_plan(&ws->patterns, local->best.bin, incumbent);
    if (r >= 0)
        chosen = malloc(((size_t)ws->patterns.n + m) * sizeof(int));
    if (r >= 0 && !chosen)
        r = -ENOMEM;
    if (r >= 0)
        r = search.n_chosen = choose(ws, window, max_patterns, incumbent, chosen);
    search.chosen = chosen;
    if (r >= 0)
        r = plan_search(&search, ws->work, plan, &result);
    if (r >= 0 && result.found)
        local_search_adopt(local, plan);
    free(incumbent);
    free(plan);
    free(chosen);
    return r < 0 ? r : 0;
}
