/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/topology_guests.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/placement/problem.h"
#include "tests/bench/solve_certified.h"
#include "tests/model/certificate.h"
#include "tests/model/random.h"

/* Guests of 1 to 8 vCPUs with evenly spread demands that load the caches to 60 %. Demand is counted in
 * permille of a cache. */

static const double load = 0.6, limit_ms = 3000;
/* Of a guest's demand, what it loses with all its memory on another node at distance 32; and pCPUs
 * that are lost to waiting by a point of deviation on a cache of 16. */
static const double remote_cost = 0.3, lost_per_point = 0.02;
enum { PCPUS = 16, MOST_SEEDS = 100, VCPU_PRICE = 10 };

/* Where guests are before: all float; where they were balanced some time ago; the same, and a tenth
 * has nine tenths of its memory on another node. */
enum before { FLOAT, DRIFTED, REMOTE, BEFORES };
static const char *const before_names[BEFORES] = {"float", "drifted", "remote"};

struct host {
    int n_nodes, n_caches, n_guests; /* caches of a node */
};
static const struct host hosts[] = {{2, 8, 96}, {1, 12, 200}, {2, 12, 400}, {8, 3, 300}};
enum { N_HOSTS = sizeof(hosts) / sizeof(hosts[0]) };

struct guest {
    int n_vcpus, home;
    double demand, remote; /* in pCPUs; share of its memory that is not on its home's node */
};

struct case_run {
    bool is_certified;
    double ms, gap, moves;
};

/* ---- Making a case ---- */

static void *zeroed(size_t n, size_t size)
{
    void *array = calloc(n, size);

    if (!array)
        abort();
    return array;
}

static int emptiest(const double *loads, int n)
{
    int best = 0;

    for (int p = 1; p < n; p++)
        best = loads[p] < loads[best] ? p : best;
    return best;
}

static struct guest *make_guests(const struct host *host, enum before before, struct random *random)
{
    static const int sizes[] = {1, 2, 2, 4, 4, 8};
    int m = host->n_nodes * host->n_caches;
    struct guest *guests = zeroed((size_t)host->n_guests, sizeof(*guests));
    double *loads = zeroed((size_t)m, sizeof(*loads)), sum = 0;

    for (int i = 0; i < host->n_guests; i++) {
        guests[i].n_vcpus = sizes[random_between(random, 0, 5)];
        guests[i].demand = guests[i].n_vcpus * (0.05 + 0.9 * random_unit(random));
        sum += guests[i].demand;
    }
    for (int i = 0; i < host->n_guests; i++) {
        struct guest *guest = &guests[i];

        guest->demand = fmin(guest->demand * load * PCPUS * m / sum, guest->n_vcpus);
        guest->home = emptiest(loads, m);
        loads[guest->home] += guest->demand;
        if (before == FLOAT)
            continue;
        if (random_unit(random) < 1 / 16.0)
            guest->demand = guest->n_vcpus * random_unit(random);
        else
            guest->demand *= 0.88 + 0.24 * random_unit(random);
        guest->demand = fmin(guest->demand, guest->n_vcpus);
        guest->remote = before == REMOTE && random_unit(random) < 0.1 ? 0.9 : 0;
    }
    free(loads);
    return guests;
}

/* Everything in one place, to be freed together. */
struct made {
    struct placement_problem problem;
    int *demand, *current, *price;
};

/* What it costs to have a guest in a cache: the move, and memory that is far from there then. */
static int price_of(const struct host *host, const struct guest *guest, enum before before,
                    int cache, int kappa)
{
    bool is_home_node = cache / host->n_caches == guest->home / host->n_caches;
    double far = is_home_node ? guest->remote : 1 - guest->remote, move;

    if (before == FLOAT)
        return cache == guest->home ? 0 : 3 * guest->n_vcpus;
    move = VCPU_PRICE * (guest->n_vcpus + guest->demand) / 3 * (is_home_node ? 1 : 2);
    far *= before == REMOTE ? guest->demand * remote_cost / lost_per_point : 0;
    return (int)lround(kappa * far + (cache == guest->home ? 0 : move));
}

/* Away from its memory a guest pays for staying, too. */
static void set_prices(const struct host *host, const struct guest *guest, enum before before,
                       int kappa, int *current, int *row)
{
    int m = host->n_nodes * host->n_caches, least = INT32_MAX;

    for (int p = 0; p < m; p++) {
        row[p] = price_of(host, guest, before, p, kappa);
        least = row[p] < least ? row[p] : least;
    }
    for (int p = 0; p < m; p++)
        row[p] = row[p] - least > 1000 ? 1000 : row[p] - least;
    *current = before != FLOAT ? guest->home : -1;
}

static struct made make(const struct host *host, enum before before, const struct guest *guests)
{
    size_t n = (size_t)host->n_guests, m = (size_t)host->n_nodes * (size_t)host->n_caches;
    int kappa = (int)fmax(4, fmin(2 * ((double)m - 3), 20 + 0.4 * (double)m));
    struct made made = {.demand = zeroed(n, sizeof(int)),
                        .current = zeroed(n, sizeof(int)),
                        .price = zeroed(n * m, sizeof(int))};

