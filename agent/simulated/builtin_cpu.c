/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/builtin_cpu.h"

#include <stdio.h>

#include "agent/simulated/random.h"

/* The seven CPU cases of the exercise. After five idle seconds the test pins the guests and starts
 * their programs one after the other. For two to six seconds all of them look busy, whatever they
 * will do later; only then do they settle. */

enum { ON_ZERO = 1, HALVES, BALANCED, FLOATING, FLOATING_MIXED, IDLE, FLOATING_STEP, REAL };

static const double test_s = 5, min_settle_s = 2, max_settle_s = 6, step_s = 30, end_s = 60;
static const double busy_pct = 95, busy_noise_pct = 3;

struct build {
    const struct variation *how;
    struct random random;
    double settle_s; /* how long everybody looks busy */
    json_t *guests, *events;
};

static double level_pct(const struct variation *how, bool heavy)
{
    if (how->number == FLOATING_MIXED || how->number == FLOATING_STEP)
        return heavy ? how->high ? 56 : 38 : how->high ? 27 : 19;
    return how->high ? 42 : 25;
}

static unsigned vcpus_of(const struct variation *how, unsigned guest)
{
    static const unsigned mixed[] = {1, 2, 4, 1};

    return how->vcpus ? how->vcpus : mixed[guest % 4];
}

/* The pCPUs that the test pins the n-th vCPU of all to, as a list for the scenario. */
static void pinned_to(const struct variation *how, unsigned n, unsigned all, char *ret, size_t size)
{
    unsigned on = how->number == ON_ZERO  ? 0
                  : how->number == HALVES ? (2 * n < all ? 0u : 1u)
                                          : n % how->pcpus;

    if (how->number == FLOATING || how->number == FLOATING_MIXED || how->number == FLOATING_STEP)
        snprintf(ret, size, "0-%u", how->pcpus - 1);
    else
        snprintf(ret, size, "%u", on);
}

static int add_pins(struct build *build, const char *guest, unsigned vcpus, unsigned first,
                    unsigned all)
{
    int r = 0;

    for (unsigned v = 0; v < vcpus; v++) {
        char pcpus[24];

        pinned_to(build->how, first + v, all, pcpus, sizeof(pcpus));
        r |= json_array_append_new(build->events, json_pack("{s:f, s:s, s:s, s:i, s:s}", "at_s",
                                                            test_s, "do", "pin", "guest", guest,
                                                            "vcpu", (int)v, "pcpus", pcpus));
    }
    return r;
}

static int add_load(struct build *build, const char *guest, double at_s, double pct, double noise)
{
    return json_array_append_new(build->events,
                                 json_pack("{s:f, s:s, s:s, s:f, s:f}", "at_s", at_s, "do", "load",
                                           "guest", guest, "pct", pct, "noise_pct", noise));
}

static int add_loads(struct build *build, const char *guest, unsigned index)
{
    const struct variation *how = build->how;
    bool heavy = how->number == FLOATING_MIXED && index % 2 == 0;
    double start_s = test_s + 0.4 + index * 1.2 / how->guests;
    double end = start_s + build->settle_s + 0.8 * (random_uniform(&build->random) - 0.5);
    int r = 0;

    if (how->number == IDLE)
        return 0;
    r |= add_load(build, guest, start_s, busy_pct, busy_noise_pct);
    r |= add_load(build, guest, end, level_pct(how, heavy), how->noise_pct);
    if (how->number == FLOATING_STEP && index % 2 == 0)
        r |= add_load(build, guest, step_s + 0.3 * random_uniform(&build->random),
                      level_pct(how, true), how->noise_pct);
    return r;
}

static int add_guests(struct build *build)
{
    const struct variation *how = build->how;
    unsigned all = 0, first = 0;
    int r = 0;

    for (unsigned g = 0; g < how->guests; g++)
        all += vcpus_of(how, g);
    for (unsigned g = 0; g < how->guests; g++) {
        unsigned vcpus = vcpus_of(how, g);
        char room[32];
        const char *name = variation_guest_name(g, room, sizeof(room));

        r |= json_array_append_new(build->guests,
                                   json_pack("{s:s, s:i}", "name", name, "vcpus", (int)vcpus));
        r |= add_pins(build, name, vcpus, first, all);
        r |= add_loads(build, name, g);
        first += vcpus;
    }
    return r;
}

static json_t *demo(const struct variation *how)
{
    static const double pct[] = {52, 23, 45, 31, 18, 38, 27, 49};
    json_t *guests = json_array();
    json_t *events = json_array();
    int r = 0;

    for (unsigned g = 0; g < how->guests; g++) {
        char room[32];
        const char *name = variation_guest_name(g, room, sizeof(room));

        r |= json_array_append_new(guests,
                                   json_pack("{s:s, s:s, s:f, s:f}", "name", name, "affinity", "0",
                                             "pct", pct[g % 8], "noise_pct", how->noise_pct));
    }
    r |= json_array_append_new(events,
                               json_pack("{s:f, s:s, s:s, s:f}", "at_s", 20.0, "do", "load",
                                         "guest", variation_guest_name(1, NULL, 0), "pct", 60.0));
    if (r) {
        json_decref(guests);
        json_decref(events);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:s, s:f, s:i, s:{s:i, s:b}, s:o, s:o}", "name", "demo-cpu",
                     "about", "eight guests start on pCPU 0; one of them grows heavier after 20 s",
                     "program", "vcpu_scheduler", "duration_s", 40.0, "seed", (int)how->seed,
                     "host", "pcpus", (int)how->pcpus, "run_delay", !how->no_delay, "guests",
                     guests, "events", events);
}

static json_t *real(const struct variation *how)
{
    double load_pct = how->high ? 80 : 60;

    return json_pack("{s:s, s:s, s:f, s:i, s:{s:i, s:b}, s:{s:f}, s:[{s:s, s:i, s:i}]}", "name",
                     "cpu-real", "program", "vcpu_scheduler", "duration_s", 120.0, "seed",
                     (int)how->seed, "host", "pcpus", (int)how->pcpus, "run_delay", !how->no_delay,
                     "generator", "load_pct", load_pct, "guests", "name", "made", "count",
                     (int)how->guests, "vcpus", (int)(how->vcpus ? how->vcpus : 1));
}

json_t *builtin_cpu(const struct variation *how)
{
    struct build build = {.how = how, .random = random_stream(how->seed, 77)};
    char name[24];

    if (how->number == 0)
        return demo(how);
    if (how->number == REAL)
        return real(how);
    build.settle_s = min_settle_s + (max_settle_s - min_settle_s) * random_uniform(&build.random);
    build.guests = json_array();
    build.events = json_array();
    if (add_guests(&build)) {
        json_decref(build.guests);
        json_decref(build.events);
        return NULL;
    }
    snprintf(name, sizeof(name), "cpu-%d", how->number);
    return json_pack("{s:s, s:s, s:f, s:f, s:i, s:{s:i, s:b}, s:o, s:o}", "name", name, "program",
                     "vcpu_scheduler", "duration_s", end_s, "first_sample_s", 0.37, "seed",
                     (int)how->seed, "host", "pcpus", (int)how->pcpus, "run_delay", !how->no_delay,
                     "guests", build.guests, "events", build.events);
}
