/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/families.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MEAN_LOAD = 600 }; /* permille of each bin */
/* Standard deviations of logarithms: of the means over vCPUs, and of a demand about its mean. */
static const double SKEW = 1.5, WANDERS = 0.7;

static const char *const NAMES[] = {
    [FAMILY_UNI] = "uni",       [FAMILY_EXP] = "exp",           [FAMILY_BIM] = "bim",
    [FAMILY_EQ] = "eq",         [FAMILY_EQX] = "eqx",           [FAMILY_TRI] = "tri",
    [FAMILY_IMP] = "imp",       [FAMILY_ALL0] = "all0",         [FAMILY_NEAR] = "near",
    [FAMILY_SPIKE] = "spike",   [FAMILY_NUMA] = "numa",         [FAMILY_FEW] = "few",
    [FAMILY_TWOPER] = "twoper", [FAMILY_CONFINED] = "confined", [FAMILIES] = "",
    [FAMILY_HOLD] = "hold",     [FAMILY_EIGHTH] = "eighth",     [FAMILY_OVERLAP] = "overlap",
    [FAMILY_APART] = "apart",   [FAMILY_BESIDE] = "beside",     [FAMILY_TRACE] = "trace"};

const char *family_name(enum family family)
{
    return NAMES[family];
}

enum family family_by_name(const char *name)
{
    enum family family = 0;

    while (family < FAMILIES_OF_ALL && strcmp(NAMES[family], name) != 0)
        family++;
    return family < FAMILIES_OF_ALL ? family : FAMILIES;
}

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);

    if (!p)
        abort();
    return p;
}

struct made_problem made_problem_new(int n, int m, enum placement_objective objective)
{
    size_t pairs = (size_t)n * (size_t)m;
    struct made_problem made = {.demand = zeroed((size_t)n, sizeof(int)),
                                .current = zeroed((size_t)n, sizeof(int)),
                                .price = zeroed(pairs, sizeof(int)),
                                .capacity = zeroed((size_t)m, sizeof(int)),
                                .background = zeroed((size_t)m, sizeof(int)),
                                .group = zeroed((size_t)n, sizeof(int)),
                                .allowed = zeroed(pairs, sizeof(bool))};

    made.problem = (struct placement_problem){.n_items = (size_t)n,
                                              .n_bins = (size_t)m,
                                              .demand_permille = made.demand,
                                              .current = made.current,
                                              .price = made.price,
                                              .objective = objective,
                                              .kappa = (int)fmax(3, nearbyint(0.6 * m)),
                                              .nu_milli = 300};
    return made;
}

void made_problem_done(struct made_problem *made)
{
    free(made->demand);
    free(made->current);
    free(made->price);
    free(made->capacity);
    free(made->background);
    free(made->group);
    free(made->allowed);
    *made = (struct made_problem){0};
}

void made_problem_group(struct made_problem *made, int members, int together_cost)
{
    for (int i = 0; i < (int)made->problem.n_items; i++)
        made->group[i] = i / members;
    made->problem.group_of = made->group;
    made->problem.together_cost = together_cost;
}

void made_problem_weigh(struct made_problem *made)
{
    made->problem.kappa = 4;
    made->problem.overload_cost = 10 * made->problem.kappa;
}

static int clamp(double demand)
{
    return demand < 1 ? 1 : demand > 1000 ? 1000 : (int)demand;
}

/* ---- Demands ---- */

static void uniform_demands(struct random *random, int *demand, int n, double mean)
{
    for (int i = 0; i < n; i++)
        demand[i] = clamp(1 + 2 * mean * random_unit(random));
}

static void exponential_demands(struct random *random, int *demand, int n, double mean)
{
    for (int i = 0; i < n; i++)
        demand[i] = clamp(1 - mean * log(1 - random_unit(random)));
}

static void bimodal_demands(struct random *random, int *demand, int n, int m)
{
    int heavy = n / 8;
    double rest = (MEAN_LOAD * m - 850.0 * heavy) / (n - heavy);

    uniform_demands(random, demand, n, rest);
    for (int i = 0; i < heavy; i++)
        demand[i] = random_between(random, 700, 1000);
}

/* Each bin's load cut into n / m random pieces, multiples of grain. */
static void partitioned_demands(struct random *random, int *demand, int n, int m, int grain)
{
    int pieces = n / m;

    for (int i = 0, left = 0; i < n; i++) {
        int to_come = pieces - i % pieces; /* this one included */
        int piece, most;

        left = i % pieces == 0 ? MEAN_LOAD : left;
        most = left - grain * (to_come - 1);
        piece = (int)((0.6 + 0.8 * random_unit(random)) * left / to_come) / grain * grain;
        piece = piece < grain ? grain : piece > most ? most : piece;
        demand[i] = clamp(to_come == 1 ? left : piece);
        left -= demand[i];
    }
}

