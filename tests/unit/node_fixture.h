/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_NODE_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_NODE_FIXTURE_H

#include "tests/unit/guest_fixture.h"

/* Eight busy guests on two nodes of eight pCPUs, of whose memory nothing is known at first. */
enum { NODE_KIT_GUESTS = 8 };
struct node_kit {
    struct guest_kit guests;
    struct guest_reading wholes[NODE_KIT_GUESTS];
    struct vcpu_planner *planner;
    struct vcpu_plan plan;
};

void node_kit_open(struct node_kit *kit, enum pin_level level, const char *affinity);
void node_kit_close(struct node_kit *kit);
/* All memory of a guest is on a node; or must be. */
void node_kit_know(struct node_kit *kit, size_t g, int node);
void node_kit_bind(struct node_kit *kit, size_t g, int node);
/* What guests may use is worked out anew. */
void node_kit_mark(struct node_kit *kit);
/* After two samples; fails the test where nothing is to be done. */
void node_kit_plan(struct node_kit *kit);
/* Whether the plan pins the guest onto the node. */
bool node_kit_is_on(const struct node_kit *kit, size_t g, int node);

#endif
