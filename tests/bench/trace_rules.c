/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/trace_rules.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double SPREAD = 0.10;

static void *zeroed(int n, size_t size)
{
    void *p = calloc((size_t)n + 1, size);

    if (!p)
        abort();
    return p;
}

/* ---- Longest first ---- */

struct weight {
    double demand;
    int vcpu;
};

static int heavier_first(const void *a, const void *b)
{
    const struct weight *x = a, *y = b;

    if (x->demand != y->demand)
        return x->demand < y->demand ? 1 : -1;
    return x->vcpu - y->vcpu;
}

static int extreme(const double *load, int m, bool most)
{
    int found = 0;

    for (int p = 1; p < m; p++)
        if (most ? load[p] > load[found] : load[p] < load[found])
            found = p;
    return found;
}

static void fill_bins(int n, int m, const double *demand, int *ret_bin)
{
    struct weight *order = zeroed(n, sizeof(*order));
    double *load = zeroed(m, sizeof(*load));

    for (int i = 0; i < n; i++)
        order[i] = (struct weight){demand[i], i};
    qsort(order, (size_t)n, sizeof(*order), heavier_first);
    for (int k = 0; k < n; k++) {
        int bin = extreme(load, m, false);

        load[bin] += order[k].demand;
        ret_bin[order[k].vcpu] = bin;
    }
    free(order);
    free(load);
}

/* The pair that keeps most demand in place first. */
static void name_bins(int m, const double *kept, int *ret_pcpu)
{
    bool *is_taken = zeroed(m, sizeof(*is_taken));

    for (int b = 0; b < m; b++)
        ret_pcpu[b] = -1;
    for (int dealt = 0; dealt < m; dealt++) {
        int best = -1;

        for (int k = 0; k < m * m; k++)
            if (ret_pcpu[k / m] < 0 && !is_taken[k % m] && (best < 0 || kept[k] > kept[best]))
                best = k;
        ret_pcpu[best / m] = best % m;
        is_taken[best % m] = true;
    }
    free(is_taken);
}

int rule_longest_first(int n, int m, const double *demand, int *place)
{
    int *bin = zeroed(n, sizeof(*bin)), *pcpu = zeroed(m, sizeof(*pcpu)), moves = 0;
    double *kept = zeroed(m * m, sizeof(*kept));

    fill_bins(n, m, demand, bin);
    for (int i = 0; i < n; i++)
        kept[bin[i] * m + place[i]] += demand[i];
    name_bins(m, kept, pcpu);
    for (int i = 0; i < n; i++) {
        moves += place[i] != pcpu[bin[i]];
        place[i] = pcpu[bin[i]];
    }
    free(bin);
    free(pcpu);
    free(kept);
    return moves;
}

/* ---- Hysteresis ---- */

int rule_hysteresis(int n, int m, const double *demand, int *place)
{
    double *load = zeroed(m, sizeof(*load)), spread;
    int from, to, best = -1;

    for (int i = 0; i < n; i++)
        load[place[i]] += demand[i];
    from = extreme(load, m, true);
    to = extreme(load, m, false);
    spread = load[from] - load[to];
    free(load);
    for (int i = 0; i < n && spread > SPREAD; i++)
        if (place[i] == from && demand[i] < spread && (best < 0 || demand[i] > demand[best]))
            best = i;
    if (best >= 0)
        place[best] = to;
    return best >= 0;
}

int rule_hysteresis_repeated(int n, int m, const double *demand, int *place)
{
    int *before = zeroed(n, sizeof(*before)), moves = 0;

    memcpy(before, place, (size_t)n * sizeof(*before));
    for (int k = 0; k < 2 * n && rule_hysteresis(n, m, demand, place); k++)
        ;
    for (int i = 0; i < n; i++)
        moves += place[i] != before[i];
    free(before);
    return moves;
}
