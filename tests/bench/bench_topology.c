/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/options.h"
#include "tests/bench/topology_guests.h"
#include "tests/bench/topology_interval.h"
#include "tests/bench/topology_policy.h"

/* Hosts with a shape: policies side by side on the scenes of tests/sim/shapes, and how fast whole
 * guests are placed on caches, with a proof. */

static const char *const scenes[] = {
    "s1_siblings",      "s2_pool",       "s3_caches",    "s4_late",
    "s5_far_memory",    "s6_large",      "s7_holes",     "s10_stampede",
    "v1_busy_and_idle", "v2_overcommit", "v3_fragments", "v4_host_work",
    "v5_stacked",       "v5_spread",     "v6_scattered", "v7_siblings",
};
enum { N_SCENES = sizeof(scenes) / sizeof(scenes[0]) };

static struct shape_result play_seeds(const struct topology_policy *policy, const char *scene,
                                      const struct options *options)
{
    double n = options->last_seed - options->first_seed + 1;
    struct shape_result mean = {0};

    for (int seed = options->first_seed; seed <= options->last_seed; seed++) {
        struct shape_result one = topology_policy_play(policy, scene, seed);

        pace_did(options->pace, 1);
        mean.ran += one.ran / n;
        mean.waited += one.waited / n;
        mean.worked += one.worked / n;
        mean.lost += one.lost / n;
        mean.remote_pct += one.remote_pct / n;
        mean.caches += one.caches / n;
        mean.deviation += one.deviation / n;
        mean.pins += one.pins;
        mean.moves += one.moves;
        mean.floating = one.floating;
        mean.formula_lost = one.formula_lost;
        mean.formula_worked = one.formula_worked;
        mean.formula_is_exact = one.formula_is_exact;
    }
    mean.pins = (unsigned)(mean.pins / n + 0.5);
    mean.moves = (unsigned)(mean.moves / n + 0.5);
    return mean;
}

static void print_json(const char *scene, const char *policy, const struct shape_result *r)
{
    json_t *line = json_pack(
        "{ss ss sf sf sf sf sf sf sb sf sf sf si si si}", "scene", scene, "policy", policy, "ran",
        r->ran, "waited", r->waited, "worked", r->worked, "lost", r->lost, "formula_lost",
        r->formula_lost, "formula_worked", r->formula_worked, "formula_is_exact",
        r->formula_is_exact, "remote_pct", r->remote_pct, "caches", r->caches, "deviation",
        r->deviation, "pins", (int)r->pins, "moves", (int)r->moves, "floating", (int)r->floating);

    json_dumpf(line, stdout, JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(line);
}

/* What is lost, by the formula as well where that is exact; moves, guests that float, caches. */
static void print_cell(const struct shape_result *r)
{
    printf(" %.2f", r->lost);
    if (r->formula_is_exact)
        printf(" (%.2f)", r->formula_lost);
    printf("; %u; %zu; %.1f |", r->moves, r->floating, r->caches);
}

static void bench_scene(const char *scene, const struct options *options)
{
    struct shape_result *results = calloc(n_topology_policies, sizeof(*results));

    if (!results)
        abort();
    for (size_t k = 0; k < n_topology_policies; k++)
        results[k] = play_seeds(&topology_policies[k], scene, options);
    pace_clear(options->pace);
    if (!options->json)
        printf("| %s |", scene);
    for (size_t k = 0; k < n_topology_policies; k++) {
        if (options->json)
            print_json(scene, topology_policies[k].name, &results[k]);
        else
            print_cell(&results[k]);
    }
    if (!options->json)
        putchar('\n');
    fflush(stdout);
    pace_did(options->pace, 0);
    free(results);
}

static void print_header(void)
{
    printf("pCPUs' worth that is lost (by the formula); moves; guests that float; caches of a "
           "guest\n\n"
           "| scene |");
    for (size_t k = 0; k < n_topology_policies; k++)
        printf(" %s |", topology_policies[k].name);
    printf("\n|");
    for (size_t k = 0; k <= n_topology_policies; k++)
        printf("---|");
    putchar('\n');
}

static bool is_known(const char *scene)
{
    for (size_t k = 0; k < N_SCENES; k++) {
        if (strcmp(scene, scenes[k]) == 0)
            return true;
    }
    return false;
}

static void list_scenes(void)
{
    fputs("bench_topology: WHAT is scenes, guests, interval, or one of", stderr);
    for (size_t k = 0; k < N_SCENES; k++)
        fprintf(stderr, " %s", scenes[k]);
    fputc('\n', stderr);
}

int main(int argc, char **argv)
{
    struct options options;
    struct pace pace;
    double n;
    bool is_all;

    bench_options_parse(&options, argc, argv,
                        "Policies on hosts with a shape; guests placed on caches.", "WHAT");
    is_all = strcmp(options.argument, "scenes") == 0;
    n = options.last_seed - options.first_seed + 1;
    pace_begin(&pace, argv[0], options.quiet,
               n * (double)n_topology_policies * (is_all ? (double)N_SCENES : 1));
    options.pace = &pace;
    if (strcmp(options.argument, "guests") == 0)
        return topology_guests(&options) ? 0 : 1;
    if (strcmp(options.argument, "interval") == 0) {
        topology_interval(&options);
        return 0;
    }
    if (!is_all && !is_known(options.argument)) {
        list_scenes();
        return 2;
    }
    if (!options.json)
        print_header();
    for (size_t k = 0; k < N_SCENES; k++) {
        if (is_all || strcmp(scenes[k], options.argument) == 0)
            bench_scene(scenes[k], &options);
    }
    pace_clear(&pace);
    return 0;
}
