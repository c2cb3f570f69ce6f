/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/page/places.h"

#include <stdlib.h>
#include <string.h>

void places_done(struct places *places)
{
    free(places->bins);
    *places = (struct places){0};
}

int *places_of(struct places *places, unsigned vcpu)
{
    int *more;

    if (vcpu < places->n)
        return &places->bins[vcpu];
    more = vcpu < PLACES_MAX ? realloc(places->bins, (vcpu + 1) * sizeof(*more)) : NULL;
    if (!more)
        return NULL;
    places->bins = more;
    while (places->n <= vcpu)
        places->bins[places->n++] = PLACE_UNTOLD;
    return &places->bins[vcpu];
}

static bool is_pcpu(const char *name)
{
    return strspn(name, "0123456789") == strlen(name);
}

void places_set_around(const struct places *places, struct run *run, int guest, unsigned n_vcpus,
                       double waited)
{
    bool is_one = true;
    double sum = 0;
    int first;

    if (n_vcpus == 0 || places->n < n_vcpus)
        return;
    first = places->bins[0];
    for (unsigned v = 0; v < n_vcpus; v++) {
        int bin = places->bins[v];
        const struct cell *load = bin >= 0 ? run->bins[bin].values[RUN_LOAD] : NULL;

        if (!load)
            return;
        sum += cell_mean(&load[run->column]);
        is_one &= bin == first;
    }
    run_set_guest(run, guest, RUN_AROUND, sum / n_vcpus);
    if (is_one && is_pcpu(run->bins[first].name))
        run_set_where(run, guest, (unsigned)strtoul(run->bins[first].name, NULL, 10), waited);
}
