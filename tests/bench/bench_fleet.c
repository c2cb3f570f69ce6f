/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/options.h"
#include "tests/model/fleet_picture.h"

/* Plans of whole fleets: CPU time, proof, moves, who stays stopped, N-1, over the families of
 * tests/model/fleet_families.h. */

enum { MOST_FAMILIES = 24, EMIT = 256, MOVES, KCELLS, PRICES };

struct bench {
    const char *family[MOST_FAMILIES];
    size_t n_families;
    size_t hosts[MAX_SIZES], guests[MAX_SIZES], n_sizes;
    unsigned first_seed, last_seed;
    const char *emit;
    bool is_verbose;
    struct fleet_settings settings;
};

static const char *const all[] = {"ret",    "grow",   "drift",  "tight",   "uneq",
                                  "aff",    "odd",    "pack80", "pack100", "cut95",
                                  "cut100", "cutovr", "lost90", "lost95"};

static void parse_size(struct bench *bench, const char *arg, struct argp_state *state)
{
    char end;

    if (bench->n_sizes == MAX_SIZES || sscanf(arg, "%zux%zu%c", &bench->hosts[bench->n_sizes],
                                              &bench->guests[bench->n_sizes], &end) != 2)
        argp_error(state, "--size %s: two numbers, hosts x guests", arg);
    bench->n_sizes++;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench *bench = state->input;
    char end;

    switch (key) {
    case 's':
        parse_size(bench, arg, state);
        break;
    case 'f':
        if (bench->n_families == MOST_FAMILIES)
            argp_error(state, "--family: at most %d", MOST_FAMILIES);
        bench->family[bench->n_families++] = arg;
        break;
    case 'r':
        if (sscanf(arg, "%u-%u%c", &bench->first_seed, &bench->last_seed, &end) != 2)
            argp_error(state, "--seeds %s: first-last, for example 1-3", arg);
        break;
    case 'v':
        bench->is_verbose = true;
        break;
    case EMIT:
        bench->emit = arg;
        bench->settings.keep_lp = true;
        break;
    case MOVES:
        bench->settings.max_moves = strtoul(arg, NULL, 10);
        break;
    case PRICES:
        bench->settings.point_prices = strtod(arg, NULL);
        break;
    case KCELLS:
        bench->settings.limits.max_kcells = strtol(arg, NULL, 10);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static void emit(const struct bench *bench, const char *name, const struct fleet_plan *plan)
{
    char path[512], *text;
    FILE *file;

    if (!plan->lp || lp_text(plan->lp, &text) < 0)
        return;
    snprintf(path, sizeof(path), "%s/%s.lp", bench->emit, name);
    file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    free(text);
}

static void count_n1(const struct fleet_plan *plan, size_t *count)
{
    for (size_t k = 0; k < plan->n_n1; k++)
        count[plan->n1[k].answer]++;
}

/* CPU seconds of a look at the fleet as the plan leaves it, N-1 above all; negative: it failed. */
static double look_again(struct fleet_picture *picture, const struct fleet_plan *plan,
                         const struct fleet_settings *settings)
{
    struct fleet_plan seen;
    struct err err = {0};
    double began;
    int r;

    for (size_t i = 0; i < plan->n_guests; i++)
        picture->guests[i].home = plan->host_of[i];
    began = cpu_ms();
    r = fleet_look(&picture->fleet, settings, &seen, &err);
    if (r < 0)
        return -1;
    began = cpu_ms() - began;
    fleet_plan_done(&seen);
    return began / 1000;
}

static void show(const char *name, const struct fleet_plan *plan, double seconds, double look)
{
    size_t n1[FLEET_NOT_JUDGED + 1] = {0};

    count_n1(plan, n1);
    printf("%-22s %8.2f  %-8s %3zu %3zu  %4zu %4zu %5lld  %6.1f %6.1f  %9.2f %9.2f %6.2f  %-14s "
           "%zu/%zu"
           "  %zu %zu %zu %zu  %.3f  %lld\n",
           name, seconds, fleet_verdict_text(plan->verdict), plan->n_stopped, plan->least_stopped,
           plan->n_starts, plan->n_moves - plan->n_starts, (long long)plan->price,
           plan->before.cut_pct, plan->after.cut_pct, plan->objective, plan->bound, 100 * plan->gap,
           placement_method_text(plan->method), plan->n_groups_proven, plan->n_groups,
           n1[FLEET_SAFE], n1[FLEET_WITH_MOVES], n1[FLEET_UNPROTECTED], n1[FLEET_UNKNOWN], look,
           (long long)plan->work.kcells);
    fflush(stdout);
}

static void show_words(const struct fleet *fleet, const struct fleet_plan *plan)
{
    if (plan->note[0])
        printf("    note: %s\n", plan->note);
    if (plan->certificate[0])
        printf("    %s\n", plan->certificate);
    for (size_t k = 0; k < plan->n_stopped; k++)
        printf("    stopped %s: %s\n", fleet->guests[plan->stopped[k].guest].name,
               plan->stopped[k].reason);
    for (size_t k = 0; k < plan->n_moves; k++)
        printf("    %s: %s -> %s, %d: %s\n", fleet->guests[plan->moves[k].guest].name,
               plan->moves[k].from < 0 ? "-" : fleet->hosts[plan->moves[k].from].name,
               fleet->hosts[plan->moves[k].to].name, plan->moves[k].cost, plan->moves[k].reason);
}

static void run(struct bench *bench, const char *family, size_t size, unsigned seed)
{
    struct fleet_case drawn;
    struct fleet_picture picture;
    struct fleet_plan plan;
    struct err err = {0};
    char name[100];
    double began;
    int r;

    snprintf(name, sizeof(name), "%s-%zux%zu-%u", family, bench->hosts[size], bench->guests[size],
             seed);
    if (!fleet_case_new(family, bench->hosts[size], bench->guests[size], seed, &drawn)) {
        printf("%-22s no such fleet\n", name);
        return;
    }
    if (fleet_picture_new(&drawn, &picture)) {
        began = cpu_ms();
        r = fleet_plan_make(&picture.fleet, &bench->settings, &plan, &err);
        if (r < 0) {
            printf("%-22s failed: %d %s\n", name, r, err.text);
        } else {
            began = (cpu_ms() - began) / 1000;
            show(name, &plan, began, look_again(&picture, &plan, &bench->settings));
            if (plan.verdict > FLEET_PLAN_NOTHING || bench->is_verbose)
                show_words(&picture.fleet, &plan);
            if (bench->emit)
                emit(bench, name, &plan);
            fleet_plan_done(&plan);
        }
        fleet_picture_done(&picture);
    }
    fleet_case_done(&drawn);
}

static const struct argp_option options[] = {
    {"size", 's', "HOSTSxGUESTS", 0, "a size; again for more", 0},
    {"family", 'f', "NAME", 0, "a family of tests/model/fleet_families.h; again for more", 0},
    {"seeds", 'r', "FIRST-LAST", 0, "seeds, 1-3 by default", 0},
    {"verbose", 'v', NULL, 0, "moves and their reasons", 0},
    {"emit-lp", EMIT, "FOLDER", 0, "writes the compact models, for compare_solvers", 0},
    {"max-moves", MOVES, "N", 0, "at most so many moves", 0},
    {"point-prices", PRICES, "X", 0, "what a point is worth; 0: only what has to be done", 0},
    {"kcells", KCELLS, "N", 0, "limit of work", 0},
    {0}};

int main(int argc, char **argv)
{
    struct bench bench = {.first_seed = 1, .last_seed = 3};
    const struct argp argp = {.options = options, .parser = parse, .doc = "Plans of whole fleets."};

    fleet_settings_default(&bench.settings);
    if (argp_parse(&argp, argc, argv, 0, NULL, &bench) != 0)
        return 2;
    for (size_t k = 0; bench.n_families == 0 && k < sizeof(all) / sizeof(all[0]); k++)
        bench.family[k] = all[k];
    if (bench.n_families == 0)
        bench.n_families = sizeof(all) / sizeof(all[0]);
    if (bench.n_sizes == 0)
        parse_size(&bench, "8x60", NULL);
    printf("%-22s %8s  %-8s %3s %3s  %4s %4s %5s  %6s %6s  %9s %9s %6s  %-14s groups  N-1: safe, "
           "moves, not, unknown  look s  kcells\n",
           "fleet", "CPU s", "verdict", "out", "min", "new", "move", "price", "D", "after", "F",
           "bound", "gap %", "by");
    for (size_t k = 0; k < bench.n_sizes; k++)
        for (size_t f = 0; f < bench.n_families; f++)
            for (unsigned seed = bench.first_seed; seed <= bench.last_seed; seed++)
                run(&bench, bench.family[f], k, seed);
    return 0;
}
