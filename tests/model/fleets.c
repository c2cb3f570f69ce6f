/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/model/fleets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/tiny.h"

enum { MEAN_LOAD = 600, MOST_LOAD = 400, GRAIN = 512, ATTEMPTS = 400 };

static const char *const NAMES[] = {
    [FLEET_RET] = "ret",   [FLEET_GROW] = "grow", [FLEET_DRIFT] = "drift", [FLEET_TIGHT] = "tight",
    [FLEET_UNEQ] = "uneq", [FLEET_AFF] = "aff",   [FLEET_ODD] = "odd",     [FLEET_FAMILIES] = ""};

const char *fleet_family_name(enum fleet_family family)
{
    return NAMES[family];
}

enum fleet_family fleet_family_by_name(const char *name)
{
    enum fleet_family family = 0;

    while (family < FLEET_FAMILIES && strcmp(NAMES[family], name) != 0)
        family++;
    return family;
}

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);

    if (!p)
        abort();
    return p;
}

static struct made_fleet fleet_new(struct made_problem made, size_t rooms, size_t sets)
{
    size_t n = made.problem.n_items, m = made.problem.n_bins;
    struct made_fleet fleet = {.made = made,
                               .problem = made.problem,
                               .size = zeroed(n * rooms, sizeof(int)),
                               .room = zeroed(m * rooms, sizeof(int)),
                               .apart_first = zeroed(sets + 1, sizeof(int)),
                               .apart_item = zeroed(sets * n, sizeof(int))};

    fleet.problem.n_rooms = rooms;
    fleet.problem.size = fleet.size;
    fleet.problem.room = fleet.room;
    fleet.problem.n_apart = sets;
    fleet.problem.apart_first = fleet.apart_first;
    fleet.problem.apart_item = fleet.apart_item;
    return fleet;
}

void made_fleet_done(struct made_fleet *fleet)
{
    made_problem_done(&fleet->made);
    free(fleet->size);
    free(fleet->room);
    free(fleet->apart_first);
    free(fleet->apart_item);
}

/* ---- Guests and hosts ---- */

struct drawing {
    struct random *random;
    struct made_fleet *fleet;
    enum fleet_family family;
    int n, m;
    double fill;
    int64_t *load, *used; /* [m] */
    int *order;           /* [n] */
    int *half;            /* [n] of the hosts: 0, 1, or -1 for both */
};

static int draw(struct random *random, const int *values, const int *weights, int n)
{
    int all = 0, k = 0, drawn;

    for (int z = 0; z < n; z++)
        all += weights[z];
    drawn = random_between(random, 0, all - 1);
    while (drawn >= weights[k])
        drawn -= weights[k++];
    return values[k];
}

/* Sizes, and loads that add up to 60 % of all hosts. */
static void draw_guests(struct drawing *d)
{
    static const int large[] = {1024, 2048, 4096, 8192, 16384, 24576}, many[] = {2, 3, 4, 3, 2, 1};
    static const int small[] = {512, 1024, 2048, 4096, 8192}, few[] = {3, 4, 4, 2, 1};
    static const int cpus[] = {1, 2, 4, 8, 16}, wants[] = {2, 4, 4, 2, 1};
    static const int used[] = {10, 20, 30, 50, 80, 100}, evenly[] = {1, 1, 1, 1, 1, 1};
    double *wanted = zeroed((size_t)d->n, sizeof(double)), sum = 0;

    for (int i = 0; i < d->n; i++) {
        int part = draw(d->random, used, evenly, 6) * random_between(d->random, 700, 1300);

        d->fleet->size[i] =
            d->n < 10 * d->m ? draw(d->random, large, many, 6) : draw(d->random, small, few, 5);
        if (d->family == FLEET_ODD)
            d->fleet->size[i] += random_between(d->random, 17, 399);
        wanted[i] = draw(d->random, cpus, wants, 5) * (double)part;
        sum += wanted[i];
    }
    for (int i = 0; i < d->n; i++) {
        double load = wanted[i] / sum * MEAN_LOAD * d->m;

        d->fleet->made.demand[i] = (int)fmin(MOST_LOAD, fmax(1, nearbyint(load)));
    }
    free(wanted);
}

