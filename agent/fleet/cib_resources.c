/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/fleet/cib_parts.h"

/* While they are collected a holder is known by its name: the array moves and is sorted. */
struct collected {
    struct cib_resource *list;
    const char **holder; /* [n] "" for none */
    size_t n, room;
};

static bool is_holder(const xmlNode *element)
{
    return cib_is(element, "group") || cib_is(element, "clone") || cib_is(element, "master") ||
           cib_is(element, "bundle");
}

static size_t count(const xmlNode *of)
{
    size_t n = 0;

    for (const xmlNode *node = cib_next(of, NULL, NULL); node; node = cib_next(of, node, NULL)) {
        if (cib_is(node, "primitive"))
            n++;
        else if (is_holder(node))
            n += 1 + count(node); /* the parser allows 256 levels */
    }
    return n;
}

static const xmlNode *find_template(const struct cib *cib, const char *name)
{
    const xmlNode *all = cib_child(cib->configuration, "resources");

    for (const xmlNode *one = cib_child(all, "template"); name[0] && one;
         one = cib_next(all, one, "template"))
        if (strcmp(cib_attribute(one, "id"), name) == 0)
            return one;
    return NULL;
}

static void collect(const struct cib *cib, const xmlNode *of, const char *holder,
                    struct collected *to)
{
    for (const xmlNode *node = cib_next(of, NULL, NULL); node; node = cib_next(of, node, NULL)) {
        const char *name = cib_attribute(node, "id");
        struct cib_resource *resource = &to->list[to->n];
        const xmlNode *kind;

        if (!cib_is(node, "primitive") && !is_holder(node))
            continue;
        *resource = (struct cib_resource){.name = name,
                                          .kind = CIB_HOLDER,
                                          .element = node,
                                          .guest = FLEET_NOWHERE,
                                          .place = FLEET_NOWHERE,
                                          .follower = FLEET_NOWHERE};
        to->holder[to->n++] = holder;
        if (is_holder(node)) {
            collect(cib, node, name, to);
            continue;
        }
        resource->template = find_template(cib, cib_attribute(node, "template"));
        kind = resource->template ? resource->template : node;
        resource->kind = strcmp(cib_attribute(kind, "class"), "ocf") == 0 &&
                                 strcmp(cib_attribute(kind, "type"), "VirtualDomain") == 0
                             ? CIB_GUEST
                             : CIB_OTHER;
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct cib_resource *)a)->name, ((const struct cib_resource *)b)->name);
}

struct cib_resource *cib_find_resource(const struct cib *cib, const char *name)
{
    const struct cib_resource key = {.name = name};

    return cib->n_resources == 0
               ? NULL
               : bsearch(&key, cib->resources, cib->n_resources, sizeof(*cib->resources), compare);
}

/* Holders' names in the order of the resources. The list was in the document's. */
static void find_holders(struct cib *cib, const struct collected *from,
                         const struct cib_resource *unsorted)
{
    for (size_t i = 0; i < from->n; i++) {
        struct cib_resource *resource = cib_find_resource(cib, unsorted[i].name);

        if (from->holder[i][0] && resource)
            resource->holder = cib_find_resource(cib, from->holder[i]);
    }
}

static int check_names(const struct cib *cib, struct err *err)
{
    for (size_t k = 0; k < cib->n_resources; k++) {
        const char *name = cib->resources[k].name;

        if (!name[0] || strlen(name) >= CLUSTER_NAME_SIZE)
            return err_set(err, -EINVAL, "a resource has no id, or too long a one: '%.60s'", name);
        if (k > 0 && strcmp(cib->resources[k - 1].name, name) == 0)
            return err_set(err, -EINVAL, "two resources are called '%.60s'", name);
    }
    return 0;
}

/* A guest that stands in a group or is cloned moves with others. */
static int make_guests(struct cib *cib, struct err *err)
{
    struct cluster *cluster = cib->cluster;
    size_t n = 0;

    for (size_t k = 0; k < cib->n_resources; k++)
        n += cib->resources[k].kind == CIB_GUEST && !cib->resources[k].holder;
    if (n > CLUSTER_MOST_GUESTS)
        return err_set(err, -EINVAL, "the cluster has more than %d guests", CLUSTER_MOST_GUESTS);
    cluster->fleet.guests = cluster_room(cluster, n, sizeof(*cluster->fleet.guests));
    cluster->about = cluster_room(cluster, n, sizeof(*cluster->about));
    if (!cluster->fleet.guests || !cluster->about)
        return err_set(err, -ENOMEM, "out of memory");
    for (size_t k = 0; k < cib->n_resources; k++) {
        struct cib_resource *resource = &cib->resources[k];

        if (resource->kind != CIB_GUEST)
            continue;
        if (resource->holder) {
            cluster_note(cluster, "guest '%.60s' is in '%.60s' and stays where that is",
                         resource->name, resource->holder->name);
            resource->kind = CIB_OTHER;
            continue;
        }
        resource->guest = (int)cluster->fleet.n_guests;
        cluster->fleet.guests[cluster->fleet.n_guests++] =
            (struct fleet_guest){.name = cluster_text(cluster, resource->name),
                                 .home = FLEET_NOWHERE,
                                 .together = FLEET_NOWHERE,
                                 .price = 1};
    }
    return 0;
}

