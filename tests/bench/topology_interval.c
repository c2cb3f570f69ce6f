/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/topology_interval.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/simulated/simulated.h"
#include "models/certify/certify.h"
#include "models/placement/problem.h"
#include "tests/accept/drive.h"
#include "tests/bench/pace.h"
#include "tests/model/random.h"

static const double interval_s = 2, load = 0.6;
enum { PCPUS = 512, GUESTS = 400, MOST_INTERVALS = 100, DURATION_S = 60 };

/* Two nodes of sixteen caches of eight cores with two threads. Guests of 1 to 8 vCPUs, half of whose memory
 * is told; a twentieth of the loads changes every ten seconds. */
static const char *const shape = "node:2 llc:16 core:8 pu:2";

/* CPU time of the solver in this program. The linker puts the two functions below before the solver's
 * (--wrap). */
static double solver_ms;

int __real_placement_solve(const struct placement_problem *problem, const struct work *limits,
                           struct placement_solution *ret);
int __wrap_placement_solve(const struct placement_problem *problem, const struct work *limits,
                           struct placement_solution *ret);
int __real_certify_placement(const struct placement_problem *problem,
                             const struct placement_solution *known, const struct certify_how *how,
                             struct placement_answer *ret);
int __wrap_certify_placement(const struct placement_problem *problem,
                             const struct placement_solution *known, const struct certify_how *how,
                             struct placement_answer *ret);

int __wrap_placement_solve(const struct placement_problem *problem, const struct work *limits,
                           struct placement_solution *ret)
{
    double began_ms = cpu_ms();
    int r = __real_placement_solve(problem, limits, ret);

    solver_ms += cpu_ms() - began_ms;
    return r;
}

int __wrap_certify_placement(const struct placement_problem *problem,
                             const struct placement_solution *known, const struct certify_how *how,
                             struct placement_answer *ret)
{
    double began_ms = cpu_ms();
    int r = __real_certify_placement(problem, known, how, ret);

    solver_ms += cpu_ms() - began_ms;
    return r;
}

/* ---- A host ---- */

static json_t *guest(int number, struct random *random, double scale)
{
    static const int sizes[] = {1, 2, 2, 4, 4, 8};
    int n_vcpus = sizes[random_between(random, 0, 5)];
    double pct = 100 * scale * (0.05 + 0.9 * random_unit(random));
    char name[20];
    json_t *one;

    snprintf(name, sizeof(name), "g-%d", number);
    one = json_pack("{ss si sf}", "name", name, "vcpus", n_vcpus, "pct", pct < 100 ? pct : 100);
    if (random_unit(random) < 0.5)
        json_object_set_new(one, "memory_node", json_integer(random_between(random, 0, 1)));
    return one;
}

static json_t *change(struct random *random, int at_s)
{
    char name[20];

    snprintf(name, sizeof(name), "g-%d", random_between(random, 0, GUESTS - 1));
    return json_pack("{si ss ss sf}", "at_s", at_s, "do", "load", "guest", name, "pct",
                     5 + 90 * random_unit(random));
}

static char *scenario(int seed)
{
    struct random random = {(uint64_t)seed};
    json_t *guests = json_array(), *events = json_array(), *all;
    double scale = load * PCPUS * 0.625 / (GUESTS * 3.5 * 0.5);
    char *text;

    for (int g = 0; g < GUESTS; g++)
        json_array_append_new(guests, guest(g, &random, scale));
    for (int at_s = 10; at_s < DURATION_S; at_s += 10)
        for (int k = 0; k < GUESTS / 20; k++)
            json_array_append_new(events, change(&random, at_s));
    all = json_pack("{ss ss ss si si so so}", "name", "large", "program", "vcpu_scheduler",
                    "topology", shape, "duration_s", DURATION_S, "seed", seed, "guests", guests,
                    "events", events);
    text = all ? json_dumps(all, 0) : NULL;
    json_decref(all);
    return text;
}

/* ---- Intervals ---- */

/* Time passes in the host's own ticker. What the thread takes from the end of one wait to the beginning of
 * the next is the program's. */
struct watch {
    struct ticker ticker;
    double began_ms, solver_began_ms;
    double solver[MOST_INTERVALS], rest[MOST_INTERVALS];
    size_t n;
    bool has_begun;
};

static int wait_and_see(void *self, struct err *err)
{
    struct watch *watch = self;
    double took_ms = cpu_ms() - watch->began_ms, solve_ms = solver_ms - watch->solver_began_ms;
    int r;

    if (watch->has_begun && watch->n < MOST_INTERVALS) {
        watch->solver[watch->n] = solve_ms;
        watch->rest[watch->n++] = took_ms - solve_ms;
    }
    r = watch->ticker.wait(watch->ticker.self, err);
    watch->has_begun = true;
    watch->solver_began_ms = solver_ms;
    watch->began_ms = cpu_ms();
    return r;
}

static uint64_t overruns(void *self)
{
    const struct watch *watch = self;

    return watch->ticker.overruns(watch->ticker.self);
}

static void give_up(const char *why)
{
    fprintf(stderr, "bench_topology: %s\n", why);
    exit(1);
}

static void play(int seed, struct watch *watch)
{
    struct ticker seen = {watch, wait_and_see, overruns, NULL};
    struct vcpu_settings settings;
    char *text = scenario(seed), note[200];
    struct host host;
    struct err err = {0, "out of memory"};

    vcpu_settings_default(&settings);
    settings.level = PIN_AUTO;
    if (!text ||
        simulated_open_text(text, SIMULATED_VCPU, interval_s, &host, &watch->ticker, &err) < 0 ||
        drive_vcpus(&host, &seen, &settings, note, &err) < 0)
        give_up(err.text);
    watch->ticker.close(watch->ticker.self);
    host.close(host.self);
    free(text);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void print(const char *what, double *ms, size_t n, bool as_json, int seed)
{
    qsort(ms, n, sizeof(*ms), ascending);
    if (as_json)
        printf("{\"seed\": %d, \"part\": \"%s\", \"p50_ms\": %.2f, \"p90_ms\": %.2f, \"most_ms\": "
               "%.2f}\n",
               seed, what, ms[(n - 1) / 2], ms[(9 * n + 9) / 10 - 1], ms[n - 1]);
    else
        printf(" %.1f | %.1f | %.1f |", ms[(n - 1) / 2], ms[(9 * n + 9) / 10 - 1], ms[n - 1]);
}

void topology_interval(const struct options *options)
{
    if (!options->json)
        puts("CPU time of an interval, in ms\n\n| seed | all but the solver: p50 | p90 | most | "
             "the solver: p50 | "
             "p90 | most |\n|---|---|---|---|---|---|---|");
    options->pace->total = options->last_seed - options->first_seed + 1;
    for (int seed = options->first_seed; seed <= options->last_seed; seed++) {
        struct watch watch = {.n = 0};

        play(seed, &watch);
        pace_did(options->pace, 1);
        pace_clear(options->pace);
        if (!options->json)
            printf("| %d |", seed);
        print("rest", watch.rest, watch.n, options->json, seed);
        print("solver", watch.solver, watch.n, options->json, seed);
        if (!options->json)
            putchar('\n');
        fflush(stdout);
    }
}