    for (size_t i = 0; i < n; i++) {
        made.demand[i] = (int)fmin(round(guests[i].demand * 1000 / PCPUS), 1000);
        set_prices(host, &guests[i], before, kappa, &made.current[i], &made.price[i * m]);
    }
    made.problem = (struct placement_problem){.n_items = n,
                                              .n_bins = m,
                                              .demand_permille = made.demand,
                                              .current = made.current,
                                              .price = made.price,
                                              .objective = PLACEMENT_DEVIATION,
                                              .kappa = kappa};
    return made;
}

static void made_done(struct made *made)
{
    free(made->demand);
    free(made->current);
    free(made->price);
}

/* ---- Measuring ---- */

static struct case_run run(const struct host *host, enum before before, int seed,
                           const struct options *options, const char **ret_breach)
{
    struct random random = {(uint64_t)seed};
    struct guest *guests = make_guests(host, before, &random);
    struct made made = make(host, before, guests);
    double start = cpu_ms(),
           end = start + (options->limit_s > 0 ? 1e3 * options->limit_s : limit_ms), glpk_ms;
    struct work limits = {.stop = cpu_is_past, .stop_arg = &end};
    struct placement_solution solution;
    struct case_run result = {0};

    *ret_breach = solve_certified(&made.problem, &limits, &solution, &glpk_ms);
    result.ms = cpu_ms() - start;
    if (!*ret_breach)
        *ret_breach = certificate_breach(&made.problem, &solution);
    result.is_certified = solution.status == SOLVE_OPTIMAL;
    result.gap = solution.gap;
    for (int i = 0; i < host->n_guests && before != FLOAT; i++)
        result.moves += solution.bin_of[i] != guests[i].home;
    placement_solution_done(&solution);
    made_done(&made);
    free(guests);
    return result;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print(const struct host *host, enum before before, const struct options *options, int n,
                  int n_certified, double *ms, double gap, double moves)
{
    double p50 = ms[(n - 1) / 2], p90 = ms[(9 * n + 9) / 10 - 1], most = ms[n - 1];
    int m = host->n_nodes * host->n_caches;

    if (!options->json) {
        printf("| %d on %d x %d | %s | %d of %d | %.1f | %.1f | %.1f | %.2f %% | %.1f |\n",
               host->n_guests, host->n_nodes, host->n_caches, before_names[before], n_certified, n,
               p50, p90, most, 100 * gap, moves);
    } else {
        json_t *line = json_pack(
            "{si si si ss si si sf sf sf sf sf}", "guests", host->n_guests, "caches", m, "nodes",
            host->n_nodes, "before", before_names[before], "runs", n, "certified", n_certified,
            "ms_p50", p50, "ms_p90", p90, "ms_max", most, "gap_max", gap, "moves", moves);

        json_dumpf(line, stdout, JSON_REAL_PRECISION(6));
        putchar('\n');
        json_decref(line);
    }
    fflush(stdout);
}

static bool bench_case(const struct host *host, enum before before, const struct options *options)
{
    double ms[MOST_SEEDS] = {0}, gap = 0, moves = 0;
    int n = 0, n_certified = 0;
    bool is_fine = true;

    for (int seed = options->first_seed; seed <= options->last_seed && n < MOST_SEEDS; seed++) {
        const char *breach;
        struct case_run one = run(host, before, seed, options, &breach);

        pace_did(options->pace, host->n_guests);
        ms[n++] = one.ms;
        n_certified += one.is_certified;
        gap = fmax(gap, one.gap);
        moves += one.moves;
        if (breach)
            fprintf(stderr, "%d guests, %s, seed %d: %s\n", host->n_guests, before_names[before],
                    seed, breach);
        is_fine = is_fine && !breach;
    }
    qsort(ms, (size_t)n, sizeof(*ms), ascending);
    pace_clear(options->pace);
    print(host, before, options, n, n_certified, ms, gap, moves / n);
    pace_did(options->pace, 0);
    return is_fine;
}

static bool is_asked(const struct options *options, const struct host *host)
{
    for (size_t k = 0; k < options->n_sizes; k++) {
        if (options->sizes[k].n == host->n_guests &&
            options->sizes[k].m == host->n_nodes * host->n_caches)
            return true;
    }
    return !options->has_sizes;
}

static bool is_played(const struct options *options, const struct host *host, enum before before)
{
    return is_asked(options, host) && (host->n_nodes > 1 || before != REMOTE);
}

bool topology_guests(const struct options *options)
{
    bool is_fine = true;

    options->pace->total = 0;
    for (size_t h = 0; h < N_HOSTS; h++)
        for (enum before before = 0; before < BEFORES; before++)
            if (is_played(options, &hosts[h], before))
                options->pace->total +=
                    (double)hosts[h].n_guests * (options->last_seed - options->first_seed + 1);

    if (!options->json)
        puts("| guests on nodes x caches | before | certified | ms p50 | p90 | most | largest gap "
             "| guests moved |\n|---|---|---|---|---|---|---|---|");
    for (size_t h = 0; h < N_HOSTS; h++)
        for (enum before before = 0; before < BEFORES; before++)
            if (is_played(options, &hosts[h], before))
                is_fine = bench_case(&hosts[h], before, options) && is_fine;
    pace_clear(options->pace);
    return is_fine;
}
