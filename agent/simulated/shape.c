/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/shape.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "planner/topology/topology.h"

/* However far it is: a pCPU loads ahead and does other work meanwhile. */
static const double most_remote_cost = 0.3;

/* Puts each pCPU into the circle of its core, behind the one before it. */
static void close_circles(struct simulated *world)
{
    for (size_t p = 0; p < world->n_pcpus; p++) {
        struct pcpu_state *pcpu = &world->pcpus[p];

        pcpu->next_sibling = p;
        for (size_t before = p; before-- > 0 && pcpu->next_sibling == p;) {
            if (world->pcpus[before].core != pcpu->core)
                continue;
            pcpu->next_sibling = world->pcpus[before].next_sibling;
            world->pcpus[before].next_sibling = p;
        }
    }
}

static struct remote_memory remote_memory(const struct simulated *world,
                                          const struct topology *topology, size_t from,
                                          const struct scenario_node *node)
{
    size_t to = 0;
    double times;

    while (to + 1 < topology->n_nodes && topology->nodes[to].id != node->id)
        to++;
    times = topology->distances[from * topology->n_nodes + to] / 10.0;
    return (struct remote_memory){
        .share = to == from ? 0 : node->share,
        .cost =
            node->share * fmin(world->scenario.remote_pct / 100 * (times - 1), most_remote_cost),
    };
}

static void set_remote(struct simulated *world, const struct topology *topology)
{
    for (size_t g = 0; g < world->n_guests; g++) {
        const struct scenario_guest *spec = world->guests[g].spec;

        for (size_t n = 0; n < spec->n_nodes * world->n_nodes; n++) {
            size_t from = n % world->n_nodes;
            struct remote_memory *sum = &world->remote[g * world->n_nodes + from];
            struct remote_memory one =
                remote_memory(world, topology, from, &spec->nodes[n / world->n_nodes]);

            sum->share += one.share;
            sum->cost += one.cost;
        }
    }
}

static int without_topology(struct simulated *world)
{
    world->n_nodes = 1;
    world->remote = calloc(world->n_guests + 1, sizeof(*world->remote));
    for (size_t p = 0; p < world->n_pcpus; p++)
        world->pcpus[p].next_sibling = world->pcpus[p].core = p;
    return world->remote ? 0 : -ENOMEM;
}

/* Of all pCPUs, online or not: where one is does not change. */
static int build(const struct scenario *scenario, struct topology *ret)
{
    struct topology_facts facts;
    int r = topology_facts_copy(scenario->topology, &facts);

    if (r < 0)
        return r;
    facts.online = scenario->present;
    r = topology_build(&facts, ret, NULL);
    topology_facts_done(&facts);
    return r;
}

int shape_begin(struct simulated *world)
{
    struct topology topology = {0};
    int r;

    if (!world->scenario.topology)
        return without_topology(world);
    r = build(&world->scenario, &topology);
    if (r < 0)
        return r;
    world->n_nodes = topology.n_nodes;
    world->remote = calloc((world->n_guests + 1) * world->n_nodes, sizeof(*world->remote));
    for (size_t p = 0; p < world->n_pcpus; p++) {
        const struct topology_place *place = &topology.places[world->pcpus[p].id];

        world->pcpus[p].core = place->core;
        world->pcpus[p].llc = place->llc;
        world->pcpus[p].node = place->node;
    }
    close_circles(world);
    if (world->remote)
        set_remote(world, &topology);
    topology_done(&topology);
    return world->remote ? 0 : -ENOMEM;
}
