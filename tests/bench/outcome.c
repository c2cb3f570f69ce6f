/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/outcome.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

void outcome_add(struct series_of *series, double value)
{
    if (series->n == series->room) {
        double *grown = realloc(series->value, (2 * series->room + 256) * sizeof(double));

        if (!grown)
            abort();
        series->value = grown;
        series->room = 2 * series->room + 256;
    }
    series->value[series->n++] = value;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double quantile(struct series_of *series, double q)
{
    if (series->n == 0)
        return 0;
    qsort(series->value, series->n, sizeof(double), ascending);
    return series->value[(size_t)(q * (double)(series->n - 1))];
}

static double mean(const struct series_of *series)
{
    double sum = 0;

    for (size_t k = 0; k < series->n; k++)
        sum += series->value[k];
    return series->n ? sum / (double)series->n : 0;
}

void outcome_done(struct outcome *outcome)
{
    free(outcome->sigma.value);
    free(outcome->ms.value);
}

void outcome_print(const struct outcome_label *label, struct outcome *outcome)
{
    double certified = outcome->n_solved ? 100.0 * outcome->n_certified / outcome->n_solved : 100;
    double sigma = mean(&outcome->sigma), waiting = outcome->waited_s / outcome->ran_s;
    double unserved = 100 * outcome->unserved / outcome->demand;
    double moves = outcome->moves / outcome->n_intervals;
    char size[32], seeds[32];
    json_t *object;

    snprintf(size, sizeof(size), "%dx%d", label->n, label->m);
    snprintf(seeds, sizeof(seeds), "%d-%d", label->first_seed, label->last_seed);
    if (!label->json) {
        printf("%-32s %6.2f %6.2f %8.2f %6.2f %8.3f", label->policy, sigma,
               quantile(&outcome->sigma, 0.95), unserved, moves, waiting);
        if (label->has_plans)
            printf(" %6.1f %7.2f %7.1f", certified, quantile(&outcome->ms, 0.5),
                   quantile(&outcome->ms, 1));
        putchar('\n');
        return;
    }
    object = json_pack("{s:s,s:s,s:s,s:f,s:f,s:f,s:f,s:f,s:f,s:f,s:f}", "policy", label->policy,
                       "size", size, "seeds", seeds, "sigma_mean", sigma, "sigma_p95",
                       quantile(&outcome->sigma, 0.95), "unserved_pct", unserved,
                       "moves_per_interval", moves, "waiting", waiting, "certified_pct", certified,
                       "ms_p50", quantile(&outcome->ms, 0.5), "ms_max", quantile(&outcome->ms, 1));
    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(object);
}
