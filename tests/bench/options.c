/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* argp, thread CPU clock */
#include "tests/bench/options.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LIMIT = 256, INSTRUCTIONS, COUNTS, APART, WORK, DEMANDS };

static void parse_size(struct options *options, const char *arg, struct argp_state *state)
{
    struct size size;
    char end;

    if (sscanf(arg, "%dx%d%c", &size.n, &size.m, &end) != 2 || size.m < 2 || size.n < size.m)
        argp_error(state, "--size %s: two numbers, vCPUs x pCPUs, at least as many vCPUs", arg);
    else if (options->n_sizes == MAX_SIZES)
        argp_error(state, "--size: at most %d", MAX_SIZES);
    else
        options->sizes[options->n_sizes++] = size;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;
    char end;

    switch (key) {
    case 's':
        parse_size(options, arg, state);
        break;
    case 'f':
        options->family = family_by_name(arg);
        if (options->family == FAMILIES)
            argp_error(state,
                       "--family %s: uni, exp, bim, eq, eqx, tri, imp, all0, near, spike, "
                       "numa, hold, trace or another of tests/model/families.c",
                       arg);
        break;
    case 'o':
        if (strcmp(arg, "deviation") != 0 && strcmp(arg, "variance") != 0)
            argp_error(state, "--objective %s: deviation or variance", arg);
        options->objective =
            strcmp(arg, "variance") == 0 ? PLACEMENT_VARIANCE : PLACEMENT_DEVIATION;
        break;
    case 'r':
        if (sscanf(arg, "%d-%d%c", &options->first_seed, &options->last_seed, &end) != 2 ||
            options->last_seed < options->first_seed)
            argp_error(state, "--seeds %s: first-last, for example 1-5", arg);
        break;
    case LIMIT:
        options->limit_s = strtod(arg, NULL);
        if (!(options->limit_s > 0))
            argp_error(state, "--limit %s: seconds above 0", arg);
        break;
    case WORK:
        options->work = true;
        break;
    case DEMANDS:
        options->demands = arg;
        break;
    case APART:
        options->apart_points = strtod(arg, NULL);
        if (!(options->apart_points > 0 && options->apart_points <= 100))
            argp_error(state, "--apart %s: points above 0, at most 100", arg);
        break;
    case INSTRUCTIONS:
        options->instructions = true;
        break;
    case COUNTS:
        options->counts = true;
        break;
    case 'j':
        options->json = true;
        break;
    case 'q':
        options->quiet = true;
        break;
    case ARGP_KEY_ARG:
        if (!options->argument_name || options->argument)
            argp_error(state, "%s: one argument too many", arg);
        options->argument = arg;
        break;
    case ARGP_KEY_END:
        if (options->argument_name && !options->argument)
            argp_error(state, "%s is missing", options->argument_name);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option OPTIONS[] = {
    {"size", 's', "NxM", 0, "vCPUs x pCPUs; repeatable (8x4 .. 256x64)", 0},
    {"family", 'f', "F", 0, "one family of problems (all)", 0},
    {"objective", 'o', "O", 0, "deviation or variance (deviation)", 0},
    {"seeds", 'r', "A-B", 0, "first and last seed (1-5)", 0},
    {"limit", LIMIT, "S", 0, "CPU seconds per solve (2; 5 from 1024 vCPUs)", 0},
    {"apart", APART, "POINTS", 0, "guests of four vCPUs, which cost so much together (0)", 0},
    {"json", 'j', NULL, 0, "one object per size, family and objective", 0},
    {"quiet", 'q', NULL, 0, "tell no progress", 0},
    {"work", WORK, NULL, 0, "the scheduler's own limits of work instead of time", 0},
    {"demands", DEMANDS, "FILE", 0,
     "a recorded host instead: bench_plan plans one row after the other", 0},
    {"instructions", INSTRUCTIONS, NULL, 0, "count the first seed's with callgrind", 0},
    {"counts", COUNTS, NULL, 0, "one line per run of what must not depend on the machine", 0},
    {0},
};

void bench_options_parse(struct options *ret, int argc, char **argv, const char *doc,
                         const char *argument_name)
{
    const struct argp argp = {
        .options = OPTIONS, .parser = parse, .doc = doc, .args_doc = argument_name};

    *ret = (struct options){.sizes = {{8, 4}, {16, 8}, {32, 8}, {64, 16}, {128, 32}, {256, 64}},
                            .family = FAMILIES,
                            .first_seed = 1,
                            .last_seed = 5,
                            .program = argv[0],
                            .argument_name = argument_name};
    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, ret);
    ret->has_sizes = ret->n_sizes > 0;
    if (!ret->has_sizes)
        ret->n_sizes = 6;
}

double options_weight(struct size size)
{
    return (double)size.n * size.m;
}

double options_runs(const struct options *options)
{
    double families = options->family == FAMILIES ? FAMILIES : 1, sum = 0;

    for (size_t k = 0; k < options->n_sizes; k++)
        sum += options_weight(options->sizes[k]);
    return sum * families * (options->last_seed - options->first_seed + 1);
}

const char *options_objective(const struct options *options)
{
    return options->objective == PLACEMENT_DEVIATION ? "deviation" : "variance";
}

double options_limit_ms(const struct options *options, struct size size)
{
    double standard = size.n >= 1024 ? 5 : 2;

    return 1e3 * (options->limit_s > 0 ? options->limit_s : standard);
}

double cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

bool cpu_is_past(void *end_ms)
{
    return cpu_ms() > *(const double *)end_ms;
}
