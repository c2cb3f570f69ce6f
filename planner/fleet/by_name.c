/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/by_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct named {
    const char *name;
    int index;
};

static int compare(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int by_name = strcmp(x->name, y->name);

    return by_name ? by_name : (x->index > y->index) - (x->index < y->index);
}

static int sort(struct named *named, size_t n, int *ret)
{
    qsort(named, n, sizeof(*named), compare);
    for (size_t k = 0; k < n; k++)
        ret[k] = named[k].index;
    free(named);
    return 0;
}

int hosts_by_name(const struct fleet *fleet, int *ret)
{
    struct named *named = calloc(fleet->n_hosts + 1, sizeof(*named));

    if (!named)
        return -ENOMEM;
    for (size_t p = 0; p < fleet->n_hosts; p++)
        named[p] = (struct named){fleet->hosts[p].name, (int)p};
    return sort(named, fleet->n_hosts, ret);
}

int guests_by_name(const struct fleet *fleet, int *ret)
{
    struct named *named = calloc(fleet->n_guests + 1, sizeof(*named));

    if (!named)
        return -ENOMEM;
    for (size_t i = 0; i < fleet->n_guests; i++)
        named[i] = (struct named){fleet->guests[i].name, (int)i};
    return sort(named, fleet->n_guests, ret);
}
