/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/fleet_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const host_names[] = {"a", "b", "c", "d", "e", "f"};
static const char *const resources[] = {"memory"};

void fleet_kit_new(struct fleet_kit *kit, size_t hosts, int64_t room)
{
    *kit = (struct fleet_kit){.fleet = {.n_hosts = hosts, .n_resources = 1, .resource = resources}};
    kit->fleet.hosts = kit->hosts;
    kit->fleet.guests = kit->guests;
    kit->fleet.apart_first = kit->apart_first;
    kit->fleet.apart_guest = kit->apart_guest;
    for (size_t p = 0; p < hosts; p++) {
        kit->room[p] = room;
        kit->hosts[p] = (struct fleet_host){
            .name = host_names[p], .is_open = true, .cpu_milli = 10000, .room = &kit->room[p]};
    }
    fleet_settings_default(&kit->settings);
}

struct fleet_guest *fleet_kit_guest(struct fleet_kit *kit, const char *name, int home, int load,
                                    int64_t size)
{
    size_t i = kit->fleet.n_guests++;

    kit->size[i] = size;
    kit->guests[i] = (struct fleet_guest){.name = name,
                                          .home = home,
                                          .load_milli = INT64_C(100) * load,
                                          .size = &kit->size[i],
                                          .together = FLEET_NOWHERE,
                                          .price = 1 + (int)size};
    return &kit->guests[i];
}

void fleet_kit_allow(struct fleet_kit *kit, struct fleet_guest *guest, const char *hosts)
{
    bool *allowed = kit->allowed[guest - kit->guests];

    for (size_t p = 0; p < kit->fleet.n_hosts; p++)
        allowed[p] = strchr(hosts, host_names[p][0]) != NULL;
    guest->allowed = allowed;
}

void fleet_kit_apart(struct fleet_kit *kit, const struct fleet_guest *one,
                     const struct fleet_guest *other)
{
    int at = kit->apart_first[kit->fleet.n_apart];

    kit->apart_guest[at] = (int)(one - kit->guests);
    kit->apart_guest[at + 1] = (int)(other - kit->guests);
    kit->apart_first[++kit->fleet.n_apart] = at + 2;
}

void fleet_kit_plan(struct fleet_kit *kit)
{
    struct err err = {0};
    int r = fleet_plan_make(&kit->fleet, &kit->settings, &kit->plan, &err);

    if (r < 0)
        fail_msg("%d: %s", r, err.text);
}

static size_t guest_of(const struct fleet_kit *kit, const char *name)
{
    for (size_t i = 0; i < kit->fleet.n_guests; i++)
        if (strcmp(kit->guests[i].name, name) == 0)
            return i;
    fail_msg("no guest %s", name);
    return 0;
}

const char *fleet_kit_host(const struct fleet_kit *kit, const char *guest)
{
    int host = kit->plan.host_of[guest_of(kit, guest)];

    return host < 0 ? "-" : kit->hosts[host].name;
}

const struct fleet_move *fleet_kit_move(const struct fleet_kit *kit, const char *guest)
{
    size_t i = guest_of(kit, guest);

    for (size_t k = 0; k < kit->plan.n_moves; k++)
        if (kit->plan.moves[k].guest == i)
            return &kit->plan.moves[k];
    fail_msg("guest %s does not move", guest);
    return NULL;
}

unsigned fleet_kit_dice(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned)(*state >> 33);
}

static bool keeps_rules(const struct fleet_kit *kit, const int *at)
{
    int64_t used[FLEET_KIT_HOSTS] = {0};

    for (size_t i = 0; i < kit->fleet.n_guests; i++) {
        const struct fleet_guest *guest = &kit->guests[i];

        used[at[i]] += guest->size[0];
        if (!kit->hosts[at[i]].is_open || used[at[i]] > kit->room[at[i]] ||
            (guest->allowed && !guest->allowed[at[i]]) || (guest->is_fixed && at[i] != guest->home))
            return false;
        for (size_t j = 0; j < i; j++)
            if (guest->together >= 0 && kit->guests[j].together == guest->together &&
                at[j] != at[i])
                return false;
    }
    for (size_t s = 0; s < kit->fleet.n_apart; s++)
        if (at[kit->apart_guest[2 * s]] == at[kit->apart_guest[2 * s + 1]])
            return false;
    return true;
}

static double worth(const struct fleet_kit *kit, const int *at, int kappa)
{
    double load[FLEET_KIT_HOSTS] = {0}, total = 0, open = 0, price = 0, most = 0;

    for (size_t p = 0; p < kit->fleet.n_hosts; p++)
        open += kit->hosts[p].is_open;
    for (size_t i = 0; i < kit->fleet.n_guests; i++) {
        load[at[i]] += (double)kit->guests[i].load_milli / 100;
        total += (double)kit->guests[i].load_milli / 100;
        price +=
            kit->guests[i].home >= 0 && kit->guests[i].home != at[i] ? kit->guests[i].price : 0;
    }
    for (size_t p = 0; p < kit->fleet.n_hosts; p++)
        if (kit->hosts[p].is_open)
            most = fmax(most, fabs(load[p] - total / open));
    return kappa * most + price;
}

double fleet_kit_optimum(const struct fleet_kit *kit, int kappa)
{
    int at[FLEET_KIT_GUESTS] = {0};
    double least = INFINITY;
    size_t i = 0;

    while (i < kit->fleet.n_guests) {
        if (keeps_rules(kit, at))
            least = fmin(least, worth(kit, at, kappa));
        for (i = 0; i < kit->fleet.n_guests && ++at[i] == (int)kit->fleet.n_hosts; i++)
            at[i] = 0;
    }
    return least;
}
