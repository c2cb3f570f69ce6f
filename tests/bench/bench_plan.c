/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/placement/evaluate.h"
#include "planner/vcpu/settings.h"
#include "tests/bench/demands.h"
#include "tests/bench/options.h"
#include "tests/bench/solve_certified.h"
#include "tests/model/certificate.h"
#include "tests/model/families.h"

/* How fast and how provably plans are made, the search and GLPK's word on it: sizes times families
 * times seeds. Times are CPU
 * time of this thread, so that a busy machine does not matter much; counts do not depend on the
 * machine at all. Every solution passes the certificate or the benchmark fails. */

enum { MAX_RUNS = 4096, VCPUS = 4 /* of a guest */ };

struct run {
    bool is_certified;
    double gap, ms, first_ms, glpk_ms, pivots, nodes, kcells, sigma_before, sigma_after, moves;
};

struct series {
    struct run runs[MAX_RUNS];
    size_t n;
};

/* ---- One run ---- */

/* Time until there is a plan at all: what a solve without any work left for proofs takes. */
static double first_plan_ms(const struct placement_problem *problem)
{
    struct work none = {.max_evaluations = 1, .max_kcells = 1, .max_pivots = 1, .max_nodes = 1};
    struct placement_solution solution;
    double start = cpu_ms();

    if (placement_solve(problem, &none, &solution) < 0)
        abort();
    start = cpu_ms() - start;
    placement_solution_done(&solution);
    return start;
}

static struct work limits_of(const struct options *options, double *end_ms)
{
    struct vcpu_settings settings;

    if (!options->work)
        return (struct work){.stop = cpu_is_past, .stop_arg = end_ms};
    vcpu_settings_default(&settings);
    return settings.limits;
}

/* plan [n_items] gets the placement, where it is not NULL. */
static struct run measure(const struct options *options, const struct placement_problem *problem,
                          double limit, int *plan, const char **ret_breach)
{
    struct run run = {.first_ms = first_plan_ms(problem)};
    double start = cpu_ms(), end = start + limit;
    struct work limits = limits_of(options, &end);
    struct placement_solution solution;
    struct placement_value price;

    *ret_breach = solve_certified(problem, &limits, &solution, &run.glpk_ms);
    run.ms = cpu_ms() - start;
    if (!*ret_breach)
        *ret_breach = certificate_breach(problem, &solution);
    run.is_certified = solution.status == SOLVE_OPTIMAL;
    run.gap = solution.gap;
    run.pivots = (double)solution.work.pivots;
    run.nodes = (double)solution.work.nodes;
    run.kcells = (double)solution.work.kcells;
    run.sigma_before = placement_sigma_pct(problem, problem->current);
    run.sigma_after = placement_sigma_pct(problem, solution.bin_of);
    if (placement_evaluate(problem, solution.bin_of, &price) < 0)
        abort();
    run.moves = (double)price.moves;
    if (plan)
        memcpy(plan, solution.bin_of, problem->n_items * sizeof(*plan));
    placement_solution_done(&solution);
    return run;
}

/* ---- Statistics ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of the doubles at this offset of each run: the least value that a share of them does not
 * exceed. */
static double quantile(const struct series *series, size_t offset, double share)
{
    double values[MAX_RUNS] = {0};
    size_t rank = (size_t)ceil(share * (double)series->n);

    for (size_t k = 0; k < series->n; k++)
        memcpy(&values[k], (const char *)&series->runs[k] + offset, sizeof(double));
    qsort(values, series->n, sizeof(double), ascending);
    return values[rank > 0 ? rank - 1 : 0];
}

#define QUANTILE(series, field, share) quantile(series, offsetof(struct run, field), share)
#define MEDIAN(series, field) QUANTILE(series, field, 0.5)

static size_t certified(const struct series *series)
{
    size_t n = 0;

    for (size_t k = 0; k < series->n; k++)
        n += series->runs[k].is_certified;
    return n;
}

/* ---- Instructions ---- */

/* Counted by callgrind on the first seed, in a process of its own. 0: no valgrind. */
static double count_instructions(const struct options *options, struct size size,
                                 enum family family)
{
    char command[600], line[400];
    double count = 0;
    FILE *out;

    snprintf(command, sizeof(command),
             "valgrind --tool=callgrind --callgrind-out-file=/dev/null "
             "--toggle-collect=placement_solve %s --size %dx%d --family %s --objective %s "
             "--seeds %d-%d --limit 600 2>&1",
             options->program, size.n, size.m, family_name(family), options_objective(options),
             options->first_seed, options->first_seed);
    out = popen(command, "r");
    while (out && fgets(line, sizeof(line), out)) {
        const char *at = strstr(line, "Collected : ");

        if (at)
            count = strtod(at + strlen("Collected : "), NULL);
    }
    if (out)
        pclose(out);
    return count;
}

