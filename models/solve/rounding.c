/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/rounding.h"

#include "models/search/polish.h"
#include "models/search/repair.h"

#include <errno.h>
#include <stdlib.h>

int rounding_run(struct workspace *ws, int window)
{
    const struct instance *in = ws->in;
    const struct pattern_store *store = &ws->patterns;
    struct search_state *search = &ws->search;
    double *part = calloc((size_t)in->n * (size_t)in->m + 1, sizeof(*part));
    int *plan = malloc(((size_t)in->n + 1) * sizeof(*plan));

    if (!part || !plan) {
        free(part);
        free(plan);
        return -ENOMEM;
    }
    for (int k = 0; k < store->n; k++) {
        const struct pattern *pattern = &store->patterns[k];

        for (int z = 0; z < pattern->n_items && pattern->weight > 0; z++)
            part[(int64_t)pattern->items[z] * in->m + pattern->bin] += pattern->weight;
    }
    for (int i = 0; i < in->n; i++) {
        const double *parts = part + (int64_t)i * in->m;

        plan[i] = search->best.bin[i];
        for (int p = 0; p < in->m; p++)
            if (parts[p] > parts[plan[i]])
                plan[i] = p;
    }
    assignment_set(&search->now, plan);
    repair_into_band(search, store->windows->most[window], 0);
    polish(search);
    search_state_keep(search);
    free(part);
    free(plan);
    return 0;
}
