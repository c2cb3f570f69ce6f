/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* argp */
#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/vcpu/check.h"
#include "tests/bench/memory_traces.h"
#include "tests/bench/outcome.h"
#include "tests/bench/pace.h"
#include "tests/bench/trace_host.h"
#include "tests/bench/trace_kernel.h"
#include "tests/bench/trace_rules.h"

/* The scheduler and rules of thumb on recorded load. A plan made from one interval is in force during
 * the next. All see the same demand; the rules know what can be known from outside. */

enum { WARM_UP = 60, COUNTED = 200, MINUTE_S = 60, MAX_FILES = 64 };

enum kind {
    NEVER,
    FLOATING,
    FUTURE,
    LONGEST_FIRST,
    MINUTES,
    HYSTERESIS,
    REPEATED,
    PRODUCT,
    KERNEL,
    KERNEL_PRODUCT
};

struct policy {
    const char *name;
    enum kind kind;
    enum placement_objective objective;
    bool is_auto; /* the product's level; it then begins with everybody floating */
};
static const struct policy POLICIES[] = {
    {"never", NEVER, 0, false},
    {"floating", FLOATING, 0, false},
    {"longest first, knows the future", FUTURE, 0, false},
    {"longest first", LONGEST_FIRST, 0, false},
    {"longest first, by the minute", MINUTES, 0, false},
    {"hysteresis, one move", HYSTERESIS, 0, false},
    {"hysteresis, repeated", REPEATED, 0, false},
    {"product pcpu", PRODUCT, PLACEMENT_DEVIATION, false},
    {"product pcpu, variance", PRODUCT, PLACEMENT_VARIANCE, false},
    {"product auto", PRODUCT, PLACEMENT_DEVIATION, true},
    {"product auto, variance", PRODUCT, PLACEMENT_VARIANCE, true},
    {"simulated kernel, floating", KERNEL, 0, true},
    {"simulated kernel, pcpu", KERNEL_PRODUCT, PLACEMENT_DEVIATION, false},
    {"simulated kernel, auto", KERNEL_PRODUCT, PLACEMENT_DEVIATION, true},
};
enum { N_POLICIES = sizeof(POLICIES) / sizeof(*POLICIES) };

struct bench {
    struct size size;
    int first_seed, last_seed;
    double load_pct, interval_s;
    bool json, quiet;
    const char *only;
    char *files[MAX_FILES];
    int n_files;
    struct recording recordings[MAX_FILES];
};

struct run {
    const struct policy *policy;
    struct trace_host host;
    struct vcpu_planner *planner;
    double *sums; /* what was seen in this minute */
    double end_ms;
};

static struct vcpu_settings settings_of(const struct policy *policy)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    settings.objective = policy->objective;
    settings.level = policy->is_auto ? PIN_AUTO : PIN_PCPU;
    return settings;
}

/* As the daemon has it: its own limits of work, and a third of the interval as a backstop. */
static struct vcpu_planner *planner_new(struct run *run)
{
    struct vcpu_settings settings = settings_of(run->policy);
    struct vcpu_planner *planner;

    settings.limits.stop = cpu_is_past;
    settings.limits.stop_arg = &run->end_ms;
    planner = vcpu_planner_new(&settings);
    if (!planner)
        abort();
    return planner;
}

