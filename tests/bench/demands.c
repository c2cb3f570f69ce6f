/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/demands.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_VCPUS = 10000, MOST_BINS = 4096, MOST_ROWS = 4096 };

static void refuse(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(2);
}

static void read_rows(FILE *in, const char *path, struct demands *ret)
{
    int n = ret->n * ret->n_rows;

    ret->permille = calloc((size_t)n, sizeof(*ret->permille));
    if (!ret->permille)
        abort();
    for (int k = 0; k < n; k++)
        if (fscanf(in, "%d", &ret->permille[k]) != 1 || ret->permille[k] < 0 ||
            ret->permille[k] > 1000)
            refuse(path, "a demand is missing, or not of 0 to 1000 permille");
}

struct demands demands_read(const char *path)
{
    FILE *in = fopen(path, "r");
    struct demands demands;
    int parts, intervals;
    char rest[200];

    if (!in)
        refuse(path, "cannot be read");
    if (fscanf(in, "%d %d %d %d", &demands.n, &demands.m, &parts, &intervals) != 4 ||
        !fgets(rest, sizeof(rest), in) || demands.n < 1 || demands.n > MOST_VCPUS ||
        demands.m < 1 || demands.m > MOST_BINS || parts < 1 || intervals < 1 ||
        intervals > MOST_ROWS / parts)
        refuse(path, "the first line has to give vCPUs, pCPUs, rows of an interval and intervals");
    demands.n_rows = parts * intervals;
    read_rows(in, path, &demands);
    fclose(in);
    return demands;
}
