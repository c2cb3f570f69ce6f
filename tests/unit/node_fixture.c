/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/node_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/topology_fixture.h"

static const struct regular shape = {.nodes = 2, .caches = 2, .cores = 4, .threads = 1};
void node_kit_open(struct node_kit *kit, enum pin_level level, const char *affinity)
{
    memset(kit, 0, sizeof(*kit));
    guest_kit_all(&kit->guests, 16, NODE_KIT_GUESTS, affinity);
    for (size_t g = 0; g < NODE_KIT_GUESTS; g++) {
        kit->guests.load_permille[g] = 500;
        kit->wholes[g].guest = kit->guests.vcpus[g].guest;
        kit->wholes[g].run = 1;
    }
    kit->guests.sample.guests = kit->wholes;
    kit->guests.sample.n_guests = NODE_KIT_GUESTS;
    kit->planner = guest_kit_planner_at(level);
    give_shape(&kit->guests.sample, &shape);
}

void node_kit_know(struct node_kit *kit, size_t g, int node)
{
    kit->wholes[g].memory = (struct guest_memory){.is_known = true, .n = 1};
    kit->wholes[g].memory.at[0].node = node;
    kit->wholes[g].memory.at[0].permille = 1000;
}

void node_kit_bind(struct node_kit *kit, size_t g, int node)
{
    kit->wholes[g].memory.is_bound = true;
    cpuset_add(&kit->wholes[g].memory.bound, (unsigned)node);
}

void node_kit_mark(struct node_kit *kit)
{
    give_shape(&kit->guests.sample, &shape);
}

void node_kit_plan(struct node_kit *kit)
{
    guest_kit_plan(&kit->guests, kit->planner, &kit->plan);
    vcpu_plan_done(&kit->plan);
    guest_kit_pass(&kit->guests, 2);
    guest_kit_plan(&kit->guests, kit->planner, &kit->plan);
    assert_int_equal(kit->plan.verdict, VERDICT_APPLY);
}

void node_kit_close(struct node_kit *kit)
{
    vcpu_plan_done(&kit->plan);
    vcpu_planner_free(kit->planner);
}

bool node_kit_is_on(const struct node_kit *kit, size_t g, int node)
{
    struct cpuset of_node = {{0}};

    for (unsigned p = 8 * (unsigned)node; p < 8 * (unsigned)node + 8; p++)
        cpuset_add(&of_node, p);
    for (size_t k = 0; k < kit->plan.n_pins; k++)
        if (guest_compare(&kit->plan.pins[k].guest, &kit->wholes[g].guest) == 0)
            return cpuset_is_subset(&kit->plan.pins[k].to, &of_node);
    return false;
}
