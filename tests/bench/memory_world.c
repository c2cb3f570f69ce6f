/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* strsep */
#include "tests/bench/memory_world.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/simulated/random.h"
#include "tests/bench/recording.h"

enum { HOURS = 2, GUESTS = 24, MOST_STEPS = 4096 };
static const double KERNEL_MIB = 150, CACHE_MIB = 100, AT_FIRST_MIB = 120;
static const double LEAST_RANGE_MIB = 64; /* who changes by less does nothing */
static const double LEAST_GUEST_MIB = 1024, MOST_GUEST_MIB = 65536;
static const double HOST_SHARE = 0.7, OTHER_MIB = 600, OVERHEAD_MIB = 64, RESERVE_MIB = 256;
static const double FAST_S = 20;

struct guest_memory {
    char name[32];
    double ordered_mib;
    double *used_mib; /* [n_steps + 1] */
};

struct load {
    double step_s;
    int n_steps;
    struct guest_memory *guests;
    int n_guests;
};

const char *memory_kind_text(enum memory_kind kind)
{
    static const char *const texts[MEMORY_KINDS] = {"scarce, gradual", "scarce, 20 s",
                                                    "roomy, 20 s"};

    return texts[kind];
}

static int between(struct random *random, int low, int high)
{
    return low + (int)(random_uniform(random) * (high - low + 1));
}

static struct guest_memory *add(struct load *load, const char *name, double ordered_mib, int n)
{
    struct guest_memory *guest =
        realloc(load->guests, ((size_t)load->n_guests + 1) * sizeof(*load->guests));

    if (!guest)
        abort();
    load->guests = guest;
    guest = &load->guests[load->n_guests++];
    *guest = (struct guest_memory){.ordered_mib = ordered_mib,
                                   .used_mib = calloc((size_t)n + 1, sizeof(double))};
    if (!guest->used_mib)
        abort();
    snprintf(guest->name, sizeof(guest->name), "%s", name);
    return guest;
}

static void drop_last(struct load *load)
{
    free(load->guests[--load->n_guests].used_mib);
}

/* Whether it does something in this time; used becomes what its guest uses. */
static bool is_alive(const struct load *load, struct guest_memory *guest)
{
    double least = INFINITY, most = 0;

    for (int t = 0; t <= load->n_steps; t++) {
        least = fmin(least, guest->used_mib[t]);
        most = fmax(most, guest->used_mib[t]);
        guest->used_mib[t] = KERNEL_MIB + fmin(guest->used_mib[t], guest->ordered_mib - 450);
    }
    return most - least >= LEAST_RANGE_MIB;
}

static void read_guest(struct load *load, char *line, int from)
{
    char *name = strsep(&line, ","), *vcpus = strsep(&line, ","), *mib = strsep(&line, ",");
    double ordered = mib ? strtod(mib, NULL) : 0;
    struct guest_memory *guest;
    int t = 0;

    if (!vcpus || ordered < LEAST_GUEST_MIB || ordered > MOST_GUEST_MIB)
        return;
    guest = add(load, name, ordered, load->n_steps);
    for (char *word; t < from + load->n_steps + 1 && (word = strsep(&line, ",")); t++)
        if (t >= from)
            guest->used_mib[t - from] = strtod(word, NULL);
    if (t < from + load->n_steps + 1 || !is_alive(load, guest))
        drop_last(load);
}

static int values_in(const char *text)
{
    const char *line = strchr(text, '\n');
    int n = -3;

    for (const char *c = line ? line + 1 : ""; *c && *c != '\n'; c++)
        n += *c == ',';
    return n + 1;
}

static void read_load(const char *path, struct random *random, struct load *ret)
{
    char *text = recording_text(path), *rest = text;
    int n = values_in(text), from;

    if (sscanf(text, "# step_s=%lf", &ret->step_s) != 1 || !(ret->step_s > 0)) {
        fprintf(stderr, "%s: its first line does not say step_s=\n", path);
        exit(2);
    }
    ret->n_steps = (int)(HOURS * 3600 / ret->step_s);
    if (n <= ret->n_steps + 1) {
        fprintf(stderr, "%s: %d values are fewer than two hours\n", path, n);
        exit(2);
    }
    from = between(random, 0, n - ret->n_steps - 2);
    strsep(&rest, "\n");
    for (char *line; (line = strsep(&rest, "\n"));)
        read_guest(ret, line, from);
    free(text);
}

/* Levels that wander, with leaps up that end after a while, as in the hosters' recordings. */
static void make_load(struct random *random, struct load *ret)
{
    ret->step_s = 300;
    ret->n_steps = (int)(HOURS * 3600 / ret->step_s);
    for (int k = 0; k < 2 * GUESTS; k++) {
        double level = 60 * exp(1.5 * random_uniform(random) * 2), leap = 0;
        double ordered = 1024 * pow(2, between(random, 1, 5));
        struct guest_memory *guest;
        char name[16];

        snprintf(name, sizeof(name), "made%d", k);
        guest = add(ret, name, ordered, ret->n_steps);
        for (int t = 0; t <= ret->n_steps; t++) {
            double noise = 0.15 * random_normal(random);

            leap = random_uniform(random) < 0.08  ? level * (0.5 + 2 * random_uniform(random))
                   : random_uniform(random) < 0.3 ? 0
                                                  : leap;
            guest->used_mib[t] = fmin((level + leap) * exp(noise), 0.7 * ordered);
        }
        if (!is_alive(ret, guest))
            drop_last(ret);
    }
}

