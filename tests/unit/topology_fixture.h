/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_TOPOLOGY_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_TOPOLOGY_FIXTURE_H

#include "planner/base/sample.h"
#include "planner/topology/topology.h"

/* Facts about invented hosts. Lists are "0-3,8". */
void give_online(struct topology_facts *facts, const char *list);
void give_cell(struct topology_facts *facts, int id, const char *list);
void give_distance(struct topology_facts *facts, int from, int to, unsigned value);
/* So many pCPUs from first on, each so many to a core, that name these ids. */
void give_pcpus(struct topology_facts *facts, unsigned first, unsigned n, unsigned threads,
                int socket, int die, int cluster);
void give_bank(struct topology_facts *facts, unsigned level, const char *list);

/* The facts' tree; the facts are gone. */
struct topology make_topology(struct topology_facts *facts);
void assert_set(const struct cpuset *set, const char *list);
/* Sets are written "0-1|2-3". */
void assert_sets(const struct cpuset *sets, size_t n, const char *lists);

/* Gives the pCPUs 0, 1, .. of a sample the shape of a regular host: nodes of caches of cores of threads,
 * numbered one after the other. What it writes of nodes is the fixture's: nobody frees it. */
struct regular {
    unsigned nodes, caches, cores, threads; /* in each of what is before it */
};
struct topology regular_topology(const struct regular *shape);
void give_shape(struct vcpu_sample *sample, const struct regular *shape);

#endif
