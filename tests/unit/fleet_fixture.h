/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_FLEET_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_FLEET_FIXTURE_H

#include "planner/fleet/fleet.h"

/* Small fleets, one resource: hosts a, b, ... of 10 pCPUs, guests of a given load and memory that cost
 * 1 + their memory. */
enum { FLEET_KIT_HOSTS = 6, FLEET_KIT_GUESTS = 16, FLEET_KIT_APART = 16 };

struct fleet_kit {
    struct fleet fleet;
    struct fleet_host hosts[FLEET_KIT_HOSTS];
    struct fleet_guest guests[FLEET_KIT_GUESTS];
    int64_t room[FLEET_KIT_HOSTS], size[FLEET_KIT_GUESTS];
    bool allowed[FLEET_KIT_GUESTS][FLEET_KIT_HOSTS];
    int apart_first[FLEET_KIT_APART + 1], apart_guest[FLEET_KIT_APART];
    struct fleet_settings settings;
    struct fleet_plan plan;
};

/* No guest yet. */
void fleet_kit_new(struct fleet_kit *kit, size_t hosts, int64_t room);
/* load in tenths of a pCPU, hundredths of a host. The name is borrowed; returns it. */
struct fleet_guest *fleet_kit_guest(struct fleet_kit *kit, const char *name, int home, int load,
                                    int64_t size);
/* Only the hosts of this text, as "ac". */
void fleet_kit_allow(struct fleet_kit *kit, struct fleet_guest *guest, const char *hosts);
void fleet_kit_apart(struct fleet_kit *kit, const struct fleet_guest *one,
                     const struct fleet_guest *other);
/* Plans; fails the test where that is an error. */
void fleet_kit_plan(struct fleet_kit *kit);
/* Host of a guest after the plan, "a" ..., or "-". */
const char *fleet_kit_host(const struct fleet_kit *kit, const char *guest);
const struct fleet_move *fleet_kit_move(const struct fleet_kit *kit, const char *guest);
/* Any number; the state is anything but 0 (Marsaglia's xorshift). */
unsigned fleet_kit_dice(uint64_t *state);
/* The least of kappa * deviation + prices over all placements of everybody by the rules, by exhaustion
 * and with arithmetic of its own (loads uncut, hosts alike); INFINITY: there is none. */
double fleet_kit_optimum(const struct fleet_kit *kit, int kappa);

#endif