int cib_read_resources(struct cib *cib, struct err *err)
{
    const xmlNode *all = cib_child(cib->configuration, "resources");
    size_t n = count(all);
    struct collected collected = {.list = cluster_room(cib->cluster, n, sizeof(*collected.list)),
                                  .holder =
                                      cluster_room(cib->cluster, n, sizeof(*collected.holder))};
    int r;

    cib->resources = cluster_room(cib->cluster, n, sizeof(*cib->resources));
    if (cib->cluster->is_short)
        return err_set(err, -ENOMEM, "out of memory");
    collect(cib, all, "", &collected);
    memcpy(cib->resources, collected.list, n * sizeof(*cib->resources));
    cib->n_resources = n;
    if (n > 0)
        qsort(cib->resources, n, sizeof(*cib->resources), compare);
    r = check_names(cib, err);
    if (r < 0)
        return r;
    find_holders(cib, &collected, collected.list);
    return make_guests(cib, err);
}

static bool says(const struct cib *cib, const struct cib_resource *resource, const char *name,
                 bool fallback)
{
    const char *text = cib_meta(cib, resource, name);
    bool value = fallback;

    if (text && cib_boolean(text, &value) < 0)
        cluster_refuse(cib->cluster, "%s of '%.60s' is '%.20s', which is neither yes nor no", name,
                       resource->name, text);
    return value;
}

static void read_stickiness(struct cib *cib, struct cib_resource *resource)
{
    const char *text = cib_meta(cib, resource, "resource-stickiness");
    int score = 0;

    if (text && cib_score(text, &score) < 0)
        cluster_refuse(cib->cluster, "resource-stickiness of '%.60s' is no score: '%.20s'",
                       resource->name, text);
    resource->stickiness = score;
}

/* A guest in migration is on two nodes for a while. */
static void judge_place(struct cib *cib, struct cib_resource *resource, int *active)
{
    struct cluster *cluster = cib->cluster;
    size_t guest = (size_t)resource->guest;
    struct cluster_guest *about = &cluster->about[guest];

    for (int k = resource->place; k >= 0; k = cib->places[k].next) {
        const struct cib_place *place = &cib->places[k];
        const char *host = cib->nodes[place->host].name;

        if (place->run == CIB_CANNOT) {
            bool *allowed = cluster_allowed(cluster, guest);

            if (allowed)
                allowed[place->host] = false;
        }
        about->has_failed_move |= place->has_failed_move;
        if (!cib_is_active(cib, place))
            continue;
        if (place->arrived_s > about->arrived_s)
            about->arrived_s = place->arrived_s;
        about->is_busy |= place->run != CIB_RUNS;
        if (place->run == CIB_BUSY || place->run == CIB_LEAVES)
            cluster_fix(cluster, guest, "something is being done with it on %.60s", host);
        if (place->run == CIB_FAILED)
            cluster_fix(cluster, guest, "it failed on %.60s, and the engine recovers it", host);
        if (cib->nodes[place->host].is_maintained)
            cluster_fix(cluster, guest, "%.60s is in maintenance mode", host);
        if (place->run != CIB_LEAVES)
            ++*active;
        if (place->run != CIB_LEAVES || cluster->fleet.guests[guest].home < 0)
            cluster->fleet.guests[guest].home = place->host;
    }
}

static void judge_guest(struct cib *cib, struct cib_resource *resource)
{
    struct cluster *cluster = cib->cluster;
    size_t guest = (size_t)resource->guest;
    const char *role = cib_meta(cib, resource, "target-role");
    int active = 0;

    judge_place(cib, resource, &active);
    if (active > 1)
        cluster_refuse(cluster, "guest '%.60s' is active on %d nodes", resource->name, active);
    cluster->about[guest].is_unwanted = role && strcasecmp(role, "Stopped") == 0;
    if (cluster->about[guest].is_unwanted)
        cluster_fix(cluster, guest, "target-role is Stopped");
    if (!says(cib, resource, "is-managed", true) || says(cib, resource, "maintenance", false))
        cluster_fix(cluster, guest, "it is not managed");
    if (cib_meta(cib, resource, "remote-node"))
        cluster_hold(cluster, guest, "it is a node of the cluster itself");
    if (cluster->fleet.guests[guest].home < 0)
        return;
    if (!says(cib, resource, "allow-migrate", false))
        cluster_hold(cluster, guest, "allow-migrate is not set, and a move would restart it");
    if (resource->stickiness >= CIB_INFINITY)
        cluster_hold(cluster, guest, "its resource-stickiness is infinite");
}

void cib_judge_guests(struct cib *cib)
{
    cib_check_sets(cib, cib_child(cib->configuration, "rsc_defaults"), "meta_attributes");
    for (size_t k = 0; k < cib->n_resources; k++) {
        struct cib_resource *resource = &cib->resources[k];

        cib_check_sets(cib, resource->element, "utilization");
        if (resource->template)
            cib_check_sets(cib, resource->template, "utilization");
        if (resource->kind != CIB_GUEST)
            continue;
        cib_check_sets(cib, resource->element, "meta_attributes");
        if (resource->template)
            cib_check_sets(cib, resource->template, "meta_attributes");
        read_stickiness(cib, resource);
        judge_guest(cib, resource);
    }
}
