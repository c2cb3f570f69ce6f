/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/restricted.h"

#include <errno.h>
#include <stdlib.h>

#include "models/search/local_search.h"
#include "models/solve/plan_search.h"

static int choose(const struct restricted *restricted, const int *incumbent, int *chosen)
{
    int m = restricted->search->in->m;
    int n =
        patterns_heaviest(restricted->patterns, restricted->to, restricted->max_patterns, chosen);
    int heaviest = n;

    for (int p = 0; p < m && n >= 0; p++) {
        int k = 0;

        while (k < heaviest && chosen[k] != incumbent[p])
            k++;
        if (k == heaviest && restricted->patterns->patterns[incumbent[p]].window <= restricted->to)
            chosen[n++] = incumbent[p];
    }
    return n;
}

int restricted_master(const struct restricted *restricted)
{
    struct search_state *local = restricted->search;
    size_t n = (size_t)local->in->n, m = (size_t)local->in->m;
    int *incumbent = malloc(m * sizeof(int)), *plan = malloc((n + 1) * sizeof(int));
    int *chosen = NULL, r = -ENOMEM;
    struct plan_search search = {.windows = restricted->bounds->windows,
                                 .patterns = restricted->patterns,
                                 .from = restricted->from,
                                 .to = restricted->to,
                                 .objective = local->best_objective - 1,
                                 .plan = local->best.bin,
                                 .max_nodes = restricted->max_nodes};
    struct plan_search_result result;

    if (incumbent && plan)
        r = patterns_add_plan(restricted->patterns, local->best.bin, incumbent);
    if (r >= 0)
        chosen = malloc(((size_t)restricted->patterns->n + m) * sizeof(int));
    if (r >= 0 && !chosen)
        r = -ENOMEM;
    if (r >= 0)
        r = search.n_chosen = choose(restricted, incumbent, chosen);
    search.chosen = chosen;
    if (r >= 0)
        r = plan_search(&search, local->work, plan, &result);
    if (r >= 0 && result.found)
        local_search_adopt(local, plan);
    free(incumbent);
    free(plan);
    free(chosen);
    return r < 0 ? r : 0;
}
