/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/base/text.h"
#include "agent/fleet/cib_parts.h"

/* Whoever is with a guest that stays stopped is stopped, too, and so on: chains of more are cut. */
enum { MOST_CHAIN = 16, MOST_LINKS = 4 };

/* Whoever hangs on another pulls it, or pushes it away: its scores count for the other's hosts as well. */
struct edge {
    int guest, with, score;
};

struct pairs {
    struct cib *cib;
    const xmlNode *element;
    int score;
    int *leader; /* [n_guests] union-find of those that are together */
    int *member; /* pairs of guests that are apart */
    size_t n_members, room;
    struct edge *edges; /* each colocation of two guests, as the engine weighs it */
    size_t n_edges, room_edges;
    size_t n_finite; /* preferences */
    const char *first_finite;
    struct cib_resource *left; /* one resource that the first name means */
    const char *with;
};

static bool is_finite(int score)
{
    return score > -CIB_INFINITY && score < CIB_INFINITY;
}

static int leader_of(struct pairs *pairs, int guest)
{
    while (pairs->leader[guest] != guest) {
        pairs->leader[guest] = pairs->leader[pairs->leader[guest]];
        guest = pairs->leader[guest];
    }
    return guest;
}

static bool add_apart(struct pairs *pairs, int a, int b)
{
    if (pairs->n_members + 2 > pairs->room) {
        size_t room = 2 * pairs->room + 64;
        int *grown = realloc(pairs->member, room * sizeof(*grown));

        if (!grown) {
            pairs->cib->cluster->is_short = true;
            return false;
        }
        pairs->member = grown;
        pairs->room = room;
    }
    pairs->member[pairs->n_members++] = a < b ? a : b;
    pairs->member[pairs->n_members++] = a < b ? b : a;
    return true;
}

static void add_edge(struct pairs *pairs, int guest, int with)
{
    if (pairs->n_edges == pairs->room_edges) {
        size_t room = 2 * pairs->room_edges + 64;
        struct edge *grown = realloc(pairs->edges, room * sizeof(*grown));

        if (!grown) {
            pairs->cib->cluster->is_short = true;
            return;
        }
        pairs->edges = grown;
        pairs->room_edges = room;
    }
    pairs->edges[pairs->n_edges++] = (struct edge){guest, with, pairs->score};
}

/* with FLEET_NOWHERE: nobody. */
static void put_with(struct pairs *pairs, int guest, int with)
{
    if (with >= 0)
        pairs->leader[leader_of(pairs, guest)] = leader_of(pairs, with);
}

static void pair(void *arg, struct cib_resource *right)
{
    struct pairs *pairs = arg;
    struct cib_resource *left = pairs->left;

    if (left->guest < 0 && right->guest < 0)
        return;
    if (left == right)
        return;
    if (left->guest >= 0 && right->guest >= 0)
        add_edge(pairs, left->guest, right->guest);
    if (is_finite(pairs->score))
        return;
    if (left->guest < 0)
        cib_beside(pairs->cib, right, left, pairs->score, false);
    else if (right->guest < 0)
        put_with(pairs, left->guest, cib_beside(pairs->cib, left, right, pairs->score, true));
    else if (pairs->score > 0)
        put_with(pairs, left->guest, right->guest);
    else
        add_apart(pairs, left->guest, right->guest);
}

static void each_left(void *arg, struct cib_resource *left)
{
    struct pairs *pairs = arg;

    pairs->left = left;
    cib_resolve(pairs->cib, pairs->with, pair, pairs);
}

static void ignore(void *arg, struct cib_resource *resource)
{
    bool *is_guest = arg;

    *is_guest |= resource->guest >= 0;
}

static bool names_guest(struct cib *cib, const char *name)
{
    bool is_guest = false;

    cib_resolve(cib, name, ignore, &is_guest);
    return is_guest;
}

static bool is_started_role(const char *role)
{
    return !role[0] || strcasecmp(role, "Started") == 0;
}

static void pair_of_sets(void *arg, const char *name, const char *with, int score)
{
    struct pairs *pairs = arg;

    pairs->score = score;
    pairs->with = with;
    pairs->n_finite += is_finite(score);
    if (is_finite(score) && !pairs->first_finite)
        pairs->first_finite = cib_id(pairs->element);
    cib_resolve(pairs->cib, name, each_left, pairs);
}

static void stay(void *arg, struct cib_resource *resource)
{
    struct pairs *pairs = arg;
    struct cluster *cluster = pairs->cib->cluster;

    if (resource->guest < 0)
        return;
    cluster_hold(cluster, (size_t)resource->guest, "colocation '%.60s' is not evaluated here",
                 cib_id(pairs->element));
    cluster_unjudge(cluster, (size_t)resource->guest, "colocation '%.60s' is not evaluated here",
                    cib_id(pairs->element));
}

