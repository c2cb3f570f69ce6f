/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/cib_parts.h"

/* A guest and a resource that is none: that one stays where it is, as long as its host is there. */

static bool is_of(const struct cib_resource *resource, const struct cib_resource *holder)
{
    while (resource && resource != holder)
        resource = resource->holder;
    return resource != NULL;
}

static void mark_places(const struct cib *cib, const struct cib_resource *of, bool *at)
{
    for (size_t k = 0; k < cib->n_resources; k++) {
        if (of->kind == CIB_HOLDER ? !is_of(&cib->resources[k], of) : &cib->resources[k] != of)
            continue;
        for (int j = cib->resources[k].place; j >= 0; j = cib->places[j].next)
            at[cib->places[j].host] |= cib_is_active(cib, &cib->places[j]);
    }
}

/* What it is a part of: a group starts elsewhere as a whole. */
static struct cib_resource *whole_of(struct cib *cib, const struct cib_resource *resource)
{
    while (resource->holder)
        resource = resource->holder;
    return &cib->resources[resource - cib->resources];
}

static bool takes_room(const struct cib_resource *resource)
{
    return cib_child(resource->element, "utilization") ||
           (resource->template && cib_child(resource->template, "utilization"));
}

static bool is_managed(const struct cib *cib, const struct cib_resource *resource)
{
    static const char *const names[] = {"is-managed", "maintenance"};
    bool value[] = {true, false};

    for (size_t i = 0; i < 2; i++) {
        const char *text = cib_meta(cib, resource, names[i]);

        if (text)
            cib_boolean(text, &value[i]);
    }
    return value[0] && !value[1];
}

/* An open host that its owner wants at any price goes before others. */
static void narrow(const struct cib *cib, const struct cib_resource *resource, const bool *at,
                   bool *row)
{
    bool is_bound = false;

    for (size_t p = 0; resource->score && p < cib->n_nodes; p++)
        is_bound |=
            resource->score[p] >= CIB_INFINITY && !at[p] && cib->cluster->fleet.hosts[p].is_open;
    for (size_t p = 0; p < cib->n_nodes; p++) {
        int score = resource->score ? resource->score[p] : 0;

        row[p] &= score > -CIB_INFINITY && (!is_bound || score >= CIB_INFINITY);
    }
}

/* Where all of it may be, on top of what its members may by themselves. */
static void narrow_opt_in(const struct cib *cib, const struct cib_resource *whole, bool *row)
{
    for (size_t p = 0; cib->is_opt_in && p < cib->n_nodes; p++) {
        bool any = false;

        for (size_t k = 0; k < cib->n_resources; k++)
            any |= is_of(&cib->resources[k], whole) && cib->resources[k].score &&
                   cib->resources[k].score[p] > 0;
        row[p] &= any;
    }
}

enum follow { FOLLOWS, STAYS, UNCLEAR };

/* Whether it is started elsewhere after the loss of its host, at [n_nodes], and where: row is narrowed. A clone has
 * its instances elsewhere already. */
static enum follow judge(const struct cib *cib, const struct cib_resource *whole, const bool *at,
                         bool *row, const char **why)
{
    if (whole->kind == CIB_HOLDER && !cib_is(whole->element, "group"))
        return STAYS;
    *why = NULL;
    for (size_t k = 0; k < cib->n_resources; k++) {
        const struct cib_resource *one = &cib->resources[k];

        if (!is_of(one, whole))
            continue;
        if (!is_managed(cib, one))
            return STAYS;
        if (one->is_unclear)
            *why = "has location constraints that are not evaluated here";
        else if (one->is_tied)
            *why = "hangs on others itself";
        else if (takes_room(one))
            *why = "takes up room itself";
        narrow(cib, one, at, row);
    }
    narrow_opt_in(cib, whole, row);
    return *why ? UNCLEAR : FOLLOWS;
}

