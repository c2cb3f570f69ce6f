/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/sound.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "planner/fleet/by_name.h"

/* A million pCPUs. */
static const int64_t MOST_MILLI = INT64_C(1000) * 1000 * 1000;

static bool within(int64_t value, int64_t low, int64_t high)
{
    return value >= low && value <= high;
}

static int check_host(const struct fleet *fleet, const struct fleet_host *host, struct err *err)
{
    if (!host->name)
        return err_set(err, -EINVAL, "a host has no name");
    if (!within(host->cpu_milli, 1, MOST_MILLI))
        return err_set(err, -EINVAL, "host '%s' has %" PRId64 " thousandths of a pCPU", host->name,
                       host->cpu_milli);
    for (size_t r = 0; r < fleet->n_resources; r++)
        if (!within(host->room[r], 0, FLEET_MOST_SIZE))
            return err_set(err, -EINVAL, "host '%s' has room for %" PRId64 " of %s; at most %d",
                           host->name, host->room[r], fleet->resource[r], FLEET_MOST_SIZE);
    return 0;
}

static int check_guest(const struct fleet *fleet, const struct fleet_guest *guest, struct err *err)
{
    if (!guest->name)
        return err_set(err, -EINVAL, "a guest has no name");
    if (guest->home < FLEET_NOWHERE || guest->home >= (int)fleet->n_hosts)
        return err_set(err, -EINVAL, "guest '%s' is on host number %d of %zu", guest->name,
                       guest->home, fleet->n_hosts);
    if (guest->together < FLEET_NOWHERE || guest->together >= (int)fleet->n_guests)
        return err_set(err, -EINVAL, "guest '%s' is to be together with set %d", guest->name,
                       guest->together);
    if (!within(guest->load_milli, 0, MOST_MILLI))
        return err_set(err, -EINVAL, "guest '%s' wants %" PRId64 " thousandths of a pCPU",
                       guest->name, guest->load_milli);
    if (!within(guest->price, 1, FLEET_MOST_PRICE))
        return err_set(err, -EINVAL, "moving guest '%s' costs %d; from 1 to %d", guest->name,
                       guest->price, FLEET_MOST_PRICE);
    for (size_t r = 0; r < fleet->n_resources; r++)
        if (!within(guest->size[r], 0, FLEET_MOST_SIZE))
            return err_set(err, -EINVAL, "guest '%s' takes %" PRId64 " of %s; at most %d",
                           guest->name, guest->size[r], fleet->resource[r], FLEET_MOST_SIZE);
    return 0;
}

static int check_apart(const struct fleet *fleet, struct err *err)
{
    for (size_t s = 0; s < fleet->n_apart; s++) {
        if (fleet->apart_first[s] < 0 || fleet->apart_first[s + 1] < fleet->apart_first[s])
            return err_set(err, -EINVAL, "set %zu of guests that are apart has no sense", s);
        for (int k = fleet->apart_first[s]; k < fleet->apart_first[s + 1]; k++)
            if (!within(fleet->apart_guest[k], 0, (int64_t)fleet->n_guests - 1))
                return err_set(err, -EINVAL, "guest number %d of %zu is to be apart",
                               fleet->apart_guest[k], fleet->n_guests);
    }
    return 0;
}

/* Two of a name could not be told apart in a plan. */
static int check_names(const struct fleet *fleet, struct err *err)
{
    size_t most = fleet->n_hosts > fleet->n_guests ? fleet->n_hosts : fleet->n_guests;
    int *order = calloc(most + 1, sizeof(*order));
    int r = order ? hosts_by_name(fleet, order) : -ENOMEM;

    for (size_t p = 1; r == 0 && p < fleet->n_hosts; p++)
        if (strcmp(fleet->hosts[order[p - 1]].name, fleet->hosts[order[p]].name) == 0)
            r = err_set(err, -EINVAL, "two hosts are called '%s'", fleet->hosts[order[p]].name);
    if (r == 0)
        r = guests_by_name(fleet, order);
    for (size_t i = 1; r == 0 && i < fleet->n_guests; i++)
        if (strcmp(fleet->guests[order[i - 1]].name, fleet->guests[order[i]].name) == 0)
            r = err_set(err, -EINVAL, "two guests are called '%s'", fleet->guests[order[i]].name);
    free(order);
    return r;
}

int fleet_sound(const struct fleet *fleet, struct err *err)
{
    int r = 0;

    if (fleet->n_hosts > FLEET_MOST_HOSTS || fleet->n_guests > FLEET_MOST_GUESTS)
        return err_set(err, -EINVAL, "%zu hosts and %zu guests; at most %d and %d", fleet->n_hosts,
                       fleet->n_guests, FLEET_MOST_HOSTS, FLEET_MOST_GUESTS);
    for (size_t p = 0; r == 0 && p < fleet->n_hosts; p++)
        r = check_host(fleet, &fleet->hosts[p], err);
    for (size_t i = 0; r == 0 && i < fleet->n_guests; i++)
        r = check_guest(fleet, &fleet->guests[i], err);
    if (r == 0)
        r = check_apart(fleet, err);
    return r == 0 ? check_names(fleet, err) : r;
}
