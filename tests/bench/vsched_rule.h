/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_BENCH_VSCHED_RULE_H
#define EVENKEEL_TESTS_BENCH_VSCHED_RULE_H

#include <stdbool.h>
#include <stddef.h>

/* Places vCPUs as openEuler's VSched does, after its published description and source: by counts, and
 * no load anywhere. Each vCPU is pinned to one pCPU. A guest goes to the node with the most used
 * pCPUs that still has as many free as it has vCPUs; inside it to the first cluster, by number, with
 * a run of that many free pCPUs side by side, and whole free clusters first if it is larger than
 * one. A guest that fits nowhere is left floating; the dynamic policy has up to six layers, so that
 * as many vCPUs may share a pCPU. Compaction moves what fits from each cluster into the one before
 * it.
 *
 * pCPUs are numbered from the first node and its first cluster on. */
enum { VSCHED_MOST_LAYERS = 6 };

struct vsched {
    size_t n_nodes, n_clusters, size; /* clusters of a node, pCPUs of a cluster */
    size_t most_layers;
    size_t *n_layers; /* [n_nodes] */
    int *guest;       /* of each pCPU of each layer: VSCHED_FREE, VSCHED_LEFT_OUT, or a guest */
};
enum { VSCHED_FREE = -1, VSCHED_LEFT_OUT = -2 };

/* layers: 1 is the static policy. Ends the program when memory is short. */
struct vsched vsched_new(size_t n_nodes, size_t n_clusters, size_t size, size_t layers);
void vsched_done(struct vsched *rule);

/* A pCPU that is never used; before any guest. */
void vsched_leave_out(struct vsched *rule, size_t pcpu);
/* Whether there is room; nothing is changed where there is none. */
bool vsched_place(struct vsched *rule, int guest, size_t n_vcpus);
/* The same in a given cluster of the first layer. */
bool vsched_place_in(struct vsched *rule, int guest, size_t n_vcpus, size_t node, size_t cluster);
void vsched_remove(struct vsched *rule, int guest);
/* Returns how many vCPUs move. */
size_t vsched_compact(struct vsched *rule);

/* The pCPUs of a guest's vCPUs, in their order; false: it floats. */
bool vsched_pins(const struct vsched *rule, int guest, size_t n_vcpus, size_t *pcpus);

#endif