/* Memory in whole grains, in proportion to the CPUs unless they are uneven. */
static void draw_hosts(struct drawing *d)
{
    static const int cpus[] = {500, 1000, 2000}, memory[] = {750, 1000, 1500}, evenly[] = {1, 1, 1};
    double sum = 0, weights = 0, *weight = zeroed((size_t)d->m, sizeof(double));

    for (int i = 0; i < d->n; i++)
        sum += d->fleet->size[i];
    for (int p = 0; p < d->m; p++) {
        int *capacity = &d->fleet->made.capacity[p];

        *capacity = d->family == FLEET_UNEQ ? draw(d->random, cpus, evenly, 3) : 1000;
        weight[p] =
            *capacity * (d->family == FLEET_UNEQ ? draw(d->random, memory, evenly, 3) / 1000.0 : 1);
        weights += weight[p];
    }
    for (int p = 0; p < d->m; p++)
        d->fleet->room[p] = (int)(sum / d->fill * weight[p] / weights) / GRAIN * GRAIN + GRAIN;
    if (d->family == FLEET_UNEQ)
        d->fleet->problem.capacity_permille = d->fleet->made.capacity;
    free(weight);
}

static void shuffle(struct random *random, int *order, int n)
{
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        int j = random_between(random, 0, i), swap = order[i];

        order[i] = order[j];
        order[j] = swap;
    }
}

/* Two fifths are apart in twos and threes, three tenths bound. */
static void draw_rules(struct drawing *d)
{
    struct made_fleet *fleet = d->fleet;
    int sets = 0, at = 0;

    shuffle(d->random, d->order, d->n);
    for (int i = 0; i < d->n; i++)
        d->half[i] = -1;
    if (d->family != FLEET_AFF)
        return;
    while (at + 3 < d->n * 2 / 5) {
        int members = random_between(d->random, 0, 2) ? 2 : 3;

        for (int k = 0; k < members; k++)
            fleet->apart_item[at + k] = d->order[at + k];
        at += members;
        fleet->apart_first[++sets] = at;
    }
    fleet->problem.n_apart = (size_t)sets;
    for (int k = d->n * 6 / 10; k < d->n * 9 / 10; k++)
        d->half[d->order[k]] = random_between(d->random, 0, 1);
    for (int i = 0; i < d->n; i++)
        for (int p = 0; p < d->m; p++)
            fleet->made.allowed[i * d->m + p] = d->half[i] < 0 || p % 2 == d->half[i];
    fleet->problem.allowed = fleet->made.allowed;
}

/* ---- Where they are ---- */

static bool may_be(const struct drawing *d, int i, int p)
{
    const struct made_fleet *fleet = d->fleet;

    if (d->used[p] + fleet->size[i] > fleet->room[p] || (d->half[i] >= 0 && p % 2 != d->half[i]))
        return false;
    for (size_t s = 0; s < fleet->problem.n_apart; s++) {
        bool is_member = false, is_there = false;

        for (int k = fleet->apart_first[s]; k < fleet->apart_first[s + 1]; k++) {
            is_member |= fleet->apart_item[k] == i;
            is_there |= fleet->made.current[fleet->apart_item[k]] == p;
        }
        if (is_member && is_there)
            return false;
    }
    return true;
}

/* How much the guest likes the host: the emptiest, or any of two with more room. */
static double liking(const struct drawing *d, int p)
{
    double room = 1 - (double)d->used[p] / d->fleet->room[p];
    double load = (double)d->load[p] / d->fleet->made.capacity[p];

    switch (d->family) {
    case FLEET_RET:
    case FLEET_GROW:
        return -load + 0.02 * random_unit(d->random);
    case FLEET_TIGHT:
        return room + 0.15 * random_unit(d->random);
    default:
        return random_unit(d->random) < 2.0 / d->m ? 1 + room : random_unit(d->random);
    }
}

static bool place_all(struct drawing *d)
{
    int *size = d->fleet->size, *home = d->fleet->made.current;
    int hosts = d->family == FLEET_RET ? d->m - 1 : d->m;

    memset(d->load, 0, (size_t)d->m * sizeof(int64_t));
    memset(d->used, 0, (size_t)d->m * sizeof(int64_t));
    shuffle(d->random, d->order, d->n);
    for (int i = 0; i < d->n; i++)
        home[i] = -1;
    for (int k = 1; k < d->n; k++) /* the largest first */
        for (int z = k; z > 0 && size[d->order[z]] > size[d->order[z - 1]]; z--) {
            int swap = d->order[z];

            d->order[z] = d->order[z - 1];
            d->order[z - 1] = swap;
        }
    for (int k = 0; k < d->n; k++) {
        int i = d->order[k], best = -1;
        double most = 0;

        for (int p = 0; p < hosts; p++) {
            double here = may_be(d, i, p) ? liking(d, p) : -INFINITY;

            if (here > -INFINITY && (best < 0 || here > most)) {
                most = here;
                best = p;
            }
        }
        if (best < 0)
            return false;
        home[i] = best;
        d->load[best] += d->fleet->made.demand[i];
        d->used[best] += size[i];
    }
    return true;
}

