/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/simulated/generator.h"
#include "tests/model/random.h"

enum { INTERVALS_PER_STEP = 10, NEAR = 6, LEAST_GUESTS = 20 };
static const double KEPT = 0.7, LEAST = 0.001;
/* A value that scatters by s is off the middle of two others that scatter alike by 1.22 s. */
static const double FROM_MIDDLE = 0.816;

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);

    if (!p)
        abort();
    return p;
}

static struct trace trace_new(const struct trace_wish *wish, int n_parts, int n_intervals)
{
    struct trace trace = {.n = wish->size.n,
                          .m = wish->size.m,
                          .n_parts = n_parts,
                          .n_intervals = n_intervals,
                          .seed = wish->seed,
                          .interval_s = wish->interval_s};

    trace.demand = zeroed((size_t)trace.n * (size_t)n_parts * (size_t)n_intervals, sizeof(double));
    return trace;
}

static void set(struct trace *trace, int row, int vcpu, double share)
{
    trace->demand[(long)row * trace->n + vcpu] = fmin(1, fmax(LEAST, share));
}

/* ---- Which guests ---- */

struct candidate {
    const struct series *series;
    int from; /* the step at which it begins */
    double mean;
};

static int busier_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->mean != y->mean)
        return x->mean < y->mean ? 1 : -1;
    return strcmp(x->series->name, y->series->name);
}

static void shuffle(struct candidate *candidates, int n, struct random *random)
{
    for (int k = n - 1; k > 0; k--) {
        int other = random_between(random, 0, k);
        struct candidate kept = candidates[k];

        candidates[k] = candidates[other];
        candidates[other] = kept;
    }
}

/* All guests of all recordings, busiest first. */
static struct candidate *list(const struct recording *recordings, size_t n_recordings, int n_steps,
                              struct random *random, int *ret_n)
{
    struct candidate *candidates;
    int n = 0, all = 0;

    for (size_t r = 0; r < n_recordings; r++)
        all += recordings[r].n_series;
    candidates = zeroed((size_t)all, sizeof(*candidates));
    for (size_t r = 0; r < n_recordings; r++) {
        int from = random_between(random, 0, recordings[r].n_steps - n_steps);

        for (int k = 0; k < recordings[r].n_series; k++) {
            struct candidate candidate = {&recordings[r].series[k], from, 0};

            for (int t = 0; t < n_steps; t++)
                candidate.mean += candidate.series->value[from + t] / n_steps;
            candidates[n++] = candidate;
        }
    }
    qsort(candidates, (size_t)n, sizeof(*candidates), busier_first);
    *ret_n = n;
    return candidates;
}

/* So many of the busiest that their vCPUs have the mean load that is wished. */
static int busiest(const struct candidate *candidates, int n, const struct trace_wish *wish)
{
    double wanted = wish->load_pct / 100 * wish->size.m / wish->size.n, sum = 0;
    int n_vcpus = 0;

    if (!(wish->load_pct > 0))
        return n;
    for (int k = 0; k < n; k++) {
        int more = candidates[k].series->n_vcpus;

        sum += candidates[k].mean * more;
        n_vcpus += more;
        if (k + 1 >= LEAST_GUESTS && n_vcpus >= wish->size.n && sum / n_vcpus < wanted)
            return k + 1;
    }
    return n;
}

/* A guest's vCPUs share its load evenly; where guests are too few they come again. */
static void choose(const struct recording *recordings, size_t n_recordings, int n_steps,
                   const struct trace_wish *wish, struct random *random, struct candidate *ret)
{
    int n, taken = 0;
    struct candidate *candidates = list(recordings, n_recordings, n_steps, random, &n);
    int pool = busiest(candidates, n, wish);

    shuffle(candidates, pool, random);
    for (int k = 0; taken < wish->size.n; k = (k + 1) % pool)
        for (int v = 0; v < candidates[k].series->n_vcpus && taken < wish->size.n; v++)
            ret[taken++] = candidates[k];
    free(candidates);
}

/* ---- Recordings ---- */

static struct trace as_it_is(const struct recording *recordings, size_t n,
                             const struct trace_wish *wish, int n_steps, struct random *random)
{
    int n_parts = (int)lround(wish->interval_s / recordings[0].step_s);
    struct trace trace = trace_new(wish, n_parts, n_steps / n_parts);
    struct candidate *chosen = zeroed((size_t)trace.n, sizeof(*chosen));

    choose(recordings, n, n_steps, wish, random, chosen);
    for (int t = 0; t < trace.n_intervals * n_parts; t++)
        for (int i = 0; i < trace.n; i++)
            set(&trace, t, i, chosen[i].series->value[chosen[i].from + t]);
    free(chosen);
    return trace;
}

static double noise_near(const struct candidate *guest, int n_steps, int step,
                         struct random *random)
{
    int t = step + random_between(random, -NEAR, NEAR);
    const double *value = guest->series->value + guest->from;

