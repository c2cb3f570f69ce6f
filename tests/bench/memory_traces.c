/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* argp */
#include "tests/bench/memory_traces.h"
#include "tests/bench/pace.h"

#include <argp.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"
#include "planner/memory/check.h"
#include "planner/memory/planner.h"
#include "tests/bench/memory_rules.h"
#include "tests/bench/memory_world.h"
#include "tests/bench/recording.h"

enum kind { STATIC, MOM, PROXMOX, PRODUCT };
enum { EVERY_S = 2, PROXMOX_EVERY = 5, MAX_FILES = 64, RESERVE_KIB = 200 * 1024 };
static const uint64_t UNUSED_KIB = 100 * 1024;

static const struct policy {
    const char *name;
    enum kind kind;
    bool only_pressed;
} POLICIES[] = {
    {"static", STATIC, false},           {"MOM", MOM, false},
    {"Proxmox", PROXMOX, false},         {"product always", PRODUCT, false},
    {"product pressure", PRODUCT, true},
};
enum { N_POLICIES = sizeof(POLICIES) / sizeof(*POLICIES) };

struct memory_bench {
    int first_seed, last_seed;
    bool json, quiet;
    const char *only;
    const char *files[MAX_FILES];
    int n_files;
};

struct outcome {
    long intervals, guest_intervals, under, broken, calls;
    unsigned failed;
    double moved_mib;
};

struct run {
    const struct policy *policy;
    struct host host;
    struct simulated *world;
    struct memory_planner *planner;
    struct memory_settings settings;
    double *sizes_kib; /* [guests] what a rule asks for */
    double *last_kib;  /* [guests] of the interval before */
    int n_samples;
    struct outcome *outcome;
};

static void *zeros(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);

    if (!p)
        abort();
    return p;
}

static void give_up(const struct err *err)
{
    fprintf(stderr, "%s\n", err->text);
    exit(2);
}

/* ---- One policy in one world ---- */

static void ask(struct run *run, const struct guest_id *guest, uint64_t kib)
{
    struct err err = {0};

    if (run->host.set_balloon(run->host.self, guest, kib, &err) < 0 && run->planner)
        memory_planner_retract(run->planner, guest);
    run->outcome->calls++;
}

static void ask_rule(struct run *run, const struct memory_sample *sample)
{
    if (run->policy->kind == STATIC ||
        (run->policy->kind == PROXMOX && run->n_samples % PROXMOX_EVERY))
        return;
    if (run->policy->kind == MOM)
        memory_rule_mom(sample, run->sizes_kib);
    else
        memory_rule_proxmox(sample, run->sizes_kib);
    for (size_t i = 0; i < sample->n_guests; i++)
        if (fabs(run->sizes_kib[i] - (double)sample->guests[i].actual_kib) >= 4)
            ask(run, &sample->guests[i].guest, (uint64_t)run->sizes_kib[i]);
}

static void ask_product(struct run *run, const struct memory_sample *sample)
{
    struct memory_plan plan = {0};
    struct err err = {0};

    if (memory_planner_step(run->planner, sample, &plan, &err) < 0 ||
        memory_check(&run->settings, sample, &plan, &err) < 0)
        give_up(&err);
    for (size_t k = 0; k < plan.n_reclaims; k++)
        ask(run, &plan.reclaims[k].guest, plan.reclaims[k].to_kib);
    for (size_t k = 0; k < plan.n_grants; k++)
        ask(run, &plan.grants[k].guest, plan.grants[k].to_kib);
    memory_plan_done(&plan);
}

/* The truth at this instant. The first one is only where moves are counted from. */
static void look(struct run *run)
{
    struct outcome *outcome = run->outcome;
    struct simulated_memory memory;

    simulated_memory(run->world, &memory);
    for (size_t g = 0; g < simulated_guests(run->world); g++) {
        struct simulated_guest guest;

        simulated_guest(run->world, g, &guest);
        if (run->n_samples > 0) {
            outcome->guest_intervals++;
            outcome->under += guest.unused_kib < UNUSED_KIB;
            outcome->moved_mib += fabs((double)guest.actual_kib - run->last_kib[g]) / 1024;
        }
        run->last_kib[g] = (double)guest.actual_kib;
    }
    if (run->n_samples > 0) {
        outcome->intervals++;
        outcome->broken += memory.committed_free_kib < RESERVE_KIB;
    }
}

static void play(const struct policy *policy, const char *scenario, struct outcome *outcome)
{
    struct run run = {.policy = policy, .outcome = outcome};
    struct memory_sample sample;
    struct ticker ticker;
    struct err err = {0};
    size_t n;

    if (simulated_open_text(scenario, SIMULATED_MEMORY, EVERY_S, &run.host, &ticker, &err) < 0)
        give_up(&err);
    run.world = simulated_of(&run.host);
    n = simulated_guests(run.world);
    run.sizes_kib = zeros(n, sizeof(double));
    run.last_kib = zeros(n, sizeof(double));
    memory_settings_default(&run.settings);
    run.settings.only_pressed = policy->only_pressed;
    if (policy->kind == PRODUCT && !(run.planner = memory_planner_new(&run.settings)))
        abort();
    for (; ticker.wait(ticker.self, &err) > 0; run.n_samples++) {
        if (run.host.sample_memory(run.host.self, &sample, &err) < 0)
            give_up(&err);
        look(&run);
        if (policy->kind == PRODUCT)
            ask_product(&run, &sample);
        else
            ask_rule(&run, &sample);
        memory_sample_done(&sample);
    }
    for (size_t g = 0; g < n; g++) {
        struct simulated_guest guest;

        simulated_guest(run.world, g, &guest);
        outcome->failed += guest.oom_below;
    }
    memory_planner_free(run.planner);
    ticker.close(ticker.self);
    run.host.close(run.host.self);
    free(run.sizes_kib);
    free(run.last_kib);
}

