/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/loop_fixture.h"
#include "tests/bench/options.h"

/* Policies in the closed loop: what a choice of objective, price of a move, deadband and smoothing
 * does to the balance over hundreds of intervals, and what it costs in moves. The planner is the
 * product's; a plan made from one interval is in force during the next. Prints the tables of
 * models/README.md, section "In the closed loop". */

enum { INTERVALS = 200, WARM_UP = 20 };

enum kind { PLANNER, NEVER, FROM_SCRATCH };

/* SOME: 100 bounds and 1000 pivots, enough for nearly all of the gain; LITTLE: what local search
 * finds; MUCH: proven more often than not. */
enum effort { SOME, LITTLE, MUCH };

struct policy {
    const char *group, *name;
    enum kind kind;
    bool unlearnt; /* habits are not learnt */
    bool bare;     /* nothing but the objective: whatever it calls better is done at once */
    enum effort effort;
    double kappa, kappa_per_pcpu; /* PLACEMENT_DEVIATION, one of them; neither: the default */
    double nu;                    /* > 0: PLACEMENT_VARIANCE with this weight */
    double *(*field)(struct vcpu_settings *settings); /* one other setting, or NULL */
    double value;
};

static double *deadband(struct vcpu_settings *settings)
{
    return &settings->deadband_points;
}

static double *noise_factor(struct vcpu_settings *settings)
{
    return &settings->noise_factor;
}

static double *rise(struct vcpu_settings *settings)
{
    return &settings->rise_half_life_s;
}

static double *fall(struct vcpu_settings *settings)
{
    return &settings->fall_half_life_s;
}

static double *confirm(struct vcpu_settings *settings)
{
    return &settings->confirm_s;
}

static double *settle(struct vcpu_settings *settings)
{
    return &settings->settle_s;
}

#define BARE "the bare objective"
#define ONE "the defaults, but"

static const struct policy POLICIES[] = {
    {"baselines", "never", .kind = NEVER},
    {"baselines", "from scratch", .kind = FROM_SCRATCH},
    {"baselines", "the defaults", .kind = PLANNER},
    {"baselines", "the defaults, four times the effort", .effort = MUCH},
    {"baselines", "the defaults, local search", .effort = LITTLE},
    {BARE, "D, kappa 0.15 m", .bare = true, .kappa_per_pcpu = 0.15},
    {BARE, "D, kappa 0.3 m", .bare = true, .kappa_per_pcpu = 0.3},
    {BARE, "D, kappa 0.6 m", .bare = true, .kappa_per_pcpu = 0.6},
    {BARE, "D, kappa 1.2 m", .bare = true, .kappa_per_pcpu = 1.2},
    {BARE, "D, kappa 5", .bare = true, .kappa = 5},
    {BARE, "V, nu 0.1", .bare = true, .nu = 0.1},
    {BARE, "V, nu 0.3", .bare = true, .nu = 0.3},
    {BARE, "V, nu 0.5", .bare = true, .nu = 0.5},
    {ONE, "kappa 0.6 m", .kappa_per_pcpu = 0.6},
    {ONE, "kappa 1.2 m", .kappa_per_pcpu = 1.2},
    {ONE, "V, nu 0.3", .nu = 0.3},
    {ONE, "V, nu 0.5", .nu = 0.5},
    {ONE, "deadband 0", .field = deadband, .value = 0},
    {ONE, "deadband 4", .field = deadband, .value = 4},
    {ONE, "deadband 8", .field = deadband, .value = 8},
    {ONE, "deadband 10", .field = deadband, .value = 10},
    {ONE, "noise factor 0", .field = noise_factor, .value = 0},
    {ONE, "noise factor 0.5", .field = noise_factor, .value = 0.5},
    {ONE, "rise half-life 0.5 s", .field = rise, .value = 0.5},
    {ONE, "rise half-life 2 s", .field = rise, .value = 2},
    {ONE, "fall half-life 0.5 s", .field = fall, .value = 0.5},
    {ONE, "fall half-life 6 s", .field = fall, .value = 6},
    {ONE, "confirm 0 s", .field = confirm, .value = 0},
    {ONE, "settle 0 s", .field = settle, .value = 0},
    {ONE, "no habits learnt", .unlearnt = true},
};
enum { N_POLICIES = sizeof(POLICIES) / sizeof(POLICIES[0]) };

static const double NOISES[] = {0.05, 0.10, 0.20};
enum { N_NOISES = sizeof(NOISES) / sizeof(NOISES[0]) };

struct outcome {
    double sigma, over_share, deviation, moves, planned_share, ms;
};

/* ---- One run ---- */