static void drift(struct random *random, int *demand, int n, double relative)
{
    for (int i = 0; i < n; i++)
        demand[i] = clamp(demand[i] * (1 + relative * (2 * random_unit(random) - 1)) +
                          random_between(random, -10, 10));
}

static void jump(struct random *random, int *demand, int n)
{
    int jumping = n / 16 < 2 ? 2 : n / 16;

    for (int k = 0; k < jumping; k++) {
        int i = random_between(random, 0, n - 1);

        demand[i] = clamp(random_unit(random) < 0.5 ? demand[i] / 6.0 + 1 : demand[i] * 2.0 + 200);
    }
}

/* Box and Muller, 1958. */
static double normal(struct random *random)
{
    double radius = sqrt(-2 * log(1 - random_unit(random)));

    return radius * cos(6.283185307179586 * random_unit(random));
}

/* Log-normal: half of them below a third of the mean, the heaviest at a whole pCPU. */
static void skewed_demands(struct random *random, int *demand, int n, double mean)
{
    for (int i = 0; i < n; i++)
        demand[i] = clamp(mean * exp(SKEW * normal(random) - SKEW * SKEW / 2));
}

/* What they want now, beside their means. */
static void wander(struct random *random, int *demand, int n)
{
    for (int i = 0; i < n; i++)
        demand[i] = clamp(demand[i] * exp(WANDERS * normal(random)));
}

/* ---- Placements ---- */

struct weight {
    int demand, vcpu;
};

static int heavier_first(const void *a, const void *b)
{
    const struct weight *x = a, *y = b;

    return x->demand != y->demand ? y->demand - x->demand : x->vcpu - y->vcpu;
}

/* Heaviest first, each onto the bin with the least load so far; the bins come in random order. */
static void balanced_placement(struct random *random, const struct made_problem *made)
{
    size_t n = made->problem.n_items, m = made->problem.n_bins;
    struct weight *order = zeroed(n, sizeof(*order));
    int *load = zeroed(m, sizeof(*load)), *bin = zeroed(m, sizeof(*bin));

    for (size_t i = 0; i < n; i++)
        order[i] = (struct weight){.demand = made->demand[i], .vcpu = (int)i};
    qsort(order, n, sizeof(*order), heavier_first);
    for (size_t p = 0; p < m; p++) {
        size_t other = (size_t)random_between(random, 0, (int)p);

        bin[p] = bin[other];
        bin[other] = (int)p;
    }
    for (size_t i = 0; i < n; i++) {
        size_t least = 0;

        for (size_t p = 1; p < m; p++)
            least = load[p] < load[least] ? p : least;
        load[least] += order[i].demand;
        made->current[order[i].vcpu] = bin[least];
    }
    free(order);
    free(load);
    free(bin);
}

static void bind_to_nodes(struct random *random, struct made_problem *made)
{
    int n = (int)made->problem.n_items, m = (int)made->problem.n_bins;
    int nodes = m < 8 ? 2 : 4;

    for (int i = 0; i < n; i++) {
        int node = random_unit(random) < 0.5 ? random_between(random, 0, nodes - 1) : -1;
        bool *allowed = &made->allowed[i * m];

        for (int p = 0; p < m; p++)
            allowed[p] = node < 0 || p * nodes / m == node;
        while (!allowed[made->current[i]])
            made->current[i] = random_between(random, 0, m - 1);
    }
    made->problem.allowed = made->allowed;
}

void made_problem_set_prices(struct random *random, struct made_problem *made)
{
    int n = (int)made->problem.n_items, m = (int)made->problem.n_bins;

    for (int i = 0; i < n; i++) {
        int price = 10 + made->demand[i] / 100 + random_between(random, 0, 4);

        for (int p = 0; p < m; p++)
            made->price[i * m + p] = p == made->current[i] ? 0 : price;
    }
}

static void set_demands(enum family family, struct random *random, int *demand, int n, int m)
{
    double mean = (double)MEAN_LOAD * m / n;

    switch (family) {
    case FAMILY_EXP:
        exponential_demands(random, demand, n, mean);
        break;
    case FAMILY_TRACE:
        skewed_demands(random, demand, n, mean);
        break;
    case FAMILY_BIM:
        bimodal_demands(random, demand, n, m);
        break;
    case FAMILY_EQ:
    case FAMILY_EQX:
        for (int i = 0; i < n; i++)
            demand[i] = (int)mean;
        break;
    case FAMILY_TRI:
    case FAMILY_HOLD:
        partitioned_demands(random, demand, n, m, 1);
        break;
    case FAMILY_IMP:
        partitioned_demands(random, demand, n, m, 20);
        for (int p = 0; p < m / 2; p++)
            demand[p * 2 % n] += 20;
        break;
    default:
        uniform_demands(random, demand, n, mean);
    }
}

