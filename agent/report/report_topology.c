/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report_topology.h"

#include <string.h>

#include "agent/base/json_values.h"

enum { LIST_SIZE = 40960 }; /* 8192 numbers of four digits and as many commas */

static void print_list(FILE *out, const struct cpuset *set)
{
    char text[LIST_SIZE];

    cpuset_format(set, text, sizeof(text));
    fputs(text[0] ? text : "none", out);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

/* The part of the pCPU's core that is in the set, if the pCPU is its first one there; else empty. */
static struct cpuset core_begun(const struct topology *topology, const struct cpuset *pcpus,
                                unsigned pcpu)
{
    struct cpuset core = topology->cores[topology->places[pcpu].core];

    cpuset_and(&core, pcpus);
    return cpuset_next(&core, 0) == pcpu ? core : (struct cpuset){0};
}

static size_t count_cores(const struct topology *topology, const struct cpuset *pcpus)
{
    size_t n = 0;

    for (unsigned p = cpuset_next(pcpus, 0); p < CPUSET_SIZE; p = cpuset_next(pcpus, p + 1)) {
        struct cpuset core = core_begun(topology, pcpus, p);

        n += cpuset_has(&core, p);
    }
    return n;
}

static void print_cores(FILE *out, const struct topology *topology, const struct cpuset *pcpus)
{
    for (unsigned p = cpuset_next(pcpus, 0); p < CPUSET_SIZE; p = cpuset_next(pcpus, p + 1)) {
        struct cpuset core = core_begun(topology, pcpus, p);

        if (!cpuset_has(&core, p))
            continue;
        fputs("    core ", out);
        print_list(out, &core);
        fputc('\n', out);
    }
}

static void print_cache(FILE *out, const struct topology *topology, const struct cpuset *llc,
                        const struct topology_node *node, bool all)
{
    struct cpuset inside = *llc;
    size_t n_cores;

    cpuset_and(&inside, &node->pcpus);
    if (cpuset_count(&inside) == 0)
        return;
    n_cores = count_cores(topology, &inside);
    fputs(topology->llcs_from == TOPOLOGY_FROM_NODE ? "  no cache told, " : "  cache ", out);
    print_list(out, &inside);
    fprintf(out, ": %zu pCPUs, %zu core%s", cpuset_count(&inside), n_cores, plural(n_cores));
    if (!cpuset_is_equal(&inside, llc)) {
        fputs(", part of ", out);
        print_list(out, llc);
    }
    fputc('\n', out);
    if (all)
        print_cores(out, topology, &inside);
}

static void print_node(FILE *out, const struct topology *topology, size_t n, bool all)
{
    const struct topology_node *node = &topology->nodes[n];

    fprintf(out, "node %d: ", node->id);
    print_list(out, &node->pcpus);
    if (node->memory_kib > 0)
        fprintf(out, ", %.1f GiB", (double)node->memory_kib / (1024 * 1024));
    if (!node->is_told)
        fputs(", not told", out);
    for (size_t to = 0; to < topology->n_nodes && topology->n_nodes > 1; to++)
        fprintf(out, "%s%u", to == 0 ? ", distances " : " ",
                topology->distances[n * topology->n_nodes + to]);
    fputc('\n', out);
    for (size_t c = 0; c < topology->n_llcs; c++)
        print_cache(out, topology, &topology->llcs[c], node, all);
}

/* The online pCPUs of the next lower speed, and that speed; 0 where there is none. */
static unsigned next_speed(const struct topology *topology, unsigned below_permille,
                           struct cpuset *ret)
{
    const struct cpuset *online = &topology->online;
    unsigned next = 0;

    for (unsigned p = cpuset_next(online, 0); p < CPUSET_SIZE; p = cpuset_next(online, p + 1)) {
        unsigned speed = topology->places[p].speed_permille;

        if (speed >= below_permille || speed < next)
            continue;
        if (speed > next)
            *ret = (struct cpuset){0};
        next = speed;
        cpuset_add(ret, p);
    }
    return next;
}

enum { ABOVE_ALL = 1001 }; /* permille */

static void print_speeds(FILE *out, const struct topology *topology)
{
    struct cpuset equal;

    for (unsigned speed = ABOVE_ALL; (speed = next_speed(topology, speed, &equal)) > 0;) {
        fprintf(out, "speed %.1f %%: ", speed / 10.0);
        print_list(out, &equal);
        fputc('\n', out);
    }
}

static void print_levels(FILE *out, const struct topology_levels *levels)
{
    fputs("levels: ", out);
    for (int level = 0; level < TOPOLOGY_LEVELS; level++) {
        if (!levels->is_possible[level])
            continue;
        if (level == TOPOLOGY_LEVEL_HOST)
            fputs("host (guests float)\n", out);
        else
            fprintf(out, "%s (%zu bins), ", topology_level_text((enum topology_level)level),
                    levels->n_bins[level]);
    }
    fprintf(out, "level by shape: %s\n", topology_level_text(levels->level));
}

void report_topology(FILE *out, const struct topology *topology,
                     const struct topology_levels *levels, bool all)
{
    size_t n_llcs = topology->llcs_from == TOPOLOGY_FROM_NODE ? 0 : topology->n_llcs;

    fprintf(out, "host: %zu node%s, %zu last-level cache%s, %zu core%s, %zu of %zu pCPUs usable\n",
            topology->n_nodes, plural(topology->n_nodes), n_llcs, plural(n_llcs), topology->n_cores,
            plural(topology->n_cores), cpuset_count(&topology->usable),
            cpuset_count(&topology->online));
    for (size_t n = 0; n < topology->n_nodes; n++)
        print_node(out, topology, n, all);
    if (topology->speeds_from != TOPOLOGY_FROM_NOTHING)
        print_speeds(out, topology);
    for (int r = 0; r < TOPOLOGY_REASONS; r++) {
        if (cpuset_count(&topology->excluded[r]) == 0)
            continue;
        fputs("excluded: ", out);
        print_list(out, &topology->excluded[r]);
        fprintf(out, " %s\n", topology_reason_text((enum topology_reason)r));
    }
    print_levels(out, levels);
    fprintf(out, "from: online=%s nodes=%s distances=%s cores=%s llc=%s speeds=%s\n",
            topology_source_text(topology->online_from), topology_source_text(topology->nodes_from),
            topology_source_text(topology->distances_from),
            topology_source_text(topology->cores_from), topology_source_text(topology->llcs_from),
            topology_source_text(topology->speeds_from));
}

static json_t *list_of(const struct cpuset *sets, size_t n)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t i = 0; i < n; i++)
        failures |= json_array_append_new(array, json_from_cpuset(&sets[i]));
    return json_unless(array, failures);
}

