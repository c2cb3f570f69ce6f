/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/narrow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int narrow_new(const struct fleet *fleet, size_t n_rows, struct narrow *ret)
{
    struct fleet_guest *guests = calloc(fleet->n_guests + 1, sizeof(*guests));
    bool *rows = calloc(n_rows * fleet->n_hosts + 1, sizeof(*rows));

    *ret = (struct narrow){.fleet = *fleet, .rows = rows};
    ret->fleet.guests = guests;
    if (!guests || !rows)
        return -ENOMEM;
    memcpy(guests, fleet->guests, fleet->n_guests * sizeof(*guests));
    return 0;
}

void narrow_to_taken(struct narrow *narrow, const struct fleet_plan *plan,
                     const struct one_steps *steps, bool have_to)
{
    struct fleet_guest *guests = narrow->fleet.guests;
    bool *row = narrow->rows;

    for (size_t i = 0; i < narrow->fleet.n_guests; i++)
        if (!guests[i].is_fixed) {
            guests[i].is_fixed = true;
            guests[i].why_fixed = "it waits for a later round";
        }
    for (size_t k = 0; k < plan->n_moves; k++) {
        struct fleet_guest *guest = &guests[plan->moves[k].guest];

        if (!steps->is_taken[k])
            continue;
        row[guest->home] = !have_to && (!guest->allowed || guest->allowed[guest->home]);
        row[plan->moves[k].to] = true;
        guest->is_fixed = false;
        guest->why_fixed = NULL;
        guest->allowed = row;
        row += narrow->fleet.n_hosts;
    }
}

void narrow_done(struct narrow *narrow)
{
    free(narrow->fleet.guests);
    free(narrow->rows);
}