/* Several that hang on one follow it together, where all are at it. */
static int share(struct cib *cib, struct cib_resource *whole, int guest, const bool *at)
{
    const struct fleet_guest *guests = cib->cluster->fleet.guests;
    int other = whole->follower;

    if (other < 0) {
        whole->follower = guest;
        return FLEET_NOWHERE;
    }
    if (guests[guest].home >= 0 && guests[guest].home == guests[other].home &&
        at[guests[guest].home] && !guests[guest].is_fixed && !guests[other].is_fixed)
        return other;
    for (int k = 0; k < 2; k++)
        cluster_unjudge(cib->cluster, (size_t)(k ? other : guest),
                        "other guests have to be with '%.60s' as well, and are not free to follow",
                        whole->name);
    return FLEET_NOWHERE;
}

/* The engine starts each of several where it likes, which need not be the same host. */
static void follow_one(struct cib *cib, struct cib_resource *guest,
                       const struct cib_resource *whole)
{
    if (guest->follows && guest->follows != whole)
        cluster_unjudge(cib->cluster, (size_t)guest->guest,
                        "it has to be with '%.60s' and with '%.60s', which nothing keeps together",
                        guest->follows->name, whole->name);
    guest->follows = whole;
}

/* Where the guest may be restarted, when its host and with it the other's are lost. */
static int follow(struct cib *cib, const struct cib_resource *of, const struct cib_resource *other,
                  const bool *at)
{
    struct cib_resource *whole = whole_of(cib, other);
    int guest = of->guest;
    bool *restart = cluster_restart(cib->cluster, (size_t)guest);
    bool *row = malloc((cib->n_nodes + 1) * sizeof(*row));
    const char *why = "";
    enum follow how;

    if (!restart || !row) {
        cib->cluster->is_short = true;
        free(row);
        return FLEET_NOWHERE;
    }
    memset(row, true, cib->n_nodes + 1);
    how = judge(cib, whole, at, row, &why);
    if (how == UNCLEAR)
        cluster_unjudge(cib->cluster, (size_t)guest, "it has to be with '%.60s', which %s",
                        whole->name, why);
    for (size_t p = 0; p < cib->n_nodes; p++)
        restart[p] &= how == STAYS ? at[p] : row[p];
    free(row);
    if (how != STAYS)
        follow_one(cib, &cib->resources[of - cib->resources], whole);
    return how == FOLLOWS ? share(cib, whole, guest, at) : FLEET_NOWHERE;
}

/* Where it is to be as long as nothing is lost. */
static void bind(struct cluster *cluster, const struct cib_resource *guest, const bool *at,
                 bool is_apart)
{
    bool *allowed = cluster_allowed(cluster, (size_t)guest->guest);

    for (size_t p = 0; allowed && p < cluster->fleet.n_hosts; p++)
        if (at[p] == is_apart)
            allowed[p] = false;
}

int cib_beside(struct cib *cib, const struct cib_resource *guest, const struct cib_resource *other,
               int score, bool is_needed)
{
    struct cluster *cluster = cib->cluster;
    bool *at = calloc(cib->n_nodes + 1, sizeof(*at));
    bool has_row = score > 0 || cluster->fleet.guests[guest->guest].restart;
    bool *restart = has_row ? cluster_restart(cluster, (size_t)guest->guest) : NULL;
    bool is_somewhere = false;
    int with = FLEET_NOWHERE;

    if (!at || (has_row && !restart)) {
        cluster->is_short = true;
        free(at);
        return with;
    }
    mark_places(cib, other, at);
    for (size_t p = 0; p < cib->n_nodes; p++) {
        is_somewhere |= at[p];
        if (has_row)
            restart[p] &= score > 0 || !at[p];
    }
    bind(cluster, guest, at, score < 0);
    if (score > 0 && is_needed && !is_somewhere)
        cluster_fix(cluster, (size_t)guest->guest, "it has to be with '%.60s', which is stopped",
                    other->name);
    else if (score > 0 && is_needed)
        with = follow(cib, guest, other, at);
    else if (score > 0)
        cluster_hold(cluster, (size_t)guest->guest, "'%.60s' has to be with it, and would be moved",
                     other->name);
    free(at);
    return with;
}