static json_t *excluded_of(const struct topology *topology)
{
    json_t *array = json_array();
    int failures = 0;

    for (int r = 0; r < TOPOLOGY_REASONS; r++) {
        if (cpuset_count(&topology->excluded[r]) == 0)
            continue;
        failures |= json_array_append_new(
            array, json_members("pcpus", json_from_cpuset(&topology->excluded[r]), "why",
                                json_string(topology_reason_text((enum topology_reason)r)), NULL));
    }
    return json_unless(array, failures);
}

static json_t *speeds_of(const struct topology *topology)
{
    json_t *array = json_array();
    struct cpuset equal;
    int failures = 0;

    for (unsigned speed = ABOVE_ALL; (speed = next_speed(topology, speed, &equal)) > 0;)
        failures |= json_array_append_new(
            array, json_members("pcpus", json_from_cpuset(&equal), "speed_pct",
                                json_from_number(speed / 10.0), NULL));
    return json_unless(array, failures);
}

/* An object with a member for each node. */
static json_t *nodes_of(const struct topology *topology,
                        json_t *(*value)(const struct topology *topology, size_t n))
{
    json_t *object = json_object();
    int failures = 0;

    for (size_t n = 0; n < topology->n_nodes; n++) {
        char id[16];

        snprintf(id, sizeof(id), "%d", topology->nodes[n].id);
        failures |= json_object_set_new(object, id, value(topology, n));
    }
    return json_unless(object, failures);
}

static json_t *pcpus_of(const struct topology *topology, size_t n)
{
    return json_from_cpuset(&topology->nodes[n].pcpus);
}

static json_t *memory_of(const struct topology *topology, size_t n)
{
    return json_from_count(topology->nodes[n].memory_kib);
}

static json_t *distances_of(const struct topology *topology, size_t n)
{
    json_t *array = json_array();
    int failures = 0;

    for (size_t to = 0; to < topology->n_nodes; to++)
        failures |= json_array_append_new(
            array, json_from_count(topology->distances[n * topology->n_nodes + to]));
    return json_unless(array, failures);
}

static json_t *levels_of(const struct topology_levels *levels)
{
    json_t *object = json_object();
    int failures = 0;

    for (int level = 0; level < TOPOLOGY_LEVELS; level++)
        if (levels->is_possible[level])
            failures |= json_object_set_new(object, topology_level_text((enum topology_level)level),
                                            json_from_count(levels->n_bins[level]));
    return json_unless(object, failures);
}

static json_t *source_of(enum topology_source source)
{
    return json_string(topology_source_text(source));
}

json_t *report_topology_json(const struct topology *topology, const struct topology_levels *levels)
{
    return json_members(
        "nodes", nodes_of(topology, pcpus_of), "memory_kib", nodes_of(topology, memory_of),
        "distances", nodes_of(topology, distances_of), "llcs",
        list_of(topology->llcs, topology->n_llcs), "cores",
        list_of(topology->cores, topology->n_cores), "online", json_from_cpuset(&topology->online),
        "speeds", speeds_of(topology), "excluded", excluded_of(topology), "levels",
        levels_of(levels), "level", json_string(topology_level_text(levels->level)), "online_from",
        source_of(topology->online_from), "nodes_from", source_of(topology->nodes_from),
        "distances_from", source_of(topology->distances_from), "cores_from",
        source_of(topology->cores_from), "llc_from", source_of(topology->llcs_from), "speeds_from",
        source_of(topology->speeds_from), NULL);
}
