/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_LOAD_H
#define EVENKEEL_AGENT_SIMULATED_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/guest.h"

/* What guests did somewhere, as a file tells it: values that hold until the next one. */
struct load_point {
    double at_s, value;
};
struct load_series {
    struct load_point *points;
    size_t n, room;
};

struct load_guest {
    char name[GUEST_NAME_SIZE];
    size_t guest;              /* its index in the scenario */
    struct load_series *vcpus; /* [n_vcpus] what each wants, in shares of a pCPU */
    unsigned n_vcpus;
    struct load_series all;  /* the same of all of them */
    struct load_series used; /* memory in use, in KiB */
};

struct load {
    struct load_guest *guests; /* in the order of their appearance */
    size_t n_guests, guests_room;
    size_t *order; /* their indices, by name */
    size_t n_points;
    double end_s, gap_s; /* when the last value begins, and how long after the one before */
    /* How it is played. */
    double speed, offset_s;
    bool repeats, interpolates;
    bool has_noise; /* of the size that neighbouring values show */
};

/* 16 bytes each: 128 MiB. */
enum { LOAD_MOST_POINTS = 8 << 20, LOAD_MOST_GUESTS = 10000, LOAD_MOST_VCPUS = 512 };
enum { LOAD_ALL = -1, LOAD_USED = -2 }; /* in place of a vCPU's number */

/* The index of a guest of that name, which is added where there is none; -ENOMEM, -E2BIG. */
long load_guest(struct load *load, const char *name);
/* What begins then. 0, -ENOMEM, -E2BIG (more points than there may be), or -EINVAL (it is earlier
 * than the one before). */
int load_add(struct load *load, size_t guest, int vcpu, double at_s, double value);
/* The value at that time; 0 where the series is empty, the first one before it begins. */
double load_value(const struct load_series *series, double at_s);
double load_most(const struct load_series *series);
/* How long all of it lasts: to its last value, and as long again as the one before held. */
double load_length_s(const struct load *load);
void load_done(struct load *load);

#endif
