/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/fleet/cib_parts.h"

/* More than any host has of anything: a PiB in MiB. */
static const int64_t most_units = INT64_C(1) << 30;
static const char utilization[] = "utilization";
/* What agents and people call memory, in MiB; the guests' agent says hv_memory. */
static const char *const memory_names[] = {"hv_memory", "memory", "host_memory", "mem", "ram"};
enum { N_MEMORY_NAMES = sizeof(memory_names) / sizeof(memory_names[0]), MIB_PER_GIB = 1024 };

struct names {
    const char *of[2 * CLUSTER_MOST_RESOURCES];
    size_t n;
    bool has_more;
};

/* One hard resource: under which name nodes have it and guests want it. */
struct hard {
    const char *node_name, *guest_name, *shown;
};

struct reading {
    struct cib *cib;
    struct names nodes, guests;
    struct hard hard[CLUSTER_MOST_RESOURCES];
    size_t n_hard, n_without_cpu, n_without_memory;
};

static bool has(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->of[i], name) == 0)
            return true;
    return false;
}

static void collect(const xmlNode *of, struct names *names)
{
    for (const xmlNode *set = cib_child(of, utilization); set;
         set = cib_next(of, set, utilization)) {
        for (const xmlNode *pair = cib_child(set, "nvpair"); pair;
             pair = cib_next(set, pair, "nvpair")) {
            const char *name = cib_attribute(pair, "name");

            if (!name[0] || has(names, name))
                continue;
            names->has_more |= names->n == 2 * CLUSTER_MOST_RESOURCES;
            if (!names->has_more)
                names->of[names->n++] = name;
        }
    }
}

static void collect_all(struct reading *reading)
{
    const struct cib *cib = reading->cib;

    for (size_t p = 0; p < cib->n_nodes; p++)
        collect(cib->nodes[p].node, &reading->nodes);
    for (size_t k = 0; k < cib->n_resources; k++) {
        collect(cib->resources[k].element, &reading->guests);
        if (cib->resources[k].template)
            collect(cib->resources[k].template, &reading->guests);
    }
}

static bool is_memory(const char *name)
{
    for (size_t i = 0; i < N_MEMORY_NAMES; i++)
        if (strcmp(memory_names[i], name) == 0)
            return true;
    return false;
}

static const char *find_memory(const struct names *names)
{
    for (size_t i = 0; i < N_MEMORY_NAMES; i++)
        if (has(names, memory_names[i]))
            return memory_names[i];
    return NULL;
}

/* Memory first: planners bound it. */
static void choose_memory(struct reading *reading)
{
    struct cluster *cluster = reading->cib->cluster;
    const char *of_node = find_memory(&reading->nodes), *of_guest = find_memory(&reading->guests);

    for (size_t i = 0; i < N_MEMORY_NAMES; i++)
        if (has(&reading->nodes, memory_names[i]) && has(&reading->guests, memory_names[i])) {
            of_node = of_guest = memory_names[i];
            break;
        }
    if (!of_node || !of_guest) {
        cluster_note(cluster, "%s tell no memory: nothing is known of what fits",
                     of_node ? "guests" : "hosts");
        return;
    }
    reading->hard[reading->n_hard++] = (struct hard){of_node, of_guest, "memory"};
    if (strcmp(of_node, of_guest) == 0)
        return;
    if (strcmp(reading->cib->strategy, "default") == 0)
        cluster_note(cluster,
                     "guests call memory '%s' and hosts '%s': taken as the same, which "
                     "Pacemaker does not do",
                     of_guest, of_node);
    else
        cluster_refuse(cluster,
                       "guests call memory '%s' and hosts '%s': with this "
                       "placement-strategy Pacemaker starts such guests nowhere; use one "
                       "name",
                       of_guest, of_node);
}

/* With the default strategy the engine heeds no utilization at all. */
static int choose(struct reading *reading, struct err *err)
{
    struct cluster *cluster = reading->cib->cluster;
    bool is_heeded = strcmp(reading->cib->strategy, "default") != 0;

    cluster->heeds_sizes = is_heeded;
    choose_memory(reading);
    for (size_t i = 0; i < reading->guests.n && is_heeded; i++) {
        const char *name = reading->guests.of[i];
        bool is_known = has(&reading->nodes, name);

        if (is_memory(name) && reading->n_hard && strcmp(name, reading->hard[0].guest_name) == 0)
            continue;
        if (reading->n_hard == CLUSTER_MOST_RESOURCES)
            return err_set(err, -EINVAL, "guests have more than %d kinds of utilization",
                           CLUSTER_MOST_RESOURCES);
        if (is_known)
            reading->hard[reading->n_hard++] = (struct hard){name, name, name};
        else
            cluster_refuse(cluster,
                           "no node has '%.60s', which resources want: with this "
                           "placement-strategy Pacemaker starts them nowhere",
                           name);
    }
    if (!is_heeded)
        cluster_note(cluster,
                     "placement-strategy is 'default': Pacemaker looks at no sizes when it "
                     "places guests, and overfills hosts; 'balanced' does");
    return 0;
}

