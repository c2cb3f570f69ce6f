/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cluster document. */
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/cib.h"
#include "tests/fuzz/fuzz.h"

enum { FUZZ_NOW_S = 1764590400 };

static void check_guest(const struct fleet *fleet, size_t i)
{
    const struct fleet_guest *guest = &fleet->guests[i];

    must(guest->home >= FLEET_NOWHERE && guest->home < (int)fleet->n_hosts, "a home is a host");
    must(i == 0 || strcmp(fleet->guests[i - 1].name, guest->name) < 0, "guests are in order");
    must(guest->price >= 1 && guest->price <= FLEET_MOST_PRICE, "a price is one");
    must(guest->together >= FLEET_NOWHERE && guest->together < (int)fleet->n_guests,
         "who is together has a number");
    must(!guest->is_fixed == !guest->why_fixed, "who stays has a reason");
    must(guest->load_milli >= 0, "no load is negative");
    for (size_t d = 0; d < fleet->n_resources; d++)
        must(guest->size[d] >= 0, "no size is negative");
}

static void check(const struct cluster *cluster)
{
    const struct fleet *fleet = &cluster->fleet;

    must(fleet->n_hosts <= CLUSTER_MOST_HOSTS && fleet->n_guests <= CLUSTER_MOST_GUESTS,
         "limits hold");
    for (size_t p = 0; p < fleet->n_hosts; p++) {
        must(p == 0 || strcmp(fleet->hosts[p - 1].name, fleet->hosts[p].name) < 0,
             "hosts are in order");
        must(!fleet->hosts[p].is_open == !!fleet->hosts[p].why_closed,
             "who is closed has a reason");
        must(fleet->hosts[p].cpu_milli > 0, "a host has CPUs");
        for (size_t d = 0; d < fleet->n_resources; d++)
            must(fleet->hosts[p].room[d] >= 0, "no room is negative");
    }
    for (size_t i = 0; i < fleet->n_guests; i++)
        check_guest(fleet, i);
    for (size_t s = 0; s < fleet->n_apart; s++) {
        const int *of = &fleet->apart_guest[fleet->apart_first[s]];

        must(fleet->apart_first[s + 1] - fleet->apart_first[s] == 2, "two are apart");
        must(of[0] >= 0 && of[0] < of[1] && of[1] < (int)fleet->n_guests, "who is apart is two");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cluster cluster;
    struct err err = {0};
    int r = cib_read((const char *)data, size, FUZZ_NOW_S, &cluster, &err);

    must(r == 0 || err.text[0], "a refusal has a sentence");
    if (r == 0) {
        check(&cluster);
        cluster_done(&cluster);
    }
    return 0;
}
