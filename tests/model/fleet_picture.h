/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_FLEET_PICTURE_H
#define EVENKEEL_TESTS_MODEL_FLEET_PICTURE_H

#include "planner/fleet/fleet.h"
#include "tests/model/fleet_families.h"

/* A drawn fleet as the planner sees it: hosts h0000 ..., guests g00000 ..., a mean host of 64 pCPUs. */
struct fleet_picture {
    struct fleet fleet;
    struct fleet_host *hosts;
    struct fleet_guest *guests;
    int64_t *room, *size;
    char (*names)[8];
};

/* The case must outlive it. False: no memory. */
bool fleet_picture_new(const struct fleet_case *drawn, struct fleet_picture *ret);
void fleet_picture_done(struct fleet_picture *picture);

#endif
