/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_SHAPE_H
#define EVENKEEL_PLANNER_BASE_SHAPE_H

#include <stdint.h>

/* How finely guests are placed: on what a vCPU or a guest is pinned to. From fine to coarse. */
enum topology_level {
    TOPOLOGY_LEVEL_PCPU,
    TOPOLOGY_LEVEL_CORE,
    TOPOLOGY_LEVEL_LLC,
    TOPOLOGY_LEVEL_NODE,
    TOPOLOGY_LEVEL_HOST, /* on nothing: guests float */
    TOPOLOGY_LEVELS
};
const char *topology_level_text(enum topology_level level); /* "pcpu" */

/* Where an online pCPU is in the host's tree: numbers of its node, last-level cache and core. */
struct topology_place {
    uint16_t node, llc, core;
    uint16_t speed_permille; /* of the fastest pCPU's */
};

#endif