/* ---- Output ---- */

static void print_json(const struct options *options, struct size size, const char *family,
                       const struct series *s, double instructions)
{
    char text[40];
    json_t *line;

    snprintf(text, sizeof(text), "%dx%d", size.n, size.m);
    line = json_pack("{ss ss ss si si sf sf sf sf sf sf sf sf sf sf sf sf sf}", "size", text,
                     "family", family, "objective", options_objective(options), "runs", (int)s->n,
                     "certified", (int)certified(s), "gap_p50", MEDIAN(s, gap), "gap_max",
                     QUANTILE(s, gap, 1), "ms_p50", MEDIAN(s, ms), "ms_p90", QUANTILE(s, ms, 0.9),
                     "ms_max", QUANTILE(s, ms, 1), "first_plan_ms_p50", MEDIAN(s, first_ms),
                     "glpk_ms_p50", MEDIAN(s, glpk_ms), "pivots_p50", MEDIAN(s, pivots),
                     "nodes_p50", MEDIAN(s, nodes), "cells_p50", 1e3 * MEDIAN(s, kcells),
                     "sigma_before", MEDIAN(s, sigma_before), "sigma_after", MEDIAN(s, sigma_after),
                     "moves_p50", MEDIAN(s, moves));
    if (options->instructions)
        json_object_set_new(line, "instructions", json_real(instructions));
    json_dumpf(line, stdout, JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(line);
}

static void print_header(const struct options *options)
{
    printf("%-9s %-8s %5s %6s %8s %8s %9s %9s %9s %8s %8s %7s %6s %8s %7s %7s %6s%s\n", "size",
           "family", "runs", "cert %", "gap p50%", "gap max%", "ms p50", "ms p90", "ms max",
           "first ms", "glpk ms", "pivots", "nodes", "Mcells", "sigma", "after", "moves",
           options->instructions ? "  Minstr" : "");
}

static void print_row(struct size size, const char *family, const struct series *s,
                      double instructions)
{
    char text[40];

    snprintf(text, sizeof(text), "%dx%d", size.n, size.m);
    printf("%-9s %-8s %5zu %6.1f %8.3f %8.3f %9.3f %9.3f %9.3f %8.3f %8.3f %7.0f %6.0f %8.2f %7.2f "
           "%7.2f %6.0f",
           text, family, s->n, 100.0 * (double)certified(s) / (double)s->n, 100 * MEDIAN(s, gap),
           100 * QUANTILE(s, gap, 1), MEDIAN(s, ms), QUANTILE(s, ms, 0.9), QUANTILE(s, ms, 1),
           MEDIAN(s, first_ms), MEDIAN(s, glpk_ms), MEDIAN(s, pivots), MEDIAN(s, nodes),
           1e-3 * MEDIAN(s, kcells), MEDIAN(s, sigma_before), MEDIAN(s, sigma_after),
           MEDIAN(s, moves));
    if (instructions > 0)
        printf(" %8.1f", 1e-6 * instructions);
    putchar('\n');
    fflush(stdout);
}

static void print_series(const struct options *options, struct size size, enum family family,
                         const struct series *series)
{
    double instructions = options->instructions ? count_instructions(options, size, family) : 0;

    if (options->json)
        print_json(options, size, family_name(family), series, instructions);
    else
        print_row(size, family_name(family), series, instructions);
}

/* ---- The benchmark ---- */

static void append(struct series *series, const struct run *run)
{
    if (series->n < MAX_RUNS)
        series->runs[series->n++] = *run;
}

static struct made_problem make_problem(const struct options *options, struct size size,
                                        enum family family, int seed)
{
    struct made_problem made =
        family_make(family, size.n, size.m, (uint64_t)seed, options->objective);

    if (options->apart_points > 0)
        made_problem_group(&made, VCPUS, (int)ceil(options->apart_points * made.problem.kappa));
    return made;
}

/* Everything about a solution that another machine or compiler has to reproduce. */
static void print_counts(const struct options *options, struct size size, enum family family,
                         int seed)
{
    struct made_problem made = make_problem(options, size, family, seed);
    /* A tenth of the scheduler's cells: work counts alike everywhere, time does not. */
    const struct work limits = {.max_kcells = 40000, .max_pivots = 20000, .max_nodes = 5000};
    struct placement_solution solution;
    unsigned long long places = 0;

    if (placement_solve(&made.problem, &limits, &solution) < 0)
        abort();
    for (size_t v = 0; v < solution.n_items; v++)
        places = places * 1000003 + (unsigned)solution.bin_of[v];
    printf("%dx%d %s %d %s: %.17g %.17g %s, %lld bounds, %lld kcells, %lld pivots, %lld nodes, "
           "plan %llx\n",
           size.n, size.m, family_name(family), seed, options_objective(options),
           solution.objective, solution.bound, placement_method_text(solution.method),
           (long long)solution.work.evaluations, (long long)solution.work.kcells,
           (long long)solution.work.pivots, (long long)solution.work.nodes, places);
    placement_solution_done(&solution);
    made_problem_done(&made);
}

static bool bench_family(const struct options *options, struct size size, enum family family,
                         struct series *all)
{
    struct series *series = calloc(1, sizeof(*series));
    bool is_fine = true;

    if (!series)
        abort();
    for (int seed = options->first_seed; seed <= options->last_seed && options->counts; seed++) {
        pace_clear(options->pace);
        print_counts(options, size, family, seed);
        pace_did(options->pace, options_weight(size));
    }
    for (int seed = options->first_seed; seed <= options->last_seed && !options->counts; seed++) {
        struct made_problem made = make_problem(options, size, family, seed);
        const char *breach = NULL;
        struct run run =
            measure(options, &made.problem, options_limit_ms(options, size), NULL, &breach);

        append(series, &run);
        append(all, &run);
        pace_did(options->pace, options_weight(size));
        if (breach) {
            fprintf(stderr, "%dx%d %s seed %d: %s\n", size.n, size.m, family_name(family), seed,
                    breach);
            is_fine = false;
        }
        made_problem_done(&made);
    }
    pace_clear(options->pace);
    if (!options->counts)
        print_series(options, size, family, series);
    fflush(stdout);
    pace_did(options->pace, 0);
    free(series);
    return is_fine;
}

/* Row after row, from the plan that was made for the one before; the first from a placement that
 * knows nothing of loads. */
static bool bench_demands(const struct options *options)
{
    struct demands demands = demands_read(options->demands);
    struct size size = {demands.n, demands.m};
    struct series *series = calloc(1, sizeof(*series));
    struct random random = {.state = 1};
    bool is_fine = true;

    if (!series)
        abort();
    for (int row = 0, *plan = NULL; row < demands.n_rows; row++) {
        struct made_problem made = made_problem_new(size.n, size.m, options->objective);
        const char *breach = NULL;
        struct run run;

        for (int i = 0; i < size.n; i++) {
            made.demand[i] = demands.permille[row * size.n + i];
            made.current[i] = plan ? plan[i] : i % size.m;
        }
        made_problem_weigh(&made);
        made_problem_set_prices(&random, &made);
        if (options->apart_points > 0)
            made_problem_group(&made, VCPUS, (int)ceil(options->apart_points * made.problem.kappa));
        if (!plan && !(plan = calloc((size_t)size.n, sizeof(*plan))))
            abort();
        run = measure(options, &made.problem, options_limit_ms(options, size), plan, &breach);
        append(series, &run);
        if (breach)
            fprintf(stderr, "%s row %d: %s\n", options->demands, row + 1, breach);
        is_fine = is_fine && !breach;
        made_problem_done(&made);
        options->pace->total = demands.n_rows;
        pace_did(options->pace, 1);
        if (row + 1 == demands.n_rows)
            free(plan);
    }
    pace_clear(options->pace);
    print_row(size, "file", series, 0);
    free(demands.permille);
    free(series);
    return is_fine;
}

static bool bench_size(const struct options *options, struct size size)
{
    struct series *all = calloc(1, sizeof(*all));
    bool is_single = options->family != FAMILIES, is_fine = true;
    enum family family = is_single ? options->family : 0;

    if (!all)
        abort();
    do {
        is_fine = bench_family(options, size, family, all) && is_fine;
    } while (!is_single && ++family < FAMILIES);
    pace_clear(options->pace);
    if (!options->json && !options->counts && !is_single)
        print_row(size, "all", all, 0);
    free(all);
    return is_fine;
}

int main(int argc, char **argv)
{
    struct options options;
    bool is_fine = true;
    struct pace pace;

    bench_options_parse(&options, argc, argv, "Measures how fast and how provably plans are made.",
                        NULL);
    pace_begin(&pace, argv[0], options.quiet, options_runs(&options));
    options.pace = &pace;
    if (!options.json && !options.counts)
        print_header(&options);
    if (options.demands)
        return bench_demands(&options) ? 0 : 1;
    for (size_t k = 0; k < options.n_sizes; k++)
        is_fine = bench_size(&options, options.sizes[k]) && is_fine;
    return is_fine ? 0 : 1;
}