/* The bins [first, end) of a guest, in eighths of all. */
struct part {
    int first, end;
};

/* Every so many guests have the same parts. */
static struct part part_of(enum family family, int guest)
{
    static const struct part ALL = {0, 8}, QUARTER = {0, 2}, SHIFTED = {1, 3}, FIRST = {0, 1},
                             SECOND = {1, 2};

    switch (family) {
    case FAMILY_CONFINED:
        return guest % 3 == 0 ? QUARTER : ALL;
    case FAMILY_EIGHTH:
        return guest % 2 == 0 ? FIRST : ALL;
    case FAMILY_OVERLAP:
        return guest % 4 == 0 ? QUARTER : guest % 4 == 1 ? SHIFTED : ALL;
    case FAMILY_APART:
        return guest % 6 == 0 ? FIRST : guest % 6 == 1 ? SECOND : ALL;
    default:
        return ALL;
    }
}

/* vCPUs of four to a guest. In an eighth of the bins half of the guests need less each, or they would
 * not fit. */
static void confine(enum family family, struct random *random, struct made_problem *made)
{
    int n = (int)made->problem.n_items, m = (int)made->problem.n_bins;

    for (int i = 0; i < n; i++) {
        struct part part = part_of(family, i / 4);
        int first = part.first * m / 8, end = part.end * m / 8;

        end = end > first ? end : first + 1;
        for (int p = 0; p < m; p++)
            made->allowed[i * m + p] = p >= first && p < end;
        if (end - first < m)
            made->current[i] = random_between(random, first, end - 1);
        if (family == FAMILY_EIGHTH && end - first < m)
            made->demand[i] = clamp(made->demand[i] * 0.375);
    }
    made->problem.allowed = made->allowed;
}

static void load_some(struct random *random, struct made_problem *made)
{
    for (size_t p = 0; p < made->problem.n_bins; p++)
        if (random_unit(random) < 1 / 3.0)
            made->background[p] = random_between(random, 50, 600);
    made->problem.background_permille = made->background;
}

static int vcpus_of(enum family family, int n, int m, uint64_t seed)
{
    struct random random = {.state = seed * 69061 + (uint64_t)m};

    switch (family) {
    case FAMILY_EQX:
        return n - m / 2;
    case FAMILY_FEW:
        return random_between(&random, m / 2, m - 1);
    case FAMILY_TWOPER:
        return random_between(&random, m + 1, 2 * m);
    case FAMILY_BESIDE:
        return random_between(&random, m + 1, m + m / 8 + 1);
    default:
        return n;
    }
}

struct made_problem family_make(enum family family, int n, int m, uint64_t seed,
                                enum placement_objective objective)
{
    int vcpus = vcpus_of(family, n, m, seed);
    struct made_problem made = made_problem_new(vcpus, m, objective);
    struct random random = {.state = seed * 1000003 + (uint64_t)n * 8191 + (uint64_t)m * 31 +
                                     (uint64_t)family};

    set_demands(family, &random, made.demand, vcpus, m);
    for (int i = 0; i < vcpus; i++)
        made.current[i] = family == FAMILY_ALL0 ? 0 : random_between(&random, 0, m - 1);
    for (int i = 0; i < vcpus && family == FAMILY_HOLD; i++)
        made.current[i] = i / (vcpus / m);
    if (family == FAMILY_NEAR || family == FAMILY_SPIKE) {
        balanced_placement(&random, &made);
        drift(&random, made.demand, vcpus, family == FAMILY_NEAR ? 0.12 : 0.09);
    }
    if (family == FAMILY_TRACE) {
        balanced_placement(&random, &made);
        wander(&random, made.demand, vcpus);
        made_problem_weigh(&made);
    }
    if (family == FAMILY_SPIKE)
        jump(&random, made.demand, vcpus);
    if (family == FAMILY_NUMA)
        bind_to_nodes(&random, &made);
    if (family == FAMILY_CONFINED || family == FAMILY_EIGHTH || family == FAMILY_OVERLAP ||
        family == FAMILY_APART)
        confine(family, &random, &made);
    if (family == FAMILY_BESIDE)
        load_some(&random, &made);
    made_problem_set_prices(&random, &made);
    return made;
}