/* Each member once; false: one is nobody. */
static bool each_member(struct pairs *pairs, void (*each)(void *, struct cib_resource *), void *arg)
{
    bool is_known = true;

    for (const xmlNode *set = cib_child(pairs->element, "resource_set"); set;
         set = cib_next(pairs->element, set, "resource_set")) {
        is_known &= cib_child(set, "resource_ref") != NULL;
        for (const xmlNode *ref = cib_child(set, "resource_ref"); ref;
             ref = cib_next(set, ref, "resource_ref"))
            is_known &= cib_resolve(pairs->cib, cib_id(ref), each, arg);
    }
    return is_known;
}

static const char *read_sets(struct pairs *pairs)
{
    const char *text = cib_attribute(pairs->element, "score"), *why;
    int score = CIB_INFINITY;

    if (!each_member(pairs, ignore, &(bool){false}))
        return "has a set that names no resource";
    if (text[0] && cib_score(text, &score) < 0)
        return "has no score that can be read";
    why = cib_sets(pairs->element, score, pair_of_sets, pairs);
    if (!why)
        return NULL;
    each_member(pairs, stay, pairs);
    cluster_note(pairs->cib->cluster,
                 "colocation '%.60s' %s, which is not evaluated here: its guests stay where they "
                 "are",
                 cib_id(pairs->element), why);
    return NULL;
}

static const char *read_one(struct pairs *pairs)
{
    const xmlNode *element = pairs->element;
    const char *name = cib_attribute(element, "rsc"),
               *by = cib_attribute(element, "node-attribute");
    const char *score = cib_attribute(element, "score");

    pairs->with = cib_attribute(element, "with-rsc");
    if (cib_child(element, "resource_set"))
        return read_sets(pairs);
    if (!cib_resolve(pairs->cib, name, ignore, &(bool){false}) ||
        !cib_resolve(pairs->cib, pairs->with, ignore, &(bool){false}))
        return "names no resource";
    if (!names_guest(pairs->cib, name) && !names_guest(pairs->cib, pairs->with))
        return NULL;
    if (by[0] && strcmp(by, "#uname") != 0)
        return "is by a node's attribute, which is not evaluated here";
    if (cib_child(element, "rule") || !is_started_role(cib_attribute(element, "rsc-role")) ||
        !is_started_role(cib_attribute(element, "with-rsc-role")))
        return "is about a role or has a rule, which is not evaluated here";
    pairs->score = CIB_INFINITY;
    if (score[0] && cib_score(score, &pairs->score) < 0)
        return "has no score that can be read";
    if (is_finite(pairs->score))
        pairs->first_finite = pairs->n_finite++ ? pairs->first_finite : cib_id(element);
    cib_resolve(pairs->cib, name, each_left, pairs);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    const int *left = a, *right = b;

    return left[0] != right[0] ? (left[0] > right[0]) - (left[0] < right[0])
                               : (left[1] > right[1]) - (left[1] < right[1]);
}

static void put_apart(struct pairs *pairs)
{
    struct fleet *fleet = &pairs->cib->cluster->fleet;
    int *first = cluster_room(pairs->cib->cluster, pairs->n_members / 2 + 1, sizeof(*first));
    int *member = cluster_room(pairs->cib->cluster, pairs->n_members, sizeof(*member));
    size_t n = 0;

    if (!first || !member)
        return;
    if (pairs->n_members > 0)
        qsort(pairs->member, pairs->n_members / 2, 2 * sizeof(*member), compare);
    for (size_t k = 0; k < pairs->n_members; k += 2) {
        const int *one = &pairs->member[k];

        if (n > 0 && compare(one, &member[2 * n - 2]) == 0)
            continue;
        memcpy(&member[2 * n], one, 2 * sizeof(*member));
        first[n] = (int)(2 * n);
        n++;
    }
    first[n] = (int)(2 * n);
    fleet->n_apart = n;
    fleet->apart_first = first;
    fleet->apart_guest = member;
}

/* Numbers only where somebody is with another. */
static void put_together(struct pairs *pairs)
{
    struct fleet *fleet = &pairs->cib->cluster->fleet;

    for (size_t i = 0; i < fleet->n_guests; i++) {
        int leader = leader_of(pairs, (int)i);

        if (leader == (int)i)
            continue;
        fleet->guests[i].together = leader;
        fleet->guests[leader].together = leader;
    }
}