static int let_plan(struct run *run, struct outcome *outcome)
{
    struct vcpu_sample sample = trace_host_sample(&run->host);
    struct vcpu_plan plan;
    struct err err = {0};
    double start_ms = cpu_ms();
    int moves;

    run->end_ms = start_ms + 1e3 * run->host.trace->interval_s / 3;
    if (vcpu_planner_step(run->planner, &sample, &plan, &err) < 0 ||
        vcpu_check(&sample, &plan, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    outcome_add(&outcome->ms, cpu_ms() - start_ms);
    if (plan.method != PLACEMENT_METHOD_HOLD) {
        outcome->n_solved++;
        outcome->n_certified += plan.status == SOLVE_OPTIMAL;
    }
    moves = trace_host_obey(&run->host, &plan);
    vcpu_plan_done(&plan);
    vcpu_sample_done(&sample);
    return moves;
}

static int by_the_minute(struct run *run)
{
    struct trace_host *host = &run->host;
    int n = host->trace->n, moves = 0;
    int intervals = (int)lround(MINUTE_S / host->trace->interval_s);

    for (int i = 0; i < n; i++)
        run->sums[i] += host->seen[i];
    if (host->interval % intervals == 0) {
        moves = rule_longest_first(n, host->trace->m, run->sums, host->place);
        memset(run->sums, 0, (size_t)n * sizeof(double));
    }
    return moves;
}

static int decide(struct run *run, struct outcome *outcome)
{
    struct trace_host *host = &run->host;
    int n = host->trace->n, m = host->trace->m;

    switch (run->policy->kind) {
    case LONGEST_FIRST:
        return rule_longest_first(n, m, host->seen, host->place);
    case MINUTES:
        return by_the_minute(run);
    case HYSTERESIS:
        return rule_hysteresis(n, m, host->seen, host->place);
    case REPEATED:
        return rule_hysteresis_repeated(n, m, host->seen, host->place);
    case PRODUCT:
        return let_plan(run, outcome);
    default:
        return 0;
    }
}

/* Moves before the interval that they are made for. */
static int foresee(struct run *run)
{
    struct trace_host *host = &run->host;
    const struct trace *trace = host->trace;
    double *next = calloc((size_t)trace->n, sizeof(double));
    int moves = 0;

    if (!next)
        abort();
    if (run->policy->kind == FUTURE && host->interval < trace->n_intervals) {
        for (int i = 0; i < trace->n; i++)
            next[i] = trace_mean(trace, host->interval, i);
        moves = rule_longest_first(trace->n, trace->m, next, host->place);
    }
    free(next);
    return moves;
}

static int warm_up_of(const struct trace *trace)
{
    return trace->n_intervals > WARM_UP + 20 ? WARM_UP : trace->n_intervals / 4;
}

static void play(const struct policy *policy, const struct trace *trace, struct outcome *outcome)
{
    struct run run = {.policy = policy,
                      .host = trace_host_new(trace, policy->kind == FLOATING || policy->is_auto),
                      .sums = calloc((size_t)trace->n, sizeof(double))};
    int warm_up = warm_up_of(trace);

    if (policy->kind == PRODUCT)
        run.planner = planner_new(&run);
    for (int moves = foresee(&run); trace_host_advance(&run.host);) {
        struct outcome ignored = {0}, *counted = run.host.interval > warm_up ? outcome : &ignored;

        outcome_add(&counted->sigma, trace_host_sigma(&run.host));
        for (int i = 0; i < trace->n; i++)
            counted->demand += run.host.demand[i];
        counted->unserved += run.host.unserved;
        counted->ran_s += run.host.ran_s;
        counted->waited_s += run.host.waited_s;
        moves += decide(&run, counted);
        counted->moves += moves;
        counted->n_intervals++;
        moves = foresee(&run);
        outcome_done(&ignored);
    }
    vcpu_planner_free(run.planner);
    trace_host_done(&run.host);
    free(run.sums);
}

static void take_sigma(void *arg, double sigma_pct)
{
    struct outcome *outcome = arg;

    outcome_add(&outcome->sigma, sigma_pct);
}

/* The same load with a kernel under it: sigma is that of what pCPUs ran. */
static void play_on_kernel(const struct policy *policy, const struct trace *trace,
                           struct outcome *outcome)
{
    struct vcpu_settings settings = settings_of(policy);
    struct kernel_run run = {.trace = trace,
                             .warm_up = warm_up_of(trace),
                             .settings = policy->kind == KERNEL_PRODUCT ? &settings : NULL,
                             .watch = take_sigma,
                             .arg = outcome};

    trace_kernel_run(&run);
    outcome->demand += run.wanted_s;
    outcome->unserved += run.unserved_s;
    outcome->ran_s += run.ran_s;
    outcome->waited_s += run.waited_s;
    outcome->moves += run.moves;
    outcome->n_intervals += run.n_intervals;
}

static struct trace trace_of(const struct bench *bench, int seed)
{
    struct trace_wish wish = {.size = bench->size,
                              .seed = seed,
                              .load_pct = bench->load_pct,
                              .interval_s = bench->interval_s,
                              .n_intervals = WARM_UP + COUNTED};

    if (bench->n_files == 0)
        return trace_generated(&wish);
    return trace_of_recordings(bench->recordings, (size_t)bench->n_files, &wish);
}

static void print_head(const struct trace *traces, int n)
{
    double load = 0;

    for (int k = 0; k < n; k++)
        for (int t = 0; t < traces[k].n_intervals; t++)
            for (int i = 0; i < traces[k].n; i++)
                load += trace_mean(&traces[k], t, i) / traces[k].m / traces[k].n_intervals / n;
    printf("%dx%d, %d traces of %d intervals of %g s, pCPUs %.0f %% loaded\n", traces[0].n,
           traces[0].m, n, traces[0].n_intervals, traces[0].interval_s, 100 * load);
    printf("%-32s %6s %6s %8s %6s %8s %6s %7s %7s\n", "policy", "sigma", "p95", "unserved", "moves",
           "waiting", "cert %", "ms p50", "ms max");
}

static int count_policies(const char *only)
{
    int n = 0;

    for (int p = 0; p < N_POLICIES; p++)
        n += !only || strstr(POLICIES[p].name, only);
    return n;
}

static void run_all(struct bench *bench)
{
    bool is_table = bench->n_files > 0 && trace_is_table(bench->files[0]);
    int n = is_table ? bench->n_files : bench->last_seed - bench->first_seed + 1;
    struct trace *traces = calloc((size_t)n, sizeof(*traces));
    struct pace pace;

    if (!traces)
        abort();
    for (int k = 0; k < bench->n_files && !is_table; k++)
        bench->recordings[k] = recording_read(bench->files[k]);
    for (int k = 0; k < n; k++)
        traces[k] =
            is_table ? trace_of_table(bench->files[k]) : trace_of(bench, bench->first_seed + k);
    if (!bench->json)
        print_head(traces, n);
    pace_begin(&pace, "bench_traces", bench->quiet, (double)n * count_policies(bench->only));
    for (int p = 0; p < N_POLICIES; p++) {
        struct outcome outcome = {0};

        if (bench->only && !strstr(POLICIES[p].name, bench->only))
            continue;
        for (int k = 0; k < n; k++) {
            (POLICIES[p].kind >= KERNEL ? play_on_kernel : play)(&POLICIES[p], &traces[k],
                                                                 &outcome);
            pace_did(&pace, 1);
        }
        pace_clear(&pace);
        outcome_print(&(struct outcome_label){.policy = POLICIES[p].name,
                                              .n = traces[0].n,
                                              .m = traces[0].m,
                                              .first_seed = bench->first_seed,
                                              .last_seed = bench->last_seed,
                                              .has_plans = POLICIES[p].kind == PRODUCT,
                                              .json = bench->json},
                      &outcome);
        fflush(stdout);
        pace_did(&pace, 0);
        outcome_done(&outcome);
    }
    pace_clear(&pace);
    for (int k = 0; k < n; k++)
        trace_done(&traces[k]);
    for (int k = 0; k < bench->n_files && !is_table; k++)
        recording_done(&bench->recordings[k]);
    free(traces);
}

enum { LOAD = 256, INTERVAL };

static const struct argp_option OPTIONS[] = {
    {"size", 's', "NxM", 0, "vCPUs x pCPUs (64x16)", 0},
    {"seeds", 'r', "A-B", 0, "first and last seed (1-3)", 0},
    {"load", LOAD, "PCT", 0, "mean load of the pCPUs; 0: guests as they come (60)", 0},
    {"interval", INTERVAL, "S", 0, "seconds (2)", 0},
    {"policy", 'p', "TEXT", 0, "only policies whose names contain this", 0},
    {"json", 'j', NULL, 0, "one object per policy", 0},
    {"quiet", 'q', NULL, 0, "tell no progress", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench *bench = state->input;
    char end;

    switch (key) {
    case 's':
        if (sscanf(arg, "%dx%d%c", &bench->size.n, &bench->size.m, &end) != 2 ||
            bench->size.m < 2 || bench->size.n < 2)
            argp_error(state, "--size %s: two numbers, vCPUs x pCPUs", arg);
        break;
    case 'r':
        if (sscanf(arg, "%d-%d%c", &bench->first_seed, &bench->last_seed, &end) != 2 ||
            bench->last_seed < bench->first_seed)
            argp_error(state, "--seeds %s: first-last, for example 1-3", arg);
        break;
    case LOAD:
        if (sscanf(arg, "%lf%c", &bench->load_pct, &end) != 1 || bench->load_pct < 0)
            argp_error(state, "--load %s: percent", arg);
        break;
    case INTERVAL:
        if (sscanf(arg, "%lf%c", &bench->interval_s, &end) != 1 || !(bench->interval_s > 0))
            argp_error(state, "--interval %s: seconds above 0", arg);
        break;
    case 'p':
        bench->only = arg;
        break;
    case 'j':
        bench->json = true;
        break;
    case 'q':
        bench->quiet = true;
        break;
    case ARGP_KEY_ARG:
        if (bench->n_files == MAX_FILES)
            argp_error(state, "at most %d files", MAX_FILES);
        bench->files[bench->n_files++] = arg;
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp ARGP = {
        .options = OPTIONS,
        .parser = parse,
        .args_doc = "[FILE...]\nmemory [OPTION...] [FILE...]",
        .doc = "Plays the scheduler and rules of thumb on recorded load, or without FILE on load "
               "that is made up."};
    struct bench bench = {
        .size = {64, 16}, .first_seed = 1, .last_seed = 3, .load_pct = 60, .interval_s = 2};

    if (argc > 1 && strcmp(argv[1], "memory") == 0)
        return memory_traces(argc - 1, argv + 1);
    argp_err_exit_status = 2;
    argp_parse(&ARGP, argc, argv, 0, NULL, &bench);
    run_all(&bench);
}
