/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_FLEETS_H
#define EVENKEEL_TESTS_MODEL_FLEETS_H

#include "tests/model/families.h"

/* Placement problems with hard rules: guests on hosts. Loads are permille of a mean host, sizes are memory
 * in MiB, and a move costs 1 + GiB. */
enum fleet_family {
    FLEET_RET,   /* a host has come back empty; memory 72 % full */
    FLEET_GROW,  /* was balanced; a tenth of the guests has since grown by half or more */
    FLEET_DRIFT, /* placed anyhow, 80 % full */
    FLEET_TIGHT, /* the same, 95 % full */
    FLEET_UNEQ,  /* hosts of half, one and two, with more or less memory for each CPU */
    FLEET_AFF, /* some guests to be apart, in twos and threes; some bound to one half of the hosts */
    FLEET_ODD, /* sizes without a common unit, 85 % full */
    FLEET_FAMILIES
};
const char *fleet_family_name(enum fleet_family family);
enum fleet_family fleet_family_by_name(const char *name);

/* A problem that owns its arrays, those of the hard rules too. */
struct made_fleet {
    struct placement_problem problem;
    struct made_problem made;
    int *size, *room, *apart_first, *apart_item;
};
void made_fleet_done(struct made_fleet *fleet);

/* The current placement keeps all rules. Same arguments, same problem. Aborts when there is no memory. */
struct made_fleet fleet_make(enum fleet_family family, int hosts, int guests, uint64_t seed);

/* tiny_make() with one resource or two, and items to be apart. Often the current placement breaks a rule,
 * and sometimes every placement does. */
struct made_fleet fleet_make_tiny(uint64_t seed, enum placement_objective objective);

#endif
