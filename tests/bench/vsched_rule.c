/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/vsched_rule.h"

#include <stdlib.h>
#include <string.h>

/* A cluster of one layer: its places side by side. */
static int *row_of(const struct vsched *rule, size_t layer, size_t node, size_t cluster)
{
    return rule->guest + ((layer * rule->n_nodes + node) * rule->n_clusters + cluster) * rule->size;
}

struct vsched vsched_new(size_t n_nodes, size_t n_clusters, size_t size, size_t layers)
{
    struct vsched rule = {n_nodes, n_clusters, size, layers, NULL, NULL};
    size_t n = layers * n_nodes * n_clusters * size;

    rule.n_layers = calloc(n_nodes, sizeof(*rule.n_layers));
    rule.guest = calloc(n, sizeof(*rule.guest));
    if (!rule.n_layers || !rule.guest)
        abort();
    for (size_t n_node = 0; n_node < n_nodes; n_node++)
        rule.n_layers[n_node] = 1;
    for (size_t k = 0; k < n; k++)
        rule.guest[k] = VSCHED_FREE;
    return rule;
}

void vsched_done(struct vsched *rule)
{
    free(rule->n_layers);
    free(rule->guest);
}

void vsched_leave_out(struct vsched *rule, size_t pcpu)
{
    for (size_t layer = 0; layer < rule->most_layers; layer++)
        row_of(rule, layer, 0, 0)[pcpu] = VSCHED_LEFT_OUT;
}

static size_t free_in(const struct vsched *rule, const int *row)
{
    size_t n = 0;

    for (size_t k = 0; k < rule->size; k++)
        n += row[k] == VSCHED_FREE;
    return n;
}

static size_t free_of_node(const struct vsched *rule, size_t layer, size_t node)
{
    size_t n = 0;

    for (size_t c = 0; c < rule->n_clusters; c++)
        n += free_in(rule, row_of(rule, layer, node, c));
    return n;
}

/* Where the first run of n free places begins; size: there is none. */
static size_t find_run(const struct vsched *rule, const int *row, size_t n)
{
    size_t run = 0;

    for (size_t k = 0; k < rule->size; k++) {
        run = row[k] == VSCHED_FREE ? run + 1 : 0;
        if (run == n)
            return k + 1 - n;
    }
    return rule->size;
}

static bool take_run(const struct vsched *rule, int *row, int guest, size_t n)
{
    size_t first = find_run(rule, row, n);

    for (size_t k = first; k < first + n && first < rule->size; k++)
        row[k] = guest;
    return first < rule->size;
}

/* The fullest node of the lowest layer that has room for all; the one with the fewest layers where
 * none has. */
static size_t choose_node(const struct vsched *rule, size_t n_vcpus)
{
    size_t best = 0, least_free = 0;

    for (size_t layer = 0; layer < rule->most_layers; layer++) {
        for (size_t node = 0; node < rule->n_nodes; node++) {
            size_t n = layer < rule->n_layers[node] ? free_of_node(rule, layer, node) : 0;

            if (n >= n_vcpus && (least_free == 0 || n < least_free)) {
                least_free = n;
                best = node;
            }
        }
        if (least_free > 0)
            return best;
    }
    for (size_t node = 1; node < rule->n_nodes; node++)
        best = rule->n_layers[node] < rule->n_layers[best] ? node : best;
    return best;
}

/* Some of the vCPUs that are left; 0: no cluster of this layer has room. */
static size_t place_some(struct vsched *rule, size_t layer, size_t node, int guest, size_t left)
{
    for (size_t c = 0; c < rule->n_clusters; c++) {
        int *row = row_of(rule, layer, node, c);
        size_t n = left < rule->size ? left : rule->size;

        if (take_run(rule, row, guest, n))
            return n;
    }
    return 0;
}

bool vsched_place(struct vsched *rule, int guest, size_t n_vcpus)
{
    size_t node = choose_node(rule, n_vcpus), left = n_vcpus;

    while (left > 0 && n_vcpus <= rule->n_clusters * rule->size) {
        size_t n = 0;

        for (size_t layer = 0; layer < rule->n_layers[node] && n == 0; layer++)
            n = place_some(rule, layer, node, guest, left);
        left -= n;
        if (n == 0 && rule->n_layers[node] == rule->most_layers)
            break;
        rule->n_layers[node] += n == 0;
    }
    if (left > 0)
        vsched_remove(rule, guest);
    return left == 0;
}

bool vsched_place_in(struct vsched *rule, int guest, size_t n_vcpus, size_t node, size_t cluster)
{
    return take_run(rule, row_of(rule, 0, node, cluster), guest, n_vcpus);
}

void vsched_remove(struct vsched *rule, int guest)
{
    size_t n = rule->most_layers * rule->n_nodes * rule->n_clusters * rule->size;

    for (size_t k = 0; k < n; k++) {
        if (rule->guest[k] == guest)
            rule->guest[k] = VSCHED_FREE;
    }
}

/* What fits from a cluster into the one before it; a guest's part stays together. */
static size_t compact_into(const struct vsched *rule, int *row, int *next)
{
    size_t moved = 0, n = 0;

    for (size_t k = 0; k < rule->size; k++) {
        int guest = next[k];

        n = k > 0 && guest == next[k - 1] ? n + 1 : 1;
        if (guest < 0 || (k + 1 < rule->size && next[k + 1] == guest) ||
            !take_run(rule, row, guest, n))
            continue;
        for (size_t j = k + 1 - n; j <= k; j++)
            next[j] = VSCHED_FREE;
        moved += n;
    }
    return moved;
}

/* An empty cluster is not filled, which would only move the emptiness. */
size_t vsched_compact(struct vsched *rule)
{
    size_t moved = 0;

    for (size_t layer = 0; layer < rule->most_layers; layer++)
        for (size_t node = 0; node < rule->n_nodes; node++)
            for (size_t c = 0; c + 1 < rule->n_clusters; c++) {
                int *row = row_of(rule, layer, node, c);

                if (free_in(rule, row) < rule->size)
                    moved += compact_into(rule, row, row_of(rule, layer, node, c + 1));
            }
    return moved;
}

bool vsched_pins(const struct vsched *rule, int guest, size_t n_vcpus, size_t *pcpus)
{
    size_t n_pcpus = rule->n_nodes * rule->n_clusters * rule->size, found = 0;

    for (size_t k = 0; k < rule->most_layers * n_pcpus && found < n_vcpus; k++) {
        if (rule->guest[k] == guest)
            pcpus[found++] = k % n_pcpus;
    }
    return found == n_vcpus;
}