/* More memory until everybody has a place. */
static void place(struct drawing *d)
{
    for (int attempt = 1; !place_all(d); attempt++) {
        if (attempt == ATTEMPTS)
            abort();
        for (int p = 0; p < d->m && attempt % 20 == 0; p++)
            d->fleet->room[p] += GRAIN;
    }
}

/* What has changed since. */
static void drift(struct drawing *d)
{
    int *demand = d->fleet->made.demand;

    shuffle(d->random, d->order, d->n);
    for (int i = 0; i < d->n; i++) {
        double by = 0.6 + 0.8 * random_unit(d->random);

        if (d->family == FLEET_RET)
            by = 1;
        if (d->family == FLEET_GROW)
            by = d->order[i] < (d->n < 20 ? 2 : d->n / 10) ? 1.5 + 1.5 * random_unit(d->random) : 1;
        demand[i] = (int)fmin(MOST_LOAD, fmax(1, demand[i] * by));
    }
}

static void set_prices(struct made_fleet *fleet)
{
    int n = (int)fleet->problem.n_items, m = (int)fleet->problem.n_bins, sum = 0;

    for (int i = 0; i < n; i++) {
        int price = 1 + fleet->size[i] / 1024;

        sum += price;
        for (int p = 0; p < m; p++)
            fleet->made.price[i * m + p] = p == fleet->made.current[i] ? 0 : price;
    }
    fleet->problem.kappa = (int)fmax(2, nearbyint(0.04 * m * sum / n));
}

struct made_fleet fleet_make(enum fleet_family family, int hosts, int guests, uint64_t seed)
{
    static const double fill[] = {
        [FLEET_RET] = .72,  [FLEET_GROW] = .75, [FLEET_DRIFT] = .80, [FLEET_TIGHT] = .95,
        [FLEET_UNEQ] = .80, [FLEET_AFF] = .75,  [FLEET_ODD] = .85};
    struct random random = {.state = seed * 7919 + (uint64_t)family * 104729 + (uint64_t)guests};
    struct made_fleet fleet =
        fleet_new(made_problem_new(guests, hosts, PLACEMENT_DEVIATION), 1, (size_t)guests);
    struct drawing d = {.random = &random,
                        .fleet = &fleet,
                        .family = family,
                        .n = guests,
                        .m = hosts,
                        .fill = fill[family],
                        .load = zeroed((size_t)hosts, sizeof(int64_t)),
                        .used = zeroed((size_t)hosts, sizeof(int64_t)),
                        .order = zeroed((size_t)guests, sizeof(int)),
                        .half = zeroed((size_t)guests, sizeof(int))};

    fleet.problem.n_apart = 0;
    draw_guests(&d);
    draw_hosts(&d);
    draw_rules(&d);
    place(&d);
    drift(&d);
    set_prices(&fleet);
    free(d.load);
    free(d.used);
    free(d.order);
    free(d.half);
    return fleet;
}

/* ---- Tiny ones ---- */

struct made_fleet fleet_make_tiny(uint64_t seed, enum placement_objective objective)
{
    struct random random = {.state = seed * 6007 + (uint64_t)objective};
    struct made_problem made = tiny_make(seed, objective);
    int n = (int)made.problem.n_items, m = (int)made.problem.n_bins, at = 0;
    int rooms = random_between(&random, 0, 2), sets = random_between(&random, rooms ? 0 : 1, 3);
    struct made_fleet fleet = fleet_new(made, (size_t)rooms, (size_t)sets);

    for (int r = 0; r < rooms; r++) {
        int grain = random_between(&random, 0, 1) ? 1 : 256, sum = 0;

        for (int i = 0; i < n; i++)
            sum += fleet.size[i * rooms + r] = grain * random_between(&random, 0, 20);
        for (int p = 0; p < m; p++)
            fleet.room[p * rooms + r] = sum / m * random_between(&random, 85, 180) / 100 + grain;
    }
    for (int s = 0; s < sets; s++) {
        for (int i = 0; i < n; i++)
            if (random_between(&random, 0, 4) == 0)
                fleet.apart_item[at++] = i;
        fleet.apart_first[s + 1] = at;
    }
    return fleet;
}
