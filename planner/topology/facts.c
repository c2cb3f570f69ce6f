/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/topology/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Grows at powers of two. Returns the array with room for n + 1, the last one zero, or NULL. */
static void *with_room(void *array, size_t n, size_t size)
{
    char *grown = array;

    if ((n & (n - 1)) == 0)
        grown = realloc(array, (n ? 2 * n : 1) * size);
    if (grown)
        memset(grown + n * size, 0, size);
    return grown;
}

struct topology_cell *topology_add_cell(struct topology_facts *facts)
{
    struct topology_cell *cells = with_room(facts->cells, facts->n_cells, sizeof(*cells));

    if (!cells)
        return NULL;
    facts->cells = cells;
    return &cells[facts->n_cells++];
}

struct topology_distance *topology_add_distance(struct topology_facts *facts)
{
    struct topology_distance *distances =
        with_room(facts->distances, facts->n_distances, sizeof(*distances));

    if (!distances)
        return NULL;
    facts->distances = distances;
    return &distances[facts->n_distances++];
}

struct topology_pcpu_fact *topology_add_pcpu(struct topology_facts *facts)
{
    struct topology_pcpu_fact *pcpus = with_room(facts->pcpus, facts->n_pcpus, sizeof(*pcpus));

    if (!pcpus)
        return NULL;
    facts->pcpus = pcpus;
    return &pcpus[facts->n_pcpus++];
}

struct topology_cache *topology_add_cache(struct topology_caches *caches)
{
    struct topology_cache *grown = with_room(caches->caches, caches->n, sizeof(*grown));

    if (!grown)
        return NULL;
    caches->caches = grown;
    return &grown[caches->n++];
}

/* A copy with room as with_room() wants it. */
static void *copy_of(const void *array, size_t n, size_t size, bool *failed)
{
    size_t room = 1;
    void *copy;

    if (n == 0)
        return NULL;
    while (room < n)
        room *= 2;
    copy = malloc(room * size);
    if (copy)
        memcpy(copy, array, n * size);
    else
        *failed = true;
    return copy;
}

int topology_facts_copy(const struct topology_facts *facts, struct topology_facts *ret)
{
    bool failed = false;

    *ret = *facts;
    ret->cells = copy_of(facts->cells, facts->n_cells, sizeof(*facts->cells), &failed);
    ret->distances =
        copy_of(facts->distances, facts->n_distances, sizeof(*facts->distances), &failed);
    ret->pcpus = copy_of(facts->pcpus, facts->n_pcpus, sizeof(*facts->pcpus), &failed);
    ret->banks.caches =
        copy_of(facts->banks.caches, facts->banks.n, sizeof(*facts->banks.caches), &failed);
    ret->local_caches.caches = copy_of(facts->local_caches.caches, facts->local_caches.n,
                                       sizeof(*facts->local_caches.caches), &failed);
    if (!failed)
        return 0;
    topology_facts_done(ret);
    return -ENOMEM;
}

void topology_facts_done(struct topology_facts *facts)
{
    free(facts->cells);
    free(facts->distances);
    free(facts->pcpus);
    free(facts->banks.caches);
    free(facts->local_caches.caches);
    *facts = (struct topology_facts){0};
}