static struct vcpu_settings settings_of(const struct policy *policy, int m)
{
    static const struct work efforts[] = {
        [LITTLE] = {.max_evaluations = 5, .max_pivots = 1, .max_nodes = 1},
        [SOME] = {.max_evaluations = 100, .max_pivots = 1000, .max_nodes = 100},
        [MUCH] = {.max_evaluations = 400, .max_pivots = 4000, .max_nodes = 400}};
    double kappa = policy->kappa > 0 ? policy->kappa : policy->kappa_per_pcpu * m;
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    settings.limits = efforts[policy->effort];
    if (policy->bare) {
        settings.deadband_points = settings.noise_factor = 0;
        settings.rise_half_life_s = settings.fall_half_life_s = 0;
        settings.confirm_s = settings.settle_s = 0;
    }
    if (kappa > 0)
        settings.penalty_points = 15 / fmax(3, kappa); /* 15: the price of an average move */
    if (policy->nu > 0) {
        settings.objective = PLACEMENT_VARIANCE;
        settings.penalty_points = sqrt(15 / (2 * policy->nu));
    }
    settings.learn_habits = !policy->unlearnt && !policy->bare;
    if (policy->field)
        *policy->field(&settings) = policy->value;
    return settings;
}

/* Plans from what the world shows and applies it; returns the number of moves. */
static int plan_and_apply(struct vcpu_planner *planner, struct world *world,
                          struct outcome *outcome)
{
    double start = cpu_ms();
    enum placement_method method;
    int moves = world_obey(world, planner, &method);

    outcome->ms += cpu_ms() - start;
    outcome->planned_share += method != PLACEMENT_METHOD_HOLD;
    return moves;
}

static struct outcome run(const struct policy *policy, struct size size, double noise, int seed)
{
    struct vcpu_settings settings = settings_of(policy, size.m);
    struct vcpu_planner *planner = vcpu_planner_new(&settings);
    struct world world = world_new(size.n, size.m, noise, (uint64_t)seed);
    struct outcome outcome = {0};

    if (!planner)
        abort();
    for (int t = 0; t < WARM_UP + INTERVALS; t++) {
        int moves = 0;

        world_advance(&world);
        if (t == WARM_UP)
            outcome = (struct outcome){0};
        outcome.sigma += world_sigma(&world);
        outcome.over_share += world_sigma(&world) > 5;
        outcome.deviation += world_deviation(&world);
        if (policy->kind == PLANNER)
            moves = plan_and_apply(planner, &world, &outcome);
        else if (policy->kind == FROM_SCRATCH)
            moves = world_replace_from_scratch(&world);
        outcome.moves += moves;
    }
    vcpu_planner_free(planner);
    world_done(&world);
    return outcome;
}

/* Means over all intervals of all seeds. */
static struct outcome average(const struct policy *policy, struct size size, double noise,
                              const struct options *options)
{
    double n = INTERVALS * (options->last_seed - options->first_seed + 1);
    struct outcome sum = {0};

    for (int seed = options->first_seed; seed <= options->last_seed; seed++) {
        struct outcome outcome = run(policy, size, noise, seed);

        pace_did(options->pace, options_weight(size));
        sum.sigma += outcome.sigma / n;
        sum.over_share += outcome.over_share / n;
        sum.deviation += outcome.deviation / n;
        sum.moves += outcome.moves / n;
        sum.planned_share += outcome.planned_share / n;
        sum.ms += outcome.ms / n;
    }
    return sum;
}

/* ---- Output ---- */

static void print_header(struct size size, const struct options *options)
{
    printf("\n%dx%d, %d intervals: mean sigma, share of intervals with sigma > 5, moves per "
           "interval\n\n| policy |",
           size.n, size.m, INTERVALS * (options->last_seed - options->first_seed + 1));
    for (size_t k = 0; k < N_NOISES; k++)
        printf(" noise %.0f %% |", 100 * NOISES[k]);
    puts(" D at 10 % | planned | ms |\n|---|---|---|---|---|---|---|");
}

static void print_policy(const struct policy *policy, struct size size,
                         const struct options *options)
{
    struct outcome outcomes[N_NOISES];
    const struct outcome *middle = &outcomes[1];

    for (size_t k = 0; k < N_NOISES; k++)
        outcomes[k] = average(policy, size, NOISES[k], options);
    pace_clear(options->pace);
    if (policy->bare)
        printf("| bare %s |", policy->name);
    else
        printf("| %s%s |", strcmp(policy->group, ONE) == 0 ? "... " : "", policy->name);
    for (size_t k = 0; k < N_NOISES; k++)
        printf(" %.2f, %.0f %%, %.2f |", outcomes[k].sigma, 100 * outcomes[k].over_share,
               outcomes[k].moves);
    printf(" %.1f | %.0f %% | %.2f |\n", middle->deviation, 100 * middle->planned_share,
           middle->ms);
    fflush(stdout);
    pace_did(options->pace, 0);
}

int main(int argc, char **argv)
{
    static const struct size sizes[] = {{8, 4}, {64, 16}, {128, 32}};
    struct options options;
    struct pace pace;

    bench_options_parse(&options, argc, argv, "Compares policies in the closed loop.", NULL);
    if (!options.has_sizes) {
        memcpy(options.sizes, sizes, sizeof(sizes));
        options.n_sizes = 3;
    }
    options.family = 0; /* there are none here */
    pace_begin(&pace, argv[0], options.quiet, options_runs(&options) * N_NOISES * N_POLICIES);
    options.pace = &pace;
    for (size_t s = 0; s < options.n_sizes; s++) {
        pace_clear(&pace);
        print_header(options.sizes[s], &options);
        for (size_t k = 0; k < N_POLICIES; k++)
            print_policy(&POLICIES[k], options.sizes[s], &options);
    }
    pace_clear(&pace);
    return 0;
}
