/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "models/base/whole.h"
#include "models/placement/instance_parts.h"

static void copy_item(struct instance *in, const struct instance *from, int i)
{
    int at = in->n++;
    int *price = in->price + (int64_t)at * in->m;

    in->id[at] = from->id[i];
    in->weight[at] = from->weight[i];
    in->excess[at] = from->excess[i];
    in->group[at] = from->group[i];
    in->crowd[at] = from->crowd[i];
    in->home[at] = from->home[i];
    in->n_floating += from->home[i] < 0;
    memcpy(price, from->price + (int64_t)i * in->m, (size_t)in->m * sizeof(*price));
    for (int p = 0; p < in->m; p++)
        in->max_price = max_int(in->max_price, price[p]);
    in->has_dear_homes |= instance_has_dear_home(from, i);
}

/* Nobody enters, or is at home in, a bin where somebody stays that it has to be apart from. */
static void keep_apart(struct instance *in, const struct instance *from, const bool *may_leave)
{
    for (int i = 0, at = 0; i < from->n && from->rules.n_sets > 0; i++) {
        for (int j = 0; j < from->n && may_leave[i]; j++) {
            int p = from->home[j];

            if (may_leave[j] || !rules_are_apart(&from->rules, i, j))
                continue;
            in->price[(int64_t)at * in->m + p] = INSTANCE_FORBIDDEN;
            if (in->home[at] == p) {
                in->home[at] = INSTANCE_NOWHERE;
                in->n_floating++;
            }
        }
        at += may_leave[i];
    }
}

int instance_reduce(const struct instance *from, const struct balance *balance,
                    const bool *may_leave, struct instance *ret)
{
    struct instance in = {.problem = from->problem, .balance = balance, .m = from->m};

    in.floor_cost = from->floor_cost;
    instance_take_room(&in, (size_t)from->n);
    for (int i = 0; i < from->n && arena_error(&in.arena) == 0; i++) {
        if (may_leave[i])
            copy_item(&in, from, i);
        else
            in.floor_cost += instance_price(from, i, from->home[i]);
    }
    rules_reduce(&from->rules, from->n, from->m, may_leave, from->home, &in.arena, &in.rules);
    if (arena_error(&in.arena) == 0) {
        keep_apart(&in, from, may_leave);
        instance_derive(&in);
    }
    if (arena_error(&in.arena) < 0) {
        instance_done(&in);
        return -ENOMEM;
    }
    *ret = in;
    return 0;
}
