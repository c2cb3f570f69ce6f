/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/bundle.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { EXCHANGES = 150, FEWEST_CUTS = 60, MORE_PER_DIMENSION = 4 };
static const double NO_WEIGHT = 1e-12, PRECISION = 1e-7;

int bundle_new(int n, struct arena *arena, struct bundle *ret)
{
    struct bundle b = {.n = n, .most_cuts = FEWEST_CUTS + n / MORE_PER_DIMENSION};
    size_t most = (size_t)b.most_cuts;

    b.gradient = arena_take(arena, most * (size_t)n, sizeof(int16_t));
    b.constant = arena_take(arena, most, sizeof(double));
    b.error = arena_take(arena, most, sizeof(double));
    b.weight = arena_take(arena, most, sizeof(double));
    b.slope = arena_take(arena, most, sizeof(double));
    b.product = arena_take(arena, most * most, sizeof(double));
    b.center = arena_take(arena, (size_t)n, sizeof(double));
    if (!b.gradient || !b.constant || !b.error || !b.weight || !b.slope || !b.product || !b.center)
        return -ENOMEM;
    *ret = b;
    return 0;
}

static int16_t *gradient_of(const struct bundle *b, int slot)
{
    return b->gradient + (int64_t)slot * b->n;
}

static double *product_of(const struct bundle *b, int x, int y)
{
    return &b->product[x * b->most_cuts + y];
}

static double value_at(const struct bundle *b, int slot, const double *point)
{
    const int16_t *gradient = gradient_of(b, slot);
    double sum = 0;

    for (int i = 0; i < b->n; i++)
        sum += gradient[i] * point[i];
    return b->constant[slot] + sum;
}

/* Whole numbers, so that no order of summation matters. */
static double multiply(const int16_t *restrict x, const int16_t *restrict y, int n)
{
    int32_t sum = 0;

    for (int i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

/* Without weight and farthest above the function, or else with the least weight. */
static int least_useful(const struct bundle *b)
{
    int least = 0;

    for (int k = 1; k < b->cuts; k++)
        if (b->weight[k] < b->weight[least] ||
            (b->weight[k] <= b->weight[least] && b->error[k] > b->error[least]))
            least = k;
    return least;
}

void bundle_drop(struct bundle *b, int slot)
{
    int last = --b->cuts;

    if (slot == last)
        return;
    memcpy(gradient_of(b, slot), gradient_of(b, last), (size_t)b->n * sizeof(int16_t));
    b->constant[slot] = b->constant[last];
    b->error[slot] = b->error[last];
    b->weight[slot] = b->weight[last];
    for (int k = 0; k < b->cuts; k++) {
        int from = k == slot ? last : k;

        *product_of(b, slot, k) = *product_of(b, k, slot) = *product_of(b, last, from);
    }
}

int bundle_add(struct bundle *b, const int *gradient, const int *point, double value)
{
    int slot = b->cuts < b->most_cuts ? b->cuts++ : least_useful(b);
    int16_t *copy = gradient_of(b, slot);
    double error = 0, constant = value;

    for (int i = 0; i < b->n; i++) {
        int g = gradient[i] < -BUNDLE_MOST_GRADIENT ? -BUNDLE_MOST_GRADIENT : gradient[i];

        copy[i] = (int16_t)g;
        constant -= (double)g * point[i];
    }
    for (int k = 0; k < b->cuts; k++)
        *product_of(b, slot, k) = *product_of(b, k, slot) = multiply(copy, gradient_of(b, k), b->n);
    b->constant[slot] = constant;
    b->weight[slot] = 0;
    error = value_at(b, slot, b->center) - b->value;
    b->error[slot] = fmax(error, 0);
    return slot;
}

void bundle_move(struct bundle *b, const int *center, double value)
{
    for (int i = 0; i < b->n; i++)
        b->center[i] = center[i];
    bundle_recenter(b, value);
}

void bundle_recenter(struct bundle *b, double value)
{
    b->value = value;
    for (int k = 0; k < b->cuts; k++)
        b->error[k] = fmax(value_at(b, k, b->center) - value, 0);
}

static void spread_weights(struct bundle *b)
{
    double sum = 0;

    for (int k = 0; k < b->cuts; k++)
        sum += b->weight[k];
    if (sum <= 0)
        b->weight[b->cuts - 1] = sum = 1;
    for (int k = 0; k < b->cuts; k++)
        b->weight[k] /= sum;
}

static void tilt(double *restrict slope, const double *restrict row, double by, int n)
{
    for (int k = 0; k < n; k++)
        slope[k] += by * row[k];
}

/* The weights minimise prox / 2 |sum of weighted gradients|^2 + sum of weighted errors: weight goes
 * from the cut where it hurts most to the one where it hurts least, as long as that helps. */
static void weigh_cuts(struct bundle *b)
{
    double *slope = b->slope;

    spread_weights(b);
    memcpy(slope, b->error, (size_t)b->cuts * sizeof(*slope));
    for (int z = 0; z < b->cuts; z++)
        if (b->weight[z] > 0)
            tilt(slope, product_of(b, z, 0), b->prox * b->weight[z], b->cuts);
    for (int exchange = 0; exchange < EXCHANGES; exchange++) {
        int to = 0, from = -1;
        double gain, curve, part;

        for (int k = 0; k < b->cuts; k++) {
            if (slope[k] < slope[to])
                to = k;
            if (b->weight[k] > 0 && (from < 0 || slope[k] > slope[from]))
                from = k;
        }
        gain = slope[from] - slope[to];
        if (gain < PRECISION * (1 + fabs(slope[to])))
            return;
        curve = b->prox * (*product_of(b, to, to) + *product_of(b, from, from) -
                           2 * *product_of(b, to, from));
        part = curve > NO_WEIGHT ? fmin(gain / curve, b->weight[from]) : b->weight[from];
        b->weight[to] += part;
        b->weight[from] -= part;
        if (b->weight[from] < NO_WEIGHT)
            b->weight[from] = 0;
        tilt(slope, product_of(b, to, 0), b->prox * part, b->cuts);
        tilt(slope, product_of(b, from, 0), -b->prox * part, b->cuts);
    }
}

double bundle_step(struct bundle *b, double *next)
{
    double promise = 0, square = 0;

    weigh_cuts(b);
    memset(next, 0, (size_t)b->n * sizeof(*next));
    for (int k = 0; k < b->cuts; k++) {
        const int16_t *gradient = gradient_of(b, k);

        if (b->weight[k] <= 0)
            continue;
        for (int i = 0; i < b->n; i++)
            next[i] += b->weight[k] * gradient[i];
        promise += b->weight[k] * b->error[k];
    }
    for (int i = 0; i < b->n; i++)
        square += next[i] * next[i];
    for (int i = 0; i < b->n; i++)
        next[i] = b->center[i] + b->prox * next[i];
    b->promised_error = promise;
    b->length = sqrt(square);
    return promise + b->prox * square;
}
