/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/accept/best.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { CLASSES = 3 };

/* How many vCPUs of each class: on one pCPU, or on the first p of them. */
struct counts {
    size_t of[CLASSES];
};

struct table {
    const int *demand, *current;
    size_t n_vcpus, n_pcpus, n_states;
    int demand_of[CLASSES];
    struct counts all;
    struct counts *now; /* [n_pcpus] */
    double mean;
    double *cost;    /* [(n_pcpus + 1) * n_states] */
    size_t *pattern; /* what the p-th pCPU got, as a state */
};

static void *room(size_t n, size_t size)
{
    void *ret = calloc(n ? n : 1, size);

    if (!ret)
        abort();
    return ret;
}

static size_t class_of(const struct table *table, size_t v)
{
    size_t c = 0;

    while (table->demand_of[c] != table->demand[v])
        c++;
    return c;
}

static struct counts counts_of(const struct table *table, size_t state)
{
    struct counts counts;

    for (size_t c = 0; c < CLASSES; c++) {
        counts.of[c] = state % (table->all.of[c] + 1);
        state /= table->all.of[c] + 1;
    }
    return counts;
}

static void open_table(struct table *table)
{
    size_t classes = 0;

    for (size_t v = 0; v < table->n_vcpus; v++) {
        size_t c = 0;

        while (c < classes && table->demand_of[c] != table->demand[v])
            c++;
        assert(c < CLASSES);
        classes = c == classes ? classes + 1 : classes;
        table->demand_of[c] = table->demand[v];
        table->all.of[c]++;
        table->mean += (double)table->demand[v] / (double)table->n_pcpus;
    }
    table->now = room(table->n_pcpus, sizeof(*table->now));
    for (size_t v = 0; v < table->n_vcpus; v++)
        if (table->current[v] >= 0)
            table->now[table->current[v]].of[class_of(table, v)]++;
    table->n_states = 1;
    for (size_t c = 0; c < CLASSES; c++)
        table->n_states *= table->all.of[c] + 1;
    table->cost = room((table->n_pcpus + 1) * table->n_states, sizeof(*table->cost));
    table->pattern = room((table->n_pcpus + 1) * table->n_states, sizeof(*table->pattern));
}

static double distance(const struct table *table, const struct counts *counts)
{
    double load = 0;

    for (size_t c = 0; c < CLASSES; c++)
        load += (double)(counts->of[c] * (size_t)table->demand_of[c]);
    return fabs(load - table->mean);
}

static double arrivals(const struct table *table, size_t p, const struct counts *counts)
{
    double n = 0;

    for (size_t c = 0; c < CLASSES; c++)
        if (counts->of[c] > table->now[p].of[c])
            n += (double)(counts->of[c] - table->now[p].of[c]);
    return n;
}

/* Cost of a pattern on pCPU p after what the earlier ones cost. within < 0: the largest distance;
 * otherwise the moves, among patterns within that distance. */
static double extend(const struct table *table, size_t p, double before,
                     const struct counts *counts, double within)
{
    double far = distance(table, counts);

    if (within < 0)
        return fmax(before, far);
    if (far > within + 1e-9)
        return INFINITY;
    /* Among equal moves the flattest: a term far below one move. */
    return before + arrivals(table, p, counts) + 1e-12 * far * far;
}

static double solve(struct table *table, double within)
{
    size_t n = table->n_states;

    for (size_t i = 0; i < (table->n_pcpus + 1) * n; i++)
        table->cost[i] = INFINITY;
    table->cost[0] = 0;
    for (size_t p = 0; p < table->n_pcpus; p++)
        for (size_t used = 0; used < n; used++) {
            struct counts before = counts_of(table, used);

            if (isinf(table->cost[p * n + used]))
                continue;
            /* Mixed radix: where no digit overflows, states add up. */
            for (size_t more = 0; used + more < n; more++) {
                struct counts counts = counts_of(table, more);
                size_t to = (p + 1) * n + used + more;
                double cost;
                size_t c = 0;

                while (c < CLASSES && before.of[c] + counts.of[c] <= table->all.of[c])
                    c++;
                if (c < CLASSES)
                    continue;
                cost = extend(table, p, table->cost[p * n + used], &counts, within);
                if (cost < table->cost[to]) {
                    table->cost[to] = cost;
                    table->pattern[to] = more;
                }
            }
        }
    return table->cost[table->n_pcpus * n + n - 1];
}

/* Whoever may stay stays; the others fill up. */
static void read_placement(const struct table *table, int *place)
{
    struct counts *left = room(table->n_pcpus, sizeof(*left));
    size_t state = table->n_states - 1;

    for (size_t p = table->n_pcpus; p-- > 0;) {
        size_t pattern = table->pattern[(p + 1) * table->n_states + state];

        left[p] = counts_of(table, pattern);
        state -= pattern;
    }
    for (size_t v = 0; v < table->n_vcpus; v++) {
        int p = table->current[v];

        place[v] = -1;
        if (p >= 0 && left[p].of[class_of(table, v)] > 0) {
            left[p].of[class_of(table, v)]--;
            place[v] = p;
        }
    }
    for (size_t v = 0; v < table->n_vcpus; v++)
        for (size_t p = 0; place[v] < 0 && p < table->n_pcpus; p++)
            if (left[p].of[class_of(table, v)] > 0) {
                left[p].of[class_of(table, v)]--;
                place[v] = (int)p;
            }
    free(left);
}

void best_placement(const int *demand, const int *current, size_t n_vcpus, size_t n_pcpus,
                    struct best *ret)
{
    struct table table = {
        .demand = demand, .current = current, .n_vcpus = n_vcpus, .n_pcpus = n_pcpus};

    open_table(&table);
    ret->mean_permille = table.mean;
    ret->deviation_permille = solve(&table, -1);
    ret->moves = (size_t)solve(&table, fmax(ret->deviation_permille, 0.05 * table.mean));
    ret->place = room(n_vcpus, sizeof(*ret->place));
    read_placement(&table, ret->place);
    free(table.now);
    free(table.cost);
    free(table.pattern);
}

void best_done(struct best *best)
{
    free(best->place);
    *best = (struct best){0};
}
