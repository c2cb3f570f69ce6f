/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/fleet/cib_parts.h"

/* More are read as if they were not there, which a note says. */
enum { MOST_PAIRS = 1 << 16 };

struct pair {
    struct cib_resource *first, *then;
    bool is_for_starts; /* who runs already goes on running */
};

struct order {
    struct cib *cib;
    struct pair *pairs;
    size_t n, room;
    struct pair now;        /* what is being resolved */
    const char *first_name; /* the other name of it */
    bool is_cut;
};

static bool is_start(const char *action)
{
    return !action[0] || strcasecmp(action, "start") == 0 || strcasecmp(action, "promote") == 0;
}

/* Optional and serialized order only says what is done at the same time. */
static bool is_mandatory(const xmlNode *element)
{
    const char *kind = cib_attribute(element, "kind"), *score = cib_attribute(element, "score");
    int value = 0;

    if (kind[0])
        return strcasecmp(kind, "Mandatory") == 0;
    return !score[0] || (cib_score(score, &value) == 0 && value > 0);
}

static void add(struct order *order)
{
    if (order->n == MOST_PAIRS) {
        order->is_cut = true;
        return;
    }
    if (order->n == order->room) {
        size_t room = 2 * order->room + 64;
        struct pair *grown = realloc(order->pairs, room * sizeof(*grown));

        if (!grown) {
            order->cib->cluster->is_short = true;
            return;
        }
        order->pairs = grown;
        order->room = room;
    }
    order->pairs[order->n++] = order->now;
}

static void take_first(void *arg, struct cib_resource *first)
{
    struct order *order = arg;

    order->now.first = first;
    if (first != order->now.then)
        add(order);
}

static void take_then(void *arg, struct cib_resource *then)
{
    struct order *order = arg;

    order->now.then = then;
    cib_resolve(order->cib, order->first_name, take_first, order);
}

static void take(struct order *order, const char *first, const char *then)
{
    order->first_name = first;
    cib_resolve(order->cib, then, take_then, order);
}

static bool says_no(const xmlNode *of, const char *name)
{
    bool value = true;

    cib_boolean(cib_attribute(of, name), &value);
    return !value;
}

/* All of a set after all of the one before it; and in a set one after another. */
static void take_sets(struct order *order, const xmlNode *element)
{
    const xmlNode *before = NULL;

    for (const xmlNode *set = cib_child(element, "resource_set"); set;
         set = cib_next(element, set, "resource_set")) {
        const xmlNode *previous = NULL;

        if (!is_start(cib_attribute(set, "action")))
            return;
        for (const xmlNode *ref = cib_child(set, "resource_ref"); ref;
             ref = cib_next(set, ref, "resource_ref")) {
            const xmlNode *last = before ? cib_child(before, "resource_ref") : NULL;

            if (previous && !says_no(set, "sequential"))
                take(order, cib_id(previous), cib_id(ref));
            for (; last && !says_no(before, "require-all");
                 last = cib_next(before, last, "resource_ref"))
                take(order, cib_id(last), cib_id(ref));
            previous = ref;
        }
        before = set;
    }
}

static void read_one(struct order *order, const xmlNode *element)
{
    if (!is_mandatory(element))
        return;
    order->now = (struct pair){.is_for_starts = says_no(element, "symmetrical")};
    if (cib_child(element, "resource_set"))
        take_sets(order, element);
    else if (is_start(cib_attribute(element, "first-action")) &&
             is_start(cib_attribute(element, "then-action")))
        take(order, cib_attribute(element, "first"), cib_attribute(element, "then"));
}

static bool is_active(const struct cib *cib, const struct cib_resource *resource)
{
    for (int k = resource->place; k >= 0; k = cib->places[k].next)
        if (cib_is_active(cib, &cib->places[k]))
            return true;
    for (size_t k = 0; resource->kind == CIB_HOLDER && k < cib->n_resources; k++)
        if (cib->resources[k].holder == resource && is_active(cib, &cib->resources[k]))
            return true;
    return false;
}

/* Not there, and nobody will start it. */
static bool stays_stopped(const struct cib *cib, const struct cib_resource *resource)
{
    const char *role = cib_meta(cib, resource, "target-role");
    const char *managed = cib_meta(cib, resource, "is-managed");
    bool is_managed = true;

    if (resource->guest >= 0 && cib->cluster->about[resource->guest].is_unwanted)
        return true;
    if (role && strcasecmp(role, "Stopped") == 0)
        return true;
    if (managed)
        cib_boolean(managed, &is_managed);
    return !is_managed && !is_active(cib, resource);
}

static void block(struct cib *cib, const struct pair *pair)
{
    struct cluster *cluster = cib->cluster;
    int guest = pair->then->guest;

    if (guest < 0)
        return;
    cluster->about[guest].is_unwanted = true;
    cluster_fix(cluster, (size_t)guest, "it is started after '%.60s', which stays stopped",
                pair->first->name);
    if (cluster->fleet.guests[guest].home >= 0)
        cluster_note(cluster, "%s stops '%.60s' by itself: it may only run after '%.60s'",
                     cluster->engine, pair->then->name, pair->first->name);
}

/* Whoever comes after one that stays stopped stays so, too, and so on. */
static void follow(struct order *order)
{
    struct cib *cib = order->cib;
    bool *stops = calloc(cib->n_resources + 1, sizeof(*stops));
    bool is_changed = stops != NULL;

    cib->cluster->is_short |= !stops;
    for (size_t k = 0; stops && k < cib->n_resources; k++)
        stops[k] = stays_stopped(cib, &cib->resources[k]);
    while (is_changed) {
        is_changed = false;
        for (size_t k = 0; k < order->n; k++) {
            const struct pair *pair = &order->pairs[k];
            size_t first = (size_t)(pair->first - cib->resources);
            size_t then = (size_t)(pair->then - cib->resources);

            if (!stops[first] || stops[then] || (pair->is_for_starts && is_active(cib, pair->then)))
                continue;
            stops[then] = is_changed = true;
            block(cib, pair);
        }
    }
    free(stops);
}

/* Pairs of guests, for a plan that leaves the first one stopped. */
static void keep_guests(struct order *order)
{
    struct cluster *cluster = order->cib->cluster;
    size_t n = 0;

    for (size_t k = 0; k < order->n; k++)
        n += order->pairs[k].first->guest >= 0 && order->pairs[k].then->guest >= 0;
    cluster->orders = cluster_room(cluster, n, sizeof(*cluster->orders));
    for (size_t k = 0; cluster->orders && k < order->n; k++) {
        const struct pair *pair = &order->pairs[k];

        if (pair->first->guest >= 0 && pair->then->guest >= 0)
            cluster->orders[cluster->n_orders++] =
                (struct cluster_order){pair->first->guest, pair->then->guest};
    }
}

void cib_read_orders(struct cib *cib)
{
    const xmlNode *all = cib_child(cib->configuration, "constraints");
    struct order order = {.cib = cib};

    for (const xmlNode *one = cib_child(all, "rsc_order"); one;
         one = cib_next(all, one, "rsc_order"))
        read_one(&order, one);
    follow(&order);
    keep_guests(&order);
    if (order.is_cut)
        cluster_note(cib->cluster, "there are more orders than %d: the others are not looked at",
                     MOST_PAIRS);
    free(order.pairs);
}