/* With a guest that its owner has stopped nobody can be. */
static void stop_with_unwanted(const struct pairs *pairs)
{
    struct cluster *cluster = pairs->cib->cluster;
    bool is_changed = true;

    for (int round = 0; is_changed && round < MOST_CHAIN; round++) {
        is_changed = false;
        for (size_t k = 0; k < pairs->n_edges; k++) {
            const struct edge *edge = &pairs->edges[k];

            if (edge->score < CIB_INFINITY || !cluster->about[edge->with].is_unwanted ||
                cluster->about[edge->guest].is_unwanted)
                continue;
            cluster->about[edge->guest].is_unwanted = is_changed = true;
            cluster_fix(cluster, (size_t)edge->guest, "it has to be with '%.60s', which is stopped",
                        cluster->fleet.guests[edge->with].name);
        }
    }
}

/* Wishes that outweigh what the others of a knot say: those who hang on a guest count for it in full, and so on
 * along the chain; a finite score counts for who hangs on. */
static void raise_wishes(struct pairs *pairs)
{
    struct cluster *cluster = pairs->cib->cluster;
    size_t n = cluster->fleet.n_guests;
    int64_t *raised = cluster_room(cluster, n, sizeof(*raised));

    for (size_t k = 0; k < pairs->n_edges; k++) {
        const struct edge *edge = &pairs->edges[k];

        pairs->leader[leader_of(pairs, edge->guest)] = leader_of(pairs, edge->with);
        if (!is_finite(edge->score))
            continue;
        cluster->about[edge->guest].hold += abs(edge->score);
        cluster->about[edge->guest].preference += abs(edge->score);
        cluster->about[edge->with].preference += abs(edge->score);
    }
    for (int round = 0; raised && round < MOST_LINKS; round++) {
        for (size_t i = 0; i < n; i++)
            raised[i] = cluster->about[i].hold + 1;
        for (size_t k = 0; k < pairs->n_edges; k++)
            raised[pairs->edges[k].with] += cluster->about[pairs->edges[k].guest].wish +
                                            cluster->about[pairs->edges[k].guest].hold;
        for (size_t i = 0; i < n; i++)
            cluster->about[i].wish = raised[i] < CIB_INFINITY ? raised[i] : CIB_INFINITY;
    }
    for (size_t k = 0; k < pairs->n_edges; k++) {
        cluster->about[pairs->edges[k].guest].knot = leader_of(pairs, pairs->edges[k].guest);
        cluster->about[pairs->edges[k].with].knot = leader_of(pairs, pairs->edges[k].with);
    }
    for (size_t i = 0; i < n; i++)
        if (cluster->about[i].wish >= CIB_INFINITY)
            cluster_hold(cluster, i, "no finite wish outweighs its preferences and stickiness");
}

static void tie(void *arg, struct cib_resource *resource)
{
    (void)arg;
    resource->is_tied = true;
}

/* Who may not be where others are not, or are: before anybody asks where it would be started. */
static void mark_tied(struct cib *cib)
{
    const xmlNode *all = cib_child(cib->configuration, "constraints");

    for (const xmlNode *one = cib_child(all, "rsc_colocation"); one;
         one = cib_next(all, one, "rsc_colocation")) {
        int score = CIB_INFINITY;

        cib_score(cib_attribute(one, "score"), &score);
        if (!is_finite(score))
            cib_resolve(cib, cib_attribute(one, "rsc"), tie, NULL);
        for (const xmlNode *set = cib_child(one, "resource_set"); set;
             set = cib_next(one, set, "resource_set"))
            for (const xmlNode *ref = cib_child(set, "resource_ref"); ref;
                 ref = cib_next(set, ref, "resource_ref"))
                cib_resolve(cib, cib_attribute(ref, "id"), tie, NULL);
    }
}

void cib_read_colocations(struct cib *cib)
{
    const xmlNode *all = cib_child(cib->configuration, "constraints");
    size_t n = cib->cluster->fleet.n_guests;
    struct pairs pairs = {.cib = cib, .leader = calloc(n + 1, sizeof(int))};

    if (!pairs.leader) {
        cib->cluster->is_short = true;
        return;
    }
    for (size_t i = 0; i < n; i++)
        pairs.leader[i] = (int)i;
    mark_tied(cib);
    for (const xmlNode *one = cib_child(all, "rsc_colocation"); one;
         one = cib_next(all, one, "rsc_colocation")) {
        const char *trouble;

        pairs.element = one;
        trouble = read_one(&pairs);
        if (trouble)
            cluster_refuse(cib->cluster, "colocation '%.60s' %s", cib_id(one), trouble);
    }
    put_apart(&pairs);
    put_together(&pairs);
    stop_with_unwanted(&pairs);
    raise_wishes(&pairs);
    if (pairs.n_finite)
        cluster_note(cib->cluster,
                     "not planned with, because they are preferences: %zu colocation%s of finite "
                     "score ('%.60s'%s)",
                     pairs.n_finite, text_plural(pairs.n_finite), pairs.first_finite,
                     pairs.n_finite > 1 ? " and others" : "");
    free(pairs.member);
    free(pairs.edges);
    free(pairs.leader);
}