/* As many as are wanted, by lot. */
static void choose(struct load *load, struct random *random)
{
    for (int k = 0; k < load->n_guests && k < GUESTS; k++) {
        int other = between(random, k, load->n_guests - 1);
        struct guest_memory chosen = load->guests[other];

        load->guests[other] = load->guests[k];
        load->guests[k] = chosen;
    }
    while (load->n_guests > GUESTS)
        drop_last(load);
}

static double maximum_of(const struct load *load, const struct guest_memory *guest,
                         enum memory_kind kind)
{
    double peak = 0;

    for (int t = 0; t <= load->n_steps; t++)
        peak = fmax(peak, guest->used_mib[t]);
    return kind == MEMORY_ROOMY ? guest->ordered_mib : floor(1.15 * peak + 300);
}

static double pool_of(const struct load *load, enum memory_kind kind)
{
    double sum = 0;

    for (int g = 0; g < load->n_guests; g++)
        sum += maximum_of(load, &load->guests[g], kind);
    return HOST_SHARE * sum;
}

static json_t *guests_of(const struct load *load, enum memory_kind kind)
{
    double left = pool_of(load, kind) - RESERVE_MIB, missing = 0, part;
    json_t *guests = json_array();

    for (int g = 0; g < load->n_guests; g++) {
        double needs = load->guests[g].used_mib[0] + CACHE_MIB + AT_FIRST_MIB;

        left -= needs;
        missing += maximum_of(load, &load->guests[g], kind) - needs;
    }
    part = fmax(0, fmin(1, left / missing));
    for (int g = 0; g < load->n_guests; g++) {
        const struct guest_memory *guest = &load->guests[g];
        double needs = guest->used_mib[0] + CACHE_MIB + AT_FIRST_MIB;
        double most = maximum_of(load, guest, kind);

        json_array_append_new(guests, json_pack("{s:s,s:f,s:f,s:f,s:f}", "name", guest->name,
                                                "maximum_mib", most, "used_mib", guest->used_mib[0],
                                                "cache_mib", CACHE_MIB, "actual_mib",
                                                floor(fmin(most, needs + part * (most - needs)))));
    }
    return guests;
}

struct change {
    double at_s, mib;
    const char *guest;
};

static int by_time(const void *a, const void *b)
{
    const struct change *x = a, *y = b;

    return (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

/* From each value to the next one in steps of two seconds, begun at any moment that leaves time. */
static json_t *events_of(const struct load *load, double ramp_s, struct random *random)
{
    int steps = (int)fmax(1, round(ramp_s / 2));
    size_t room = (size_t)load->n_guests * (size_t)load->n_steps * (size_t)steps, n = 0;
    struct change *changes = calloc(room + 1, sizeof(*changes));
    json_t *events = json_array();

    if (!changes)
        abort();
    for (int g = 0; g < load->n_guests; g++)
        for (int t = 0; t < load->n_steps; t++) {
            const struct guest_memory *guest = &load->guests[g];
            double by = guest->used_mib[t + 1] - guest->used_mib[t];
            double begin_s = load->step_s * t + random_uniform(random) * (load->step_s - ramp_s);

            for (int k = 1; k <= steps && by != 0; k++)
                changes[n++] = (struct change){begin_s + ramp_s * k / steps,
                                               guest->used_mib[t] + by * k / steps, guest->name};
        }
    qsort(changes, n, sizeof(*changes), by_time);
    for (size_t k = 0; k < n; k++)
        json_array_append_new(events,
                              json_pack("{s:f,s:s,s:s,s:f}", "at_s", changes[k].at_s, "do", "use",
                                        "guest", changes[k].guest, "mib", changes[k].mib));
    free(changes);
    return events;
}

char *memory_world(const char *path, enum memory_kind kind, int seed)
{
    struct random random = random_stream((uint64_t)seed, 79);
    struct load load = {0};
    json_t *scenario;
    double ramp_s, pool;
    char *text;

    if (path)
        read_load(path, &random, &load);
    else
        make_load(&random, &load);
    choose(&load, &random);
    ramp_s = kind == MEMORY_GRADUAL ? load.step_s : fmin(FAST_S, load.step_s);
    pool = pool_of(&load, kind);
    scenario = json_pack(
        "{s:s,s:f,s:i,s:i,s:{s:f,s:f},s:o,s:o}", "program", "memory_coordinator", "duration_s",
        load.n_steps * load.step_s, "step_ms", 100, "seed", seed, "host", "memory_mib",
        floor(pool + OTHER_MIB + OVERHEAD_MIB * load.n_guests), "other_mib", OTHER_MIB, "guests",
        guests_of(&load, kind), "events", events_of(&load, ramp_s, &random));
    text = json_dumps(scenario, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(scenario);
    while (load.n_guests)
        drop_last(&load);
    free(load.guests);
    if (!text)
        abort();
    return text;
}
