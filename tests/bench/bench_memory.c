/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "planner/memory/check.h"
#include "planner/memory/planner.h"
#include "tests/bench/options.h"
#include "tests/bench/pace.h"
#include "tests/model/other_solvers.h"
#include "tests/model/random.h"

/* What one interval of the memory planner costs: belief, forecast, program, solve, plan and check,
 * in CPU time of this thread, on a host that has enough (steady) and on one that has not (scarce).
 * Beside it: the natural program of the same problem (three rows per guest) in glpsol. */

enum { KIB_PER_MIB = 1024, INTERVALS = 60, WARM_UP = 10, MAX_GUESTS = 100000 };

struct guest {
    uint64_t actual_kib, base_kib, used_kib;
};

struct bench {
    size_t n;
    struct guest *guests;
    struct memory_reading *readings;
    struct memory_settings settings;
    struct memory_planner *planner;
    bool is_scarce, is_explained;
    struct random random;
    double ms[INTERVALS];
    int64_t max_pivots;
    size_t calls;
    double max_gap;
};

static uint64_t below(struct bench *bench, uint64_t limit)
{
    return random_next(&bench->random) % limit;
}

static void populate(struct bench *bench)
{
    for (size_t i = 0; i < bench->n; i++) {
        struct guest *guest = &bench->guests[i];
        struct memory_reading *reading = &bench->readings[i];

        guest->base_kib = (200 + below(bench, 600)) * KIB_PER_MIB;
        guest->actual_kib = guest->base_kib + (80 + below(bench, 300)) * KIB_PER_MIB;
        snprintf(reading->guest.name, sizeof(reading->guest.name), "guest-%zu", i);
        for (int byte = 0; byte < 8; byte++)
            reading->guest.uuid[byte] = (unsigned char)(i >> (56 - 8 * byte));
        reading->run = GUEST_RUNNING;
        reading->has_balloon = true;
        reading->has = MEMORY_HAS_UNUSED | MEMORY_HAS_AVAILABLE | MEMORY_HAS_AGE | MEMORY_HAS_RSS;
        reading->maximum_kib = 2048 * KIB_PER_MIB;
    }
}

/* A tenth of the guests grow and fall in turn; all wander a little. */
static void live(struct bench *bench, size_t interval)
{
    for (size_t i = 0; i < bench->n; i++) {
        struct guest *guest = &bench->guests[i];
        struct memory_reading *reading = &bench->readings[i];
        uint64_t wave = i % 10 == 0 ? (interval + i) % 20 * 12 * KIB_PER_MIB : 0;

        guest->used_kib = guest->base_kib + below(bench, 3 * KIB_PER_MIB) + wave;
        if (guest->used_kib + 60 * KIB_PER_MIB > guest->actual_kib)
            guest->used_kib = guest->actual_kib - 60 * KIB_PER_MIB;
        reading->actual_kib = guest->actual_kib;
        reading->unused_kib = guest->actual_kib - guest->used_kib;
        reading->available_kib = guest->actual_kib - 16 * KIB_PER_MIB;
        reading->rss_kib = guest->actual_kib + 64 * KIB_PER_MIB;
    }
}

static void apply(struct bench *bench, const struct balloon_step *steps, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        size_t i = 0;

        for (int byte = 0; byte < 8; byte++)
            i = i << 8 | steps[k].guest.uuid[byte];
        bench->guests[i].actual_kib = steps[k].to_kib;
    }
    bench->calls += n;
}

