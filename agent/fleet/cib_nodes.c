/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/cib_parts.h"

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct cib_node *)a)->name, ((const struct cib_node *)b)->name);
}

static int check_names(const struct cib *cib, struct err *err)
{
    for (size_t p = 0; p < cib->n_nodes; p++) {
        const char *name = cib->nodes[p].name;

        if (!name[0] || strlen(name) >= CLUSTER_NAME_SIZE)
            return err_set(err, -EINVAL, "the node '%.60s' has no name, or too long a one",
                           cib->nodes[p].id);
        if (p > 0 && strcmp(cib->nodes[p - 1].name, name) == 0)
            return err_set(err, -EINVAL, "two nodes are called '%.60s'", name);
    }
    return 0;
}

/* An older document has no uname here. */
static struct cib_node *find(const struct cib *cib, const xmlNode *state)
{
    const char *name = cib_attribute(state, "uname"), *id = cib_attribute(state, "id");
    int p = name[0] ? cluster_host(cib->cluster, name) : FLEET_NOWHERE;

    for (size_t q = 0; p < 0 && !name[0] && q < cib->n_nodes; q++)
        if (strcmp(cib->nodes[q].id, id) == 0)
            p = (int)q;
    return p >= 0 ? &cib->nodes[p] : NULL;
}

static void find_states(struct cib *cib)
{
    for (const xmlNode *state = cib_child(cib->status, "node_state"); state;
         state = cib_next(cib->status, state, "node_state")) {
        struct cib_node *node = find(cib, state);
        bool is_remote = false;

        if (!node)
            continue;
        node->state = state;
        cib_boolean(cib_attribute(state, "remote_node"), &is_remote);
        node->is_remote |= is_remote;
    }
}

int cib_read_nodes(struct cib *cib, struct err *err)
{
    const xmlNode *nodes = cib_child(cib->configuration, "nodes");
    struct cluster *cluster = cib->cluster;
    size_t n = 0;
    int r;

    for (const xmlNode *node = cib_child(nodes, "node"); node; node = cib_next(nodes, node, "node"))
        n++;
    if (n == 0 || n > CLUSTER_MOST_HOSTS)
        return err_set(err, -EINVAL,
                       n ? "the cluster has more than %d nodes"
                         : "the cluster document has no nodes",
                       CLUSTER_MOST_HOSTS);
    cib->nodes = cluster_room(cluster, n, sizeof(*cib->nodes));
    cluster->fleet.hosts = cluster_room(cluster, n, sizeof(*cluster->fleet.hosts));
    if (!cib->nodes || !cluster->fleet.hosts)
        return err_set(err, -ENOMEM, "out of memory");
    for (const xmlNode *node = cib_child(nodes, "node"); node;
         node = cib_next(nodes, node, "node")) {
        const char *type = cib_attribute(node, "type");

        if (strcmp(type, "ping") == 0)
            continue; /* an address to reach, of old */
        cib->nodes[cib->n_nodes++] = (struct cib_node){.name = cib_attribute(node, "uname"),
                                                       .id = cib_attribute(node, "id"),
                                                       .node = node,
                                                       .is_remote = strcmp(type, "remote") == 0};
    }
    qsort(cib->nodes, cib->n_nodes, sizeof(*cib->nodes), compare);
    r = check_names(cib, err);
    for (size_t p = 0; p < cib->n_nodes; p++)
        cluster->fleet.hosts[p] =
            (struct fleet_host){.name = cluster_text(cluster, cib->nodes[p].name), .is_open = true};
    cluster->fleet.n_hosts = cib->n_nodes;
    if (cluster->is_short)
        return err_set(err, -ENOMEM, "out of memory");
    if (r == 0)
        find_states(cib);
    return r;
}

/* true, or since 2.1.7 the time since when: 0 is never. */
static bool is_since(const char *text, const char *word)
{
    return strcmp(text, word) == 0 || (text[0] >= '1' && text[0] <= '9');
}

static bool is_set(const struct cib_node *node, const char *name)
{
    const char *value = cib_node_value(node, name);
    bool is_true = false;

    return value && cib_boolean(value, &is_true) == 0 && is_true;
}

/* A remote node is there where its connection runs. */
static bool is_connected(const struct cib *cib, const struct cib_node *node)
{
    const struct cib_resource *connection = cib_find_resource(cib, node->name);

    return connection && connection->place >= 0 && cib->places[connection->place].run == CIB_RUNS;
}

static void judge_member(struct cib *cib, size_t p)
{
    const xmlNode *state = cib->nodes[p].state;
    bool is_member = is_since(cib_attribute(state, "in_ccm"), "true");
    bool is_peer = is_since(cib_attribute(state, "crmd"), "online");
    bool is_joined = strcmp(cib_attribute(state, "join"), "member") == 0;
    bool is_expected = strcmp(cib_attribute(state, "expected"), "member") == 0;
    bool has_fencing = true;

    cib_boolean(cib_property(cib, "stonith-enabled"), &has_fencing);
    if (is_member && is_peer && is_joined)
        return;
    if (is_expected && has_fencing && (!is_member || !is_peer))
        cluster_refuse(cib->cluster, "node '%.60s' is lost and has to be fenced first",
                       cib->nodes[p].name);
    cib->nodes[p].is_away = !is_member || !is_peer;
    cluster_close(cib->cluster, p, cib->nodes[p].is_away ? "offline" : "joining");
}

static void judge_node(struct cib *cib, size_t p)
{
    struct cib_node *node = &cib->nodes[p];
    const char *shutdown = cib_node_value(node, "shutdown");
    const char *standby = cib_node_value(node, "standby");
    bool is_on = standby && (cib_boolean(standby, &is_on) < 0 || is_on);

    if (is_set(node, "terminate"))
        cluster_refuse(cib->cluster, "node '%.60s' is to be fenced", node->name);
    if (!node->is_remote) {
        judge_member(cib, p);
    } else if (!is_connected(cib, node)) {
        node->is_away = true;
        cluster_close(cib->cluster, p, "offline");
    }
    if (shutdown && strcmp(shutdown, "0") != 0 && shutdown[0])
        cluster_close(cib->cluster, p, "shutting down");
    node->is_maintained = is_set(node, "maintenance");
    if (node->is_maintained)
        cluster_close(cib->cluster, p, "maintenance");
    if (is_on)
        cluster_close(cib->cluster, p, "standby");
}

/* What the strategies make of colours is close to this: red is left at once. */
static void judge_health(struct cib *cib, size_t p)
{
    static const char set[] = "instance_attributes";
    const xmlNode *of[] = {cib_child(cib->nodes[p].state, "transient_attributes"),
                           cib->nodes[p].node};

    for (size_t k = 0; k < 2; k++) {
        for (const xmlNode *one = cib_child(of[k], set); one; one = cib_next(of[k], one, set)) {
            for (const xmlNode *pair = cib_child(one, "nvpair"); pair;
                 pair = cib_next(one, pair, "nvpair")) {
                const char *value = cib_attribute(pair, "value");

                if (strncmp(cib_attribute(pair, "name"), "#health", 7) == 0 && value[0] &&
                    strcmp(value, "green") != 0)
                    cluster_close(cib->cluster, p, "its health is %.20s", value);
            }
        }
    }
}

void cib_judge_nodes(struct cib *cib)
{
    const char *health = cib_property(cib, "node-health-strategy");

    for (size_t p = 0; p < cib->n_nodes; p++) {
        judge_node(cib, p);
        if (health[0] && strcmp(health, "none") != 0)
            judge_health(cib, p);
    }
}