static int64_t read_units(struct reading *reading, const char *text, const char *of)
{
    long long value;
    char *end;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (text[0] && !*end && errno == 0 && value >= 0 && value <= most_units)
        return value;
    cluster_refuse(reading->cib->cluster,
                   "the utilization of '%.60s' is no number of units: '%.20s'", of, text);
    return 0;
}

static const char *wanted(const struct cib_resource *resource, const char *name)
{
    const char *text = cib_value(resource->element, utilization, name);

    return !text && resource->template ? cib_value(resource->template, utilization, name) : text;
}

static void read_host(struct reading *reading, size_t p, int64_t *room)
{
    const struct cib_node *node = &reading->cib->nodes[p];
    struct fleet_host *host = &reading->cib->cluster->fleet.hosts[p];
    const char *cpu = cib_value(node->node, utilization, "cpu");

    for (size_t d = 0; d < reading->n_hard; d++) {
        const char *text = cib_value(node->node, utilization, reading->hard[d].node_name);

        room[d] = text ? read_units(reading, text, node->name) : 0;
    }
    host->room = room;
    host->cpu_milli = cpu ? 1000 * read_units(reading, cpu, node->name) : 0;
    if (host->cpu_milli < 1) {
        host->cpu_milli = 1000;
        reading->n_without_cpu++;
    }
}

static void read_guest(struct reading *reading, const struct cib_resource *resource, int64_t *size)
{
    struct fleet_guest *guest = &reading->cib->cluster->fleet.guests[resource->guest];
    const char *cpu = wanted(resource, "cpu");
    bool has_memory = false;

    for (size_t d = 0; d < reading->n_hard; d++) {
        const char *text = wanted(resource, reading->hard[d].guest_name);

        size[d] = text ? read_units(reading, text, resource->name) : 0;
        has_memory |= text && is_memory(reading->hard[d].guest_name);
    }
    guest->size = size;
    if (has_memory && size[0] / MIB_PER_GIB < FLEET_MOST_PRICE)
        guest->price = 1 + (int)(size[0] / MIB_PER_GIB);
    else if (has_memory)
        guest->price = FLEET_MOST_PRICE;
    guest->load_milli = guest->peak_milli =
        cpu ? 1000 * read_units(reading, cpu, resource->name) : 0;
    reading->n_without_memory += !has_memory;
}

/* What stays where it is takes up room there. */
static void occupy(struct reading *reading, int64_t *rooms)
{
    const struct cib *cib = reading->cib;

    for (size_t k = 0; k < cib->n_places; k++) {
        const struct cib_place *place = &cib->places[k];
        const struct cib_resource *resource = &cib->resources[place->resource];
        int64_t *room = &rooms[(size_t)place->host * reading->n_hard];

        for (size_t d = 0; resource->guest < 0 && d < reading->n_hard; d++) {
            const char *text = wanted(resource, reading->hard[d].guest_name);

            if (!text || !cib_is_active(cib, place))
                continue;
            room[d] -= read_units(reading, text, resource->name);
            if (room[d] < 0)
                room[d] = 0;
        }
    }
}

static void say(const struct reading *reading)
{
    struct cluster *cluster = reading->cib->cluster;

    if (reading->n_without_cpu)
        cluster_note(cluster, "%zu host%s without 'cpu': counted as one CPU",
                     reading->n_without_cpu, text_plural(reading->n_without_cpu));
    if (reading->n_without_memory && reading->n_hard)
        cluster_note(cluster, "%zu guest%s without memory: counted as nothing",
                     reading->n_without_memory, text_plural(reading->n_without_memory));
}

int cib_read_utilization(struct cib *cib, struct err *err)
{
    struct reading reading = {.cib = cib};
    struct fleet *fleet = &cib->cluster->fleet;
    const char **shown = cluster_room(cib->cluster, CLUSTER_MOST_RESOURCES, sizeof(*shown));
    int64_t *rooms, *sizes;
    int r;

    collect_all(&reading);
    if (reading.nodes.has_more || reading.guests.has_more)
        return err_set(err, -EINVAL, "there are more than %d kinds of utilization",
                       2 * CLUSTER_MOST_RESOURCES);
    r = choose(&reading, err);
    if (r < 0)
        return r;
    rooms = cluster_room(cib->cluster, fleet->n_hosts * CLUSTER_MOST_RESOURCES, sizeof(*rooms));
    sizes = cluster_room(cib->cluster, fleet->n_guests * CLUSTER_MOST_RESOURCES, sizeof(*sizes));
    if (!shown || !rooms || !sizes)
        return err_set(err, -ENOMEM, "out of memory");
    for (size_t d = 0; d < reading.n_hard; d++)
        shown[d] = cluster_text(cib->cluster, reading.hard[d].shown);
    for (size_t p = 0; p < cib->n_nodes; p++)
        read_host(&reading, p, &rooms[p * reading.n_hard]);
    for (size_t k = 0; k < cib->n_resources; k++)
        if (cib->resources[k].guest >= 0)
            read_guest(&reading, &cib->resources[k],
                       &sizes[(size_t)cib->resources[k].guest * reading.n_hard]);
    occupy(&reading, rooms);
    fleet->n_resources = reading.n_hard;
    fleet->resource = shown;
    say(&reading);
    return 0;
}
