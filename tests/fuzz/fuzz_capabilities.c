/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host's capabilities and, after a byte of 1, its CPU map. */
#include <stdlib.h>

#include "agent/host/capabilities_xml.h"
#include "agent/report/report_topology.h"
#include "tests/fuzz/fuzz.h"

enum { PARTED = 1 };

/* Sets are disjoint, none is empty, and together they are the whole. */
static void check_parts(const struct cpuset *sets, size_t n, const struct cpuset *whole)
{
    struct cpuset all = {{0}};
    size_t members = 0;

    for (size_t i = 0; i < n; i++) {
        size_t count = cpuset_count(&sets[i]);

        must(count > 0, "no group is empty");
        members += count;
        cpuset_or(&all, &sets[i]);
    }
    must(cpuset_is_equal(&all, whole), "groups cover all pCPUs");
    must(members == cpuset_count(whole), "groups are disjoint");
}

static void check_bins(const struct topology *topology, enum topology_level level)
{
    struct topology_bin *bins;
    size_t n = 0, members = 0;
    int r = topology_bins(topology, level, &bins, &n);

    must(r == 0, "there is memory");
    for (size_t b = 0; r == 0 && b < n; b++) {
        members += bins[b].n_pcpus;
        must(bins[b].n_pcpus > 0 && bins[b].capacity > 0, "a bin has room");
        must(cpuset_is_subset(&bins[b].pcpus, &topology->usable), "bins are of usable pCPUs");
        must(level == TOPOLOGY_LEVEL_HOST ||
                 cpuset_is_subset(&bins[b].pcpus, &topology->nodes[bins[b].node].pcpus),
             "no bin reaches beyond a node");
    }
    must(members == cpuset_count(&topology->usable), "bins take each usable pCPU once");
    free(bins);
}

static void check(const struct topology *topology)
{
    struct topology_levels levels;
    struct cpuset out = topology->usable;
    size_t members = cpuset_count(&topology->usable);
    json_t *json;

    check_parts(topology->llcs, topology->n_llcs, &topology->online);
    check_parts(topology->cores, topology->n_cores, &topology->online);
    for (int r = TOPOLOGY_ISOLATED; r < TOPOLOGY_REASONS; r++) {
        cpuset_or(&out, &topology->excluded[r]);
        members += cpuset_count(&topology->excluded[r]);
    }
    must(cpuset_is_equal(&out, &topology->online) && members == cpuset_count(&topology->online),
         "an online pCPU is usable, or there is one reason");
    for (int level = 0; level < TOPOLOGY_LEVELS; level++)
        check_bins(topology, (enum topology_level)level);
    must(topology_levels(topology, &levels) == 0, "levels are known");
    json = report_topology_json(topology, &levels);
    must(json != NULL, "it can be reported");
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct topology_facts *facts = calloc(1, sizeof(*facts));
    char *xml = take_text(&bytes, PARTED), *map = bytes.left ? take_text(&bytes, PARTED) : NULL;
    struct topology topology;
    struct err err = {0};
    int r = capabilities_xml_parse(xml, facts, &err);

    if (r == 0 && map)
        r = cpu_map_parse(map, facts, &err);
    if (r == 0)
        r = topology_build(facts, &topology, &err);
    must(r == 0 || err.text[0], "a refusal has a sentence");
    if (r == 0) {
        check(&topology);
        topology_done(&topology);
    }
    topology_facts_done(facts);
    free(facts);
    free(xml);
    free(map);
    return 0;
}
