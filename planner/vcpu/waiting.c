/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/vcpu/waiting.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Who never sleeps has no odds: it counts as asleep for a thousandth of the time. Less does not
 * change what others wait by a thousandth either. */
static const double MOST = 0.999;

static double rate(const struct waiting_pool *pool, double k)
{
    double second = fmin(fmax(k - pool->pcpus, 0), pool->siblings);

    return fmin(k, pool->pcpus) + pool->sibling_share * second;
}

/* So that the largest one is 1. */
static double scale(double *e, size_t degree)
{
    double largest = 0;

    for (size_t k = 0; k <= degree; k++)
        largest = fmax(largest, e[k]);
    for (size_t k = 0; k <= degree; k++)
        e[k] /= largest;
    return 1;
}

/* e[k], up to a common factor: only ratios count, and they must not overflow. Returns the largest k
 * that can occur. */
static size_t symmetric_polynomials(const double *demand, size_t n, double *e)
{
    size_t degree = 0;
    double most = 1; /* none of them is larger */

    e[0] = 1;
    for (size_t i = 0; i < n; i++) {
        double d = fmin(demand[i], MOST), odds = d / (1 - d);

        if (!(odds > 0))
            continue;
        e[++degree] = 0;
        for (size_t k = degree; k > 0; k--)
            e[k] += odds * e[k - 1];
        most *= 1 + odds;
        if (most > 1e100)
            most = scale(e, degree);
    }
    return degree;
}

void waiting_join(struct waiting *sum, const struct waiting *one)
{
    sum->waiting += one->waiting;
    sum->running += one->running;
    sum->in_line += one->in_line;
    sum->on_pcpus += one->on_pcpus;
}

int waiting_add(struct waiting *sum, const struct waiting_pool *pool, const double *demand,
                size_t n)
{
    double *e = n > WAITING_MOST ? NULL : calloc(n + 1, sizeof(*e)), factor_log = 0,
           most_log = -INFINITY, total = 0;
    double threads = pool->threads > 0 ? pool->threads : pool->pcpus + pool->siblings;
    struct waiting found = {0};
    size_t degree;

    if (n > WAITING_MOST)
        *sum = (struct waiting){NAN, NAN, NAN, NAN};
    if (!e)
        return n > WAITING_MOST ? 0 : -ENOMEM;
    degree = symmetric_polynomials(demand, n, e);
    for (size_t k = 0; k <= degree; k++) { /* logarithms: the products grow as factorials do */
        factor_log += k ? log((double)k / fmax(1e-9, rate(pool, (double)k))) : 0;
        e[k] = e[k] > 0 ? log(e[k]) + factor_log : -INFINITY;
        most_log = fmax(most_log, e[k]);
    }
    for (size_t k = 0; k <= degree; k++) {
        double p = exp(e[k] - most_log), running = rate(pool, (double)k);

        total += p;
        found.running += p * running;
        found.waiting += p * ((double)k - running);
        found.on_pcpus += p * fmin((double)k, threads);
        found.in_line += p * fmax(0, (double)k - threads);
    }
    found.running /= total;
    found.waiting /= total;
    found.on_pcpus /= total;
    found.in_line /= total;
    waiting_join(sum, &found);
    free(e);
    return 0;
}

double waiting_share_in_line(const struct waiting *waiting)
{
    return waiting->on_pcpus == 0 ? 0 : waiting->in_line / waiting->on_pcpus;
}

double waiting_share(const struct waiting *waiting)
{
    return waiting->running == 0 ? 0 : waiting->waiting / waiting->running;
}