static double interval_ms(struct bench *bench, size_t interval)
{
    struct memory_sample sample = {.at_ns = (interval + 1) * UINT64_C(2000000000),
                                   .host_total_kib = bench->n * 1024 * KIB_PER_MIB,
                                   .guests = bench->readings,
                                   .n_guests = bench->n};
    struct memory_plan plan = {0};
    struct err err = {0};
    double ms;
    int r;

    live(bench, interval);
    sample.host_free_kib = bench->is_scarce ? 260 * KIB_PER_MIB : bench->n * 512 * KIB_PER_MIB;
    sample.host_available_kib = sample.host_free_kib;
    ms = cpu_ms();
    if (memory_planner_step(bench->planner, &sample, &plan, &err) < 0)
        abort();
    r = memory_check(&bench->settings, &sample, &plan, &err);
    ms = cpu_ms() - ms;
    if (r < 0 || plan.gap > 0) {
        fprintf(stderr, "bench_memory: gap %g, %s\n", plan.gap, err.text);
        exit(1);
    }
    if (interval >= WARM_UP && plan.work.pivots > bench->max_pivots)
        bench->max_pivots = plan.work.pivots;
    apply(bench, plan.reclaims, plan.n_reclaims);
    apply(bench, plan.grants, plan.n_grants);
    memory_plan_done(&plan);
    return ms;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

static void measure(struct bench *bench)
{
    memory_settings_default(&bench->settings);
    bench->settings.explain = bench->is_explained;
    bench->planner = memory_planner_new(&bench->settings);
    populate(bench);
    for (size_t i = 0; i < INTERVALS; i++)
        bench->ms[i] = interval_ms(bench, i);
    qsort(bench->ms + WARM_UP, INTERVALS - WARM_UP, sizeof(double), compare);
    memory_planner_free(bench->planner);
}

static double percentile(const struct bench *bench, size_t percent)
{
    return bench->ms[WARM_UP + (INTERVALS - WARM_UP - 1) * percent / 100];
}

/* ---- the natural program ---- */

/* Sizes, shortfalls and changes as variables: wish, change and release rows for each guest, and one
 * for the host. */
static void write_natural(const struct bench *bench, FILE *out)
{
    double total = 0;

    fprintf(out, "Minimize\n obj:");
    for (size_t i = 0; i < bench->n; i++)
        fprintf(out, " + 32 s%zu + 2 u%zu + d%zu\n", i, i, i);
    fprintf(out, "Subject To\n");
    for (size_t i = 0; i < bench->n; i++) {
        const struct guest *guest = &bench->guests[i];
        double actual = (double)guest->actual_kib / KIB_PER_MIB;

        total += actual;
        fprintf(out, " w%zu: y%zu + s%zu >= %.3f\n", i, i, i,
                (double)guest->used_kib / KIB_PER_MIB + 100 + 20 * (double)(i % 3));
        fprintf(out, " c%zu: y%zu - u%zu + d%zu = %.3f\n", i, i, i, i, actual);
        fprintf(out, " r%zu: d%zu <= 128\n", i, i);
    }
    fprintf(out, " host:");
    for (size_t i = 0; i < bench->n; i++)
        fprintf(out, " + y%zu\n", i);
    fprintf(out, " <= %.3f\nBounds\n", total * 0.95);
    for (size_t i = 0; i < bench->n; i++)
        fprintf(out, " 200 <= y%zu <= 2048\n", i);
    fprintf(out, "End\n");
}

/* glpsol's own CPU time, start-up and reading included; -1 without glpsol. */
static double natural_ms(const struct bench *bench)
{
    struct rusage before, after;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return -1;
    write_natural(bench, out);
    fclose(out);
    getrusage(RUSAGE_CHILDREN, &before);
    if (!has_program("glpsol") || isnan(glpsol_lp(text))) {
        free(text);
        return -1;
    }
    getrusage(RUSAGE_CHILDREN, &after);
    free(text);
    return 1e3 * (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec) +
           1e-3 * (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec);
}

/* ---- */

static json_t *result(const struct bench *bench, double natural)
{
    return json_pack("{s:I, s:s, s:f, s:f, s:I, s:I, s:f}", "guests", (json_int_t)bench->n, "host",
                     bench->is_scarce ? "scarce" : "enough", "ms_p50", percentile(bench, 50),
                     "ms_p90", percentile(bench, 90), "pivots", (json_int_t)bench->max_pivots,
                     "calls", (json_int_t)bench->calls, "natural_lp_ms", natural);
}

static void tell(const struct bench *bench, double natural, bool is_json)
{
    json_t *json = result(bench, natural);

    if (is_json) {
        json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(5));
        putchar('\n');
    } else {
        printf("%7zu  %-6s  %9.3f  %9.3f  %6lld  %7zu  %13.0f  %8.0f\n", bench->n,
               bench->is_scarce ? "scarce" : "enough", percentile(bench, 50), percentile(bench, 90),
               (long long)bench->max_pivots, bench->calls, natural,
               natural / percentile(bench, 50));
    }
    json_decref(json);
}

struct wanted {
    size_t guests; /* 0: a series */
    bool is_json, is_explained, is_quiet;
    struct pace pace;
};

static void run(size_t n, bool is_scarce, struct wanted *wanted)
{
    struct bench bench = {
        .n = n, .is_scarce = is_scarce, .is_explained = wanted->is_explained, .random = {1}};
    double natural;

    bench.guests = calloc(n, sizeof(*bench.guests));
    bench.readings = calloc(n, sizeof(*bench.readings));
    if (!bench.guests || !bench.readings)
        abort();
    measure(&bench);
    natural = natural_ms(&bench);
    pace_clear(&wanted->pace);
    tell(&bench, natural, wanted->is_json);
    pace_did(&wanted->pace, (double)n);
    free(bench.guests);
    free(bench.readings);
}

static error_t take(int key, char *text, struct argp_state *state)
{
    struct wanted *wanted = state->input;
    char *end;

    switch (key) {
    case 'g':
        wanted->guests = strtoul(text, &end, 10);
        if (*end || wanted->guests == 0 || wanted->guests > MAX_GUESTS)
            argp_error(state, "--guests takes a number from 1 to %d, not '%s'", MAX_GUESTS, text);
        return 0;
    case 'e':
        wanted->is_explained = true;
        return 0;
    case 'j':
        wanted->is_json = true;
        return 0;
    case 'q':
        wanted->is_quiet = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const size_t series[] = {4, 64, 512, 1000, 4096};
    const struct argp_option options[] = {
        {"guests", 'g', "N", 0, "Only this many guests", 0},
        {"explain", 'e', NULL, 0, "Explain every guest's size, too", 0},
        {"json", 'j', NULL, 0, "One JSON object per line", 0},
        {"quiet", 'q', NULL, 0, "Tell no progress", 0},
        {0},
    };
    const struct argp argp = {options, take, NULL, "What one interval of the memory planner costs.",
                              NULL,    NULL, NULL};
    struct wanted wanted = {0};
    size_t n = sizeof(series) / sizeof(series[0]);
    double total = 0;

    argp_parse(&argp, argc, argv, 0, NULL, &wanted);
    for (size_t i = 0; i < (wanted.guests ? 1 : n); i++)
        total += 2 * (double)(wanted.guests ? wanted.guests : series[i]);
    pace_begin(&wanted.pace, argv[0], wanted.is_quiet, total);
    if (!wanted.is_json)
        printf(" guests  host      ms p50     ms p90  pivots    calls  natural LP ms     ratio\n");
    for (size_t i = 0; i < (wanted.guests ? 1 : n); i++) {
        run(wanted.guests ? wanted.guests : series[i], false, &wanted);
        run(wanted.guests ? wanted.guests : series[i], true, &wanted);
    }
    pace_clear(&wanted.pace);
    return 0;
}
