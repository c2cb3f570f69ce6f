/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solve/rounding.h"

#include "models/search/polish.h"
#include "models/search/repair.h"
#include "models/solve/pairs.h"

#include <errno.h>
#include <stdlib.h>

/* Every item where most of its weight is. 0 or -ENOMEM. */
static int round_weights(const struct workspace *ws, int *plan)
{
    const struct instance *in = ws->in;
    const struct pattern_store *store = &ws->patterns;
    double *part = calloc((size_t)in->n * (size_t)in->m + 1, sizeof(*part));

    if (!part)
        return -ENOMEM;
    for (int k = 0; k < store->n; k++) {
        const struct pattern *pattern = &store->patterns[k];

        for (int z = 0; z < pattern->n_items && pattern->weight > 0; z++)
            part[(int64_t)pattern->items[z] * in->m + pattern->bin] += pattern->weight;
    }
    for (int i = 0; i < in->n; i++) {
        const double *parts = part + (int64_t)i * in->m;

        plan[i] = ws->search.best.bin[i];
        for (int p = 0; p < in->m; p++)
            if (parts[p] > parts[plan[i]])
                plan[i] = p;
    }
    free(part);
    return 0;
}

static int mend(struct workspace *ws, const int *plan, int64_t band)
{
    struct search_state *search = &ws->search;
    int r = 0;

    assignment_set(&search->now, plan);
    repair_into_band(search, band, 0);
    if (instance_is_fine_grained(ws->in))
        r = pairs_share_out(search, band, NULL);
    polish(search);
    search_state_keep(search);
    return r;
}

int rounding_run(struct workspace *ws, int window)
{
    int64_t band = ws->windows.most[window];
    int *plan = malloc(((size_t)ws->in->n + 1) * sizeof(*plan)), r = -ENOMEM;
    struct extremes extremes;

    if (plan)
        r = round_weights(ws, plan);
    if (r >= 0)
        r = mend(ws, plan, band);
    assignment_extremes(&ws->search.best, &extremes);
    if (r >= 0 && instance_is_fine_grained(ws->in) && extremes.deviation[0] != band)
        r = mend(ws, plan, extremes.deviation[0]);
    free(plan);
    return r;
}
