/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/check_limit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

struct taken {
    int64_t *of; /* [n_hosts * n_resources] under the plan */
};

static int64_t size_of(const struct fleet *fleet, size_t guest, size_t resource)
{
    return fleet->guests[guest].size[resource];
}

/* Whether it goes where the guest goes: itself, and those of its set. */
static bool is_with(const struct fleet *fleet, size_t guest, size_t other)
{
    return guest == other || (fleet->guests[guest].together >= 0 &&
                              fleet->guests[guest].together == fleet->guests[other].together);
}

/* Whether all of them run on one open host where they may stay. */
static bool has_home(const struct fleet *fleet, size_t guest)
{
    int home = fleet->guests[guest].home;

    if (home < 0 || !fleet->hosts[home].is_open)
        return false;
    for (size_t i = 0; i < fleet->n_guests; i++) {
        const struct fleet_guest *other = &fleet->guests[i];

        if (is_with(fleet, guest, i) &&
            (other->home != home || (other->allowed && !other->allowed[home])))
            return false;
    }
    return true;
}

static bool has_room(const struct fleet *fleet, const struct taken *taken, size_t guest)
{
    size_t home = (size_t)fleet->guests[guest].home;

    for (size_t k = 0; k < fleet->n_resources; k++) {
        int64_t sum = taken->of[home * fleet->n_resources + k];

        for (size_t i = 0; i < fleet->n_guests; i++)
            if (is_with(fleet, guest, i))
                sum += size_of(fleet, i, k);
        if (sum > fleet->hosts[home].room[k])
            return false;
    }
    return true;
}

/* Whether somebody is there under the plan that one of them is to be apart from. */
static bool would_clash(const struct fleet *fleet, const struct fleet_plan *plan, size_t guest)
{
    for (size_t s = 0; s < fleet->n_apart; s++) {
        bool is_in = false, is_there = false;

        for (int k = fleet->apart_first[s]; k < fleet->apart_first[s + 1]; k++) {
            size_t other = (size_t)fleet->apart_guest[k];

            if (is_with(fleet, guest, other))
                is_in = true;
            else if (plan->host_of[other] == fleet->guests[guest].home)
                is_there = true;
        }
        if (is_in && is_there)
            return true;
    }
    return false;
}

int check_limit(const struct fleet *fleet, const struct fleet_settings *settings,
                const struct fleet_plan *plan, struct err *err)
{
    struct taken taken;
    int r = 0;

    if (settings->max_moves == 0 || plan->n_moves - plan->n_starts <= settings->max_moves)
        return 0;
    taken.of = calloc(fleet->n_hosts * fleet->n_resources + 1, sizeof(*taken.of));
    if (!taken.of)
        return -ENOMEM;
    for (size_t i = 0; i < fleet->n_guests; i++)
        for (size_t k = 0; plan->host_of[i] >= 0 && k < fleet->n_resources; k++)
            taken.of[(size_t)plan->host_of[i] * fleet->n_resources + k] += size_of(fleet, i, k);
    for (size_t k = 0; r == 0 && k < plan->n_moves; k++) {
        size_t guest = plan->moves[k].guest;

        if (has_home(fleet, guest) && has_room(fleet, &taken, guest) &&
            !would_clash(fleet, plan, guest))
            r = err_set(
                err, -EINVAL, "%zu guests would be moved, more than %zu, and '%s' could stay",
                plan->n_moves - plan->n_starts, settings->max_moves, fleet->guests[guest].name);
    }
    free(taken.of);
    return r;
}