    t = t < 1 ? 1 : t > n_steps - 2 ? n_steps - 2 : t;
    return FROM_MIDDLE * (value[t] - (value[t - 1] + value[t + 1]) / 2);
}

static struct trace compressed(const struct recording *recordings, size_t n,
                               const struct trace_wish *wish, int n_steps, struct random *random)
{
    struct trace trace = trace_new(wish, 1, wish->n_intervals);
    struct candidate *chosen = zeroed((size_t)trace.n, sizeof(*chosen));
    double *noise = zeroed((size_t)trace.n, sizeof(*noise));

    choose(recordings, n, n_steps, wish, random, chosen);
    for (int t = 0; t < trace.n_intervals; t++) {
        int step = t / INTERVALS_PER_STEP;
        double part = t % INTERVALS_PER_STEP / (double)INTERVALS_PER_STEP;

        for (int i = 0; i < trace.n; i++) {
            const double *value = chosen[i].series->value + chosen[i].from + step;

            if (t == 0 || random_unit(random) > KEPT)
                noise[i] = noise_near(&chosen[i], n_steps, step, random);
            set(&trace, t, i, value[0] + (value[1] - value[0]) * part + noise[i]);
        }
    }
    free(chosen);
    free(noise);
    return trace;
}

struct trace trace_of_recordings(const struct recording *recordings, size_t n,
                                 const struct trace_wish *wish)
{
    struct random random = {.state = (uint64_t)wish->seed};
    bool is_fine = recordings[0].step_s <= wish->interval_s;
    int n_steps = is_fine ? (int)lround(wish->n_intervals * wish->interval_s / recordings[0].step_s)
                          : wish->n_intervals / INTERVALS_PER_STEP + 3;

    for (size_t r = 0; r < n; r++)
        if (recordings[r].n_steps < n_steps)
            n_steps = recordings[r].n_steps;
    if (!is_fine && n_steps < wish->n_intervals / INTERVALS_PER_STEP + 2) {
        fprintf(stderr, "a recording is too short for %d intervals\n", wish->n_intervals);
        exit(2);
    }
    return is_fine ? as_it_is(recordings, n, wish, n_steps, &random)
                   : compressed(recordings, n, wish, n_steps, &random);
}

/* ---- Tables ---- */

bool trace_is_table(const char *path)
{
    char *text = recording_text(path);
    int numbers[4];
    bool is_table =
        sscanf(text, "%d %d %d %d", numbers, numbers + 1, numbers + 2, numbers + 3) == 4;

    free(text);
    return is_table;
}

struct trace trace_of_table(const char *path)
{
    char *text = recording_text(path), *rest = text;
    struct trace_wish wish = {.load_pct = 0};
    struct trace trace;
    int n_parts = 0, n_intervals = 0, read = 0;

    if (sscanf(text, "%d %d %d %d %lf %d%n", &wish.size.n, &wish.size.m, &n_parts, &n_intervals,
               &wish.interval_s, &wish.seed, &read) != 6 ||
        wish.size.n < 1 || wish.size.m < 1 || n_parts < 1 || n_intervals < 1) {
        fprintf(stderr, "%s: no table of demands\n", path);
        exit(2);
    }
    trace = trace_new(&wish, n_parts, n_intervals);
    rest += read;
    for (int row = 0; row < n_parts * n_intervals; row++) {
        for (int i = 0; i < trace.n; i++) {
            char *end;
            long permille = strtol(rest, &end, 10);

            if (end == rest) {
                fprintf(stderr, "%s: it ends in row %d\n", path, row + 1);
                exit(2);
            }
            set(&trace, row, i, (double)permille / 1000);
            rest = end;
        }
    }
    free(text);
    return trace;
}

/* ---- Made up ---- */

struct trace trace_generated(const struct trace_wish *wish)
{
    int n_parts = (int)fmax(1, round(wish->interval_s)), n = wish->size.n;
    struct trace trace = trace_new(wish, n_parts, wish->n_intervals);
    const struct generator_wish made = {.n = (unsigned)n,
                                        .mean = wish->load_pct / 100 * wish->size.m / n,
                                        .step_s = wish->interval_s / n_parts,
                                        .seed = (uint64_t)wish->seed};
    struct generator *generator = generator_new(&made);
    double *demand = zeroed((size_t)n, sizeof(*demand));

    if (!generator)
        abort();
    for (int t = 0; t < wish->n_intervals * n_parts; t++) {
        generator_step(generator, demand);
        for (int i = 0; i < n; i++)
            set(&trace, t, i, demand[i]);
    }
    generator_free(generator);
    free(demand);
    return trace;
}

void trace_done(struct trace *trace)
{
    free(trace->demand);
}

double trace_mean(const struct trace *trace, int interval, int vcpu)
{
    double sum = 0;

    for (int part = 0; part < trace->n_parts; part++)
        sum += trace_at(trace, interval, part, vcpu);
    return sum / trace->n_parts;
}
