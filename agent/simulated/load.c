/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/load.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where in the order the name is, or would be. */
static size_t place_of(const struct load *load, const char *name, bool *ret_is_there)
{
    size_t low = 0, high = load->n_guests;

    *ret_is_there = false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(load->guests[load->order[middle]].name, name);

        if (order == 0) {
            *ret_is_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int make_room(struct load *load)
{
    size_t room = load->guests_room ? 2 * load->guests_room : 64;
    struct load_guest *guests;
    size_t *order;

    if (load->n_guests < load->guests_room)
        return 0;
    if (load->n_guests >= LOAD_MOST_GUESTS)
        return -E2BIG;
    guests = realloc(load->guests, room * sizeof(*guests));
    if (!guests)
        return -ENOMEM;
    load->guests = guests;
    order = realloc(load->order, room * sizeof(*order));
    if (!order)
        return -ENOMEM;
    load->order = order;
    load->guests_room = room;
    return 0;
}

long load_guest(struct load *load, const char *name)
{
    bool is_there;
    size_t at = place_of(load, name, &is_there), n = load->n_guests;
    int r;

    if (is_there)
        return (long)load->order[at];
    r = make_room(load);
    if (r < 0)
        return r;
    memmove(&load->order[at + 1], &load->order[at], (n - at) * sizeof(*load->order));
    load->order[at] = n;
    load->guests[n] = (struct load_guest){0};
    snprintf(load->guests[n].name, sizeof(load->guests[n].name), "%s", name);
    load->n_guests++;
    return (long)n;
}

/* NULL: out of memory. */
static struct load_series *series_of(struct load_guest *guest, int vcpu)
{
    unsigned n = (unsigned)vcpu + 1;
    struct load_series *grown;

    if (vcpu < 0)
        return vcpu == LOAD_ALL ? &guest->all : &guest->used;
    if (n <= guest->n_vcpus)
        return &guest->vcpus[vcpu];
    grown = realloc(guest->vcpus, n * sizeof(*grown));
    if (!grown)
        return NULL;
    memset(grown + guest->n_vcpus, 0, (n - guest->n_vcpus) * sizeof(*grown));
    guest->vcpus = grown;
    guest->n_vcpus = n;
    return &grown[vcpu];
}

static void note_time(struct load *load, double at_s)
{
    if (at_s <= load->end_s)
        return;
    load->gap_s = at_s - load->end_s;
    load->end_s = at_s;
}

int load_add(struct load *load, size_t guest, int vcpu, double at_s, double value)
{
    struct load_series *series = series_of(&load->guests[guest], vcpu);

    if (!series)
        return -ENOMEM;
    if (series->n > 0 && series->points[series->n - 1].at_s > at_s)
        return -EINVAL;
    if (series->n > 0 && series->points[series->n - 1].at_s >= at_s) {
        series->points[series->n - 1].value = value; /* the later word holds */
        return 0;
    }
    if (load->n_points >= LOAD_MOST_POINTS)
        return -E2BIG;
    if (series->n == series->room) {
        size_t room = series->room ? 2 * series->room : 16;
        struct load_point *grown = realloc(series->points, room * sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        series->points = grown;
        series->room = room;
    }
    series->points[series->n++] = (struct load_point){at_s, value};
    load->n_points++;
    note_time(load, at_s);
    return 0;
}

double load_value(const struct load_series *series, double at_s)
{
    size_t low = 0, high = series->n;

    if (series->n == 0)
        return 0;
    while (low < high) {
        size_t middle = (low + high) / 2;

        if (series->points[middle].at_s <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return series->points[low > 0 ? low - 1 : 0].value;
}

double load_most(const struct load_series *series)
{
    double most = 0;

    for (size_t k = 0; k < series->n; k++)
        most = fmax(most, series->points[k].value);
    return most;
}

double load_length_s(const struct load *load)
{
    return load->end_s + load->gap_s;
}

void load_done(struct load *load)
{
    for (size_t g = 0; g < load->n_guests; g++) {
        struct load_guest *guest = &load->guests[g];

        for (unsigned v = 0; v < guest->n_vcpus; v++)
            free(guest->vcpus[v].points);
        free(guest->vcpus);
        free(guest->all.points);
        free(guest->used.points);
    }
    free(load->guests);
    free(load->order);
    *load = (struct load){0};
}
