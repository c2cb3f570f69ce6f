/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/builtin_memory.h"

#include <math.h>
#include <stdio.h>

#include "agent/simulated/random.h"

/* The four memory cases of the exercise. Guests start with the sizes that the last case left; at
 * the third sample of two seconds the test forces all of them to 512 MiB and then starts programs
 * that allocate page after page: "A" stops at 512 MiB, "B" when it gets no more; both then free
 * everything at once and end. */

static const double resize_s = 6, programs_s = 10;
static const double a_mib = 512;
static const double overhead_mib = 60, other_mib = 250;
static const double slowest_mib_per_s = 13, fastest_mib_per_s = 22, burst_pct = 4;

enum program { NONE, PROGRAM_A, PROGRAM_B };

static enum program program_of(const struct variation *how, unsigned guest)
{
    switch (how->number) {
    case 1: /* one grows */
        return guest == 0 ? PROGRAM_B : NONE;
    case 2: /* all grow */
        return PROGRAM_B;
    case 3: /* all grow, two stop early */
        return guest < 2 ? PROGRAM_A : PROGRAM_B;
    default: /* two grow, one stops early */
        return guest == 0 ? PROGRAM_A : guest == 1 ? PROGRAM_B : NONE;
    }
}

static json_t *guest_json(const struct variation *how, unsigned g, struct random *random)
{
    static const double left_over_mib[] = {350, 448, 311, 512};
    char room[32];
    double actual = fmin(left_over_mib[g % 4], how->maximum_mib);
    double used = 162 + 14 * random_uniform(random);
    double cache = fmin(145, actual - used - 105);

    return json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "name",
                     variation_guest_name(g, room, sizeof(room)), "maximum_mib", how->maximum_mib,
                     "actual_mib", actual, "used_mib", used, "cache_mib", cache, "overhead_mib",
                     overhead_mib, "watermark_mib", 58 + 12 * random_uniform(random),
                     "balloon_mib_per_s", how->balloon_mib_per_s);
}

static int add_program(const struct variation *how, unsigned g, struct random *random,
                       json_t *events)
{
    enum program program = program_of(how, g);
    double spread = fastest_mib_per_s - slowest_mib_per_s;
    double at_s = programs_s + 0.5 * g;
    double rate = slowest_mib_per_s + spread * random_uniform(random);
    char room[32];

    if (program == NONE)
        return 0;
    return json_array_append_new(
        events, json_pack("{s:f, s:s, s:s, s:f, s:f, s:f}", "at_s", at_s, "do", "grow", "guest",
                          variation_guest_name(g, room, sizeof(room)), "mib_per_s", rate,
                          "burst_pct", burst_pct, "until_mib", program == PROGRAM_A ? a_mib : 0));
}

static json_t *demo(const struct variation *how)
{
    json_t *guests = json_array();
    int r = 0;

    for (unsigned g = 0; g < how->guests; g++) {
        char room[32];

        r |= json_array_append_new(guests, json_pack("{s:s, s:f}", "name",
                                                     variation_guest_name(g, room, sizeof(room)),
                                                     "balloon_mib_per_s", how->balloon_mib_per_s));
    }
    if (r) {
        json_decref(guests);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:s, s:f, s:i, s:{s:f, s:f}, s:o, s:[{s:f, s:s, s:s, s:f, s:f}]}",
                     "name", "demo-memory", "about",
                     "one of four guests grows by 900 MiB and frees all of it", "program",
                     "memory_coordinator", "duration_s", 80.0, "seed", (int)how->seed, "host",
                     "memory_mib", 1024 * how->host_gib, "other_mib", other_mib, "guests", guests,
                     "events", "at_s", 7.0, "do", "grow", "guest", variation_guest_name(1, NULL, 0),
                     "mib_per_s", 25.0, "until_mib", 900.0);
}

json_t *builtin_memory(const struct variation *how)
{
    struct random random = random_stream(how->seed, 78);
    /* the slowest growth, and a release of 128 MiB every five seconds */
    double end_s = 100 + how->maximum_mib / slowest_mib_per_s + 5 * how->maximum_mib / 128;
    json_t *guests, *events;
    char name[24];
    int r = 0;

    if (how->number == 0)
        return demo(how);
    guests = json_array();
    events = json_array();
    r |= json_array_append_new(events, json_pack("{s:f, s:s, s:f}", "at_s", resize_s, "do",
                                                 "resize", "mib", fmin(512, how->maximum_mib)));
    for (unsigned g = 0; g < how->guests; g++) {
        r |= json_array_append_new(guests, guest_json(how, g, &random));
        r |= add_program(how, g, &random, events);
    }
    if (r) {
        json_decref(guests);
        json_decref(events);
        return NULL;
    }
    snprintf(name, sizeof(name), "memory-%d", how->number);
    return json_pack("{s:s, s:s, s:f, s:f, s:i, s:{s:f, s:f}, s:o, s:o}", "name", name, "program",
                     "memory_coordinator", "duration_s", end_s, "first_sample_s", 0.7, "seed",
                     (int)how->seed, "host", "memory_mib", 1024 * how->host_gib, "other_mib",
                     other_mib, "guests", guests, "events", events);
}