/* ---- All of them ---- */

static void print(const struct memory_bench *bench, const char *world, const char *policy,
                  const struct outcome *outcome)
{
    double n = (double)outcome->intervals;
    double under = 100.0 * (double)outcome->under / (double)outcome->guest_intervals;
    double broken = 100.0 * (double)outcome->broken / n;
    json_t *object;

    if (!bench->json) {
        printf("%-18s %8.2f %8u %8.1f %8.2f %8.1f\n", policy, under, outcome->failed,
               outcome->moved_mib / n, (double)outcome->calls / n, broken);
        return;
    }
    object = json_pack("{s:s,s:s,s:f,s:i,s:f,s:f,s:f}", "policy", policy, "world", world,
                       "under_floor_pct", under, "failed_allocations", (int)outcome->failed,
                       "moved_mib_per_interval", outcome->moved_mib / n, "calls_per_interval",
                       (double)outcome->calls / n, "reserve_broken_pct", broken);
    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(object);
}

static int count_policies(const struct memory_bench *bench)
{
    int n = 0;

    for (int p = 0; p < N_POLICIES; p++)
        n += !bench->only || strstr(POLICIES[p].name, bench->only);
    return n;
}

static void run_worlds(const struct memory_bench *bench, const char *name, char **scenarios, int n)
{
    struct pace pace;

    pace_begin(&pace, name, bench->quiet, (double)n * count_policies(bench));
    if (!bench->json)
        printf("%s: %d runs\n%-18s %8s %8s %8s %8s %8s\n", name, n, "policy", "under %", "failed",
               "MiB", "calls", "broken %");
    for (int p = 0; p < N_POLICIES; p++) {
        struct outcome outcome = {0};

        if (bench->only && !strstr(POLICIES[p].name, bench->only))
            continue;
        for (int k = 0; k < n; k++) {
            play(&POLICIES[p], scenarios[k], &outcome);
            pace_did(&pace, 1);
        }
        pace_clear(&pace);
        print(bench, name, POLICIES[p].name, &outcome);
        fflush(stdout);
        pace_did(&pace, 0);
    }
    pace_clear(&pace);
}

static bool is_scenario(const char *path)
{
    size_t n = strlen(path);

    return n > 5 && strcmp(path + n - 5, ".json") == 0;
}

/* Scenarios are played as they are, together; a recording in each of the three worlds. */
static void run_all(const struct memory_bench *bench)
{
    int seeds = bench->last_seed - bench->first_seed + 1;
    int n = bench->n_files ? bench->n_files : 1;
    char **scenarios = zeros((size_t)n * (size_t)seeds, sizeof(char *));

    if (bench->n_files && is_scenario(bench->files[0])) {
        for (int k = 0; k < n; k++)
            scenarios[k] = recording_text(bench->files[k]);
        run_worlds(bench, "as given", scenarios, n);
        for (int k = 0; k < n; k++)
            free(scenarios[k]);
    } else {
        for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++) {
            for (int k = 0; k < n * seeds; k++)
                scenarios[k] = memory_world(bench->n_files ? bench->files[k / seeds] : NULL, kind,
                                            bench->first_seed + k % seeds);
            run_worlds(bench, memory_kind_text(kind), scenarios, n * seeds);
            for (int k = 0; k < n * seeds; k++)
                free(scenarios[k]);
        }
    }
    free(scenarios);
}

static const struct argp_option OPTIONS[] = {
    {"seeds", 'r', "A-B", 0, "first and last seed (1-3)", 0},
    {"policy", 'p', "TEXT", 0, "only policies whose names contain this", 0},
    {"json", 'j', NULL, 0, "one object per policy", 0},
    {"quiet", 'q', NULL, 0, "tell no progress", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct memory_bench *bench = state->input;
    char end;

    switch (key) {
    case 'r':
        if (sscanf(arg, "%d-%d%c", &bench->first_seed, &bench->last_seed, &end) != 2 ||
            bench->last_seed < bench->first_seed)
            argp_error(state, "--seeds %s: first-last, for example 1-3", arg);
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

int memory_traces(int argc, char **argv)
{
    static const struct argp ARGP = {
        .options = OPTIONS,
        .parser = parse,
        .args_doc = "[FILE...]",
        .doc = "Plays the coordinator and other programs' rules on the simulated host: on recorded "
               "memory, on scenarios (.json), or without FILE on memory that is made up."};
    struct memory_bench bench = {.first_seed = 1, .last_seed = 3};

    argp_err_exit_status = 2;
    argp_parse(&ARGP, argc, argv, 0, NULL, &bench);
    run_all(&bench);
    return 0;
}
