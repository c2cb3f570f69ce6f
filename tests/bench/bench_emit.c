/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/certify/certify.h"
#include "models/placement/compact.h"
#include "models/placement/evaluate.h"
#include "tests/bench/options.h"
#include "tests/model/certificate.h"

/* Hands problems to other solvers: bench_emit DIR writes the compact model of each as
 * DIR/<size>-<family>-<seed>.lp and prints one JSON line per file with our own answer and its CPU
 * time. bench_emit --family F ... "-" reads placements instead, one line "bin bin bin ..." for each
 * problem in the same order, and prints their exact prices: the judge between solvers. */

static void write_lp(const char *path, const struct placement_problem *problem,
                     const struct placement_solution *solution)
{
    struct lp *lp;
    char *text;
    FILE *file = fopen(path, "w");

    if (!file || placement_compact_lp(problem, solution, &lp) < 0 || lp_text(lp, &text) < 0)
        abort();
    fputs(text, file);
    if (fclose(file) != 0)
        abort();
    free(text);
    lp_free(lp);
}

/* GLPK's word belongs to what a plan costs. */
static void certify(const struct placement_problem *problem, const struct work *limits,
                    const struct placement_solution *solution)
{
    struct certify_how how;
    struct placement_answer answer;

    certify_how_default(&how);
    how.limits.stop = limits->stop;
    how.limits.stop_arg = limits->stop_arg;
    if (certify_placement(problem, solution, &how, &answer) < 0)
        abort();
    if (answer.verdict == ANSWER_CONTRADICTS)
        fprintf(stderr, "GLPK contradicts: %s\n", answer.why);
    certify_answer_done(&answer);
}

static void emit(const struct options *options, struct size size, enum family family, int seed)
{
    struct made_problem made =
        family_make(family, size.n, size.m, (uint64_t)seed, options->objective);
    double start = cpu_ms(), end = start + options_limit_ms(options, size), ms;
    struct work limits = {.stop = cpu_is_past, .stop_arg = &end};
    struct placement_solution solution;
    const char *breach;
    char path[400];
    json_t *line;

    if (placement_solve(&made.problem, &limits, &solution) < 0)
        abort();
    certify(&made.problem, &limits, &solution);
    ms = cpu_ms() - start;
    breach = certificate_breach(&made.problem, &solution);
    snprintf(path, sizeof(path), "%s/%dx%d-%s-%d.lp", options->argument, size.n, size.m,
             family_name(family), seed);
    write_lp(path, &made.problem, &solution);
    line =
        json_pack("{ss si si ss si ss sf sf sb sf ss?}", "file", path, "vcpus", size.n, "bins",
                  size.m, "family", family_name(family), "seed", seed, "objective",
                  options_objective(options), "value", solution.objective, "bound", solution.bound,
                  "certified", solution.status == SOLVE_OPTIMAL, "ms", ms, "breach", breach);
    json_dumpf(line, stdout, JSON_REAL_PRECISION(15));
    putchar('\n');
    json_decref(line);
    placement_solution_done(&solution);
    made_problem_done(&made);
}

/* The price of the placement on the next line of standard input, by both pieces of code. */
static void judge(const struct options *options, struct size size, enum family family, int seed)
{
    struct made_problem made =
        family_make(family, size.n, size.m, (uint64_t)seed, options->objective);
    struct vcpu_reference reference = reference_new(&made.problem);
    int *bin_of = calloc(made.problem.n_items + 1, sizeof(*bin_of));
    struct placement_value price;

    if (!bin_of)
        abort();
    for (size_t v = 0; v < made.problem.n_items; v++) {
        if (scanf("%d", &bin_of[v]) != 1)
            bin_of[v] = -1;
    }
    if (placement_evaluate(&made.problem, bin_of, &price) < 0)
        abort();
    printf("%.15g %.15g %zu\n", price.objective, reference_objective(&reference, bin_of),
           price.violations);
    free(bin_of);
    reference_done(&reference);
    made_problem_done(&made);
}

int main(int argc, char **argv)
{
    struct options options;
    struct pace pace;

    bench_options_parse(&options, argc, argv,
                        "Writes problems for other solvers to DIR, or prices their placements (-).",
                        "DIR|-");
    pace_begin(&pace, argv[0], options.quiet, options_runs(&options));
    for (size_t k = 0; k < options.n_sizes; k++) {
        for (enum family family = 0; family < FAMILIES; family++) {
            if (options.family != FAMILIES && options.family != family)
                continue;
            for (int seed = options.first_seed; seed <= options.last_seed; seed++) {
                pace_clear(&pace);
                (strcmp(options.argument, "-") == 0 ? judge : emit)(&options, options.sizes[k],
                                                                    family, seed);
                pace_did(&pace, options_weight(options.sizes[k]));
            }
        }
    }
    pace_clear(&pace);
    return 0;
}
