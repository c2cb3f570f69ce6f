/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <regex.h>
#include <string.h>
#include <strings.h>

#include "agent/fleet/cib_parts.h"

/* Scores of all guests on all nodes: 1 GiB of them. */
enum { MOST_SCORES = 256 << 20 };

struct location {
    struct cib *cib;
    const xmlNode *element;
    size_t n_scores;            /* made so far, by all of them */
    struct cib_resource *other; /* the one at hand, where it is no guest */
    const char *trouble;
    bool is_told; /* that its guests stay */
};

/* What is no guest is not planned: only who hangs on it wants to know. */
static void trouble(struct location *location, const char *why)
{
    if (location->other)
        location->other->is_unclear = true;
    else if (!location->trouble)
        location->trouble = why;
}

static int *scores_of(struct location *location, struct cib_resource *resource)
{
    size_t n = location->cib->n_nodes;

    if (!resource->score) {
        location->n_scores += n;
        if (location->n_scores > MOST_SCORES) {
            trouble(location, "would make too many scores");
            return NULL;
        }
        resource->score = cluster_room(location->cib->cluster, n, sizeof(*resource->score));
    }
    return resource->score;
}

static void add(struct location *location, struct cib_resource *resource, size_t node, int score)
{
    int *scores = scores_of(location, resource);

    if (scores)
        scores[node] = cib_add_scores(scores[node], score);
}

/* A role that a guest has not got leaves it alone. */
static bool is_of_started(const xmlNode *of)
{
    const char *role = cib_attribute(of, "role");

    return !role[0] || strcasecmp(role, "Started") == 0;
}

/* Nobody knows what the engine makes of the rule tomorrow: whom it names is left alone. */
static void stay(struct location *location, struct cib_resource *resource)
{
    struct cluster *cluster = location->cib->cluster;
    const char *id = cib_id(location->element);

    if (location->other) {
        location->other->is_unclear = true;
        return;
    }
    if (!location->is_told)
        cluster_note(cluster,
                     "location constraint '%.60s' is about dates that are not evaluated here: its "
                     "guests stay where they are",
                     id);
    location->is_told = true;
    cluster_hold(cluster, (size_t)resource->guest,
                 "location constraint '%.60s' is about dates that are not evaluated here", id);
    cluster_unjudge(cluster, (size_t)resource->guest,
                    "location constraint '%.60s' is about dates that are not evaluated here", id);
}

static void apply_rule(struct location *location, const xmlNode *rule,
                       struct cib_resource *resource)
{
    const char *text = cib_attribute(rule, "score");
    int score = 0;

    if (!is_of_started(rule)) {
        trouble(location, "has a rule about a role");
        return;
    }
    if (cib_attribute(rule, "score-attribute")[0] || (text[0] && cib_score(text, &score) < 0)) {
        trouble(location, "has a rule whose score cannot be read");
        return;
    }
    for (size_t p = 0; p < location->cib->n_nodes; p++) {
        bool holds = false;

        int r = cib_rule(location->cib, rule, &location->cib->nodes[p], &holds);

        if (r == -ENOTSUP) {
            stay(location, resource);
            return;
        }
        if (r < 0) {
            trouble(location, "has a rule that is not evaluated here");
            return;
        }
        if (holds)
            add(location, resource, p, score);
    }
}

static void weigh(struct location *location, struct cib_resource *resource)
{
    const xmlNode *element = location->element, *rule = cib_child(element, "rule");
    const char *node = cib_attribute(element, "node");
    int p, score = 0;

    if (node[0]) {
        p = cluster_host(location->cib->cluster, node);
        if (cib_score(cib_attribute(element, "score"), &score) < 0)
            trouble(location, "has no score that can be read");
        else if (p >= 0) /* a node that is not there is nobody's */
            add(location, resource, (size_t)p, score);
        return;
    }
    if (!rule)
        trouble(location, "names neither a node nor a rule");
    for (; rule; rule = cib_next(element, rule, "rule"))
        apply_rule(location, rule, resource);
}

static void apply(void *arg, struct cib_resource *resource)
{
    struct location *location = arg;

    location->other = resource->guest < 0 ? resource : NULL;
    weigh(location, resource);
    location->other = NULL;
}

/* Back-references can take for ever, and repetitions of repetitions all memory. */
static void apply_pattern(struct location *location, const char *pattern)
{
    bool is_contrary = pattern[0] == '!';
    struct cib *cib = location->cib;
    regex_t regex;

    if (strlen(pattern) >= CLUSTER_NAME_SIZE || strpbrk(pattern, "\\{") ||
        regcomp(&regex, pattern + is_contrary, REG_EXTENDED | REG_NOSUB) != 0) {
        trouble(location, "has a pattern that is not evaluated here");
        return;
    }
    for (size_t k = 0; k < cib->n_resources; k++)
        if ((regexec(&regex, cib->resources[k].name, 0, NULL, 0) == 0) != is_contrary)
            apply(location, &cib->resources[k]);
    regfree(&regex);
}

bool cib_resolve(struct cib *cib, const char *name, void (*each)(void *arg, struct cib_resource *),
                 void *arg)
{
    struct cib_resource *resource = cib_find_resource(cib, name);
    const xmlNode *tags = cib_child(cib->configuration, "tags");
    bool is_known = resource != NULL;

    if (resource)
        each(arg, resource);
    for (const xmlNode *tag = cib_child(tags, "tag"); tag && !resource;
         tag = cib_next(tags, tag, "tag")) {
        if (strcmp(cib_attribute(tag, "id"), name) != 0)
            continue;
        is_known = true;
        for (const xmlNode *ref = cib_child(tag, "obj_ref"); ref;
             ref = cib_next(tag, ref, "obj_ref")) {
            struct cib_resource *one = cib_find_resource(cib, cib_attribute(ref, "id"));

            if (one)
                each(arg, one);
        }
    }
    return is_known;
}

static void apply_to(struct location *location, const char *name)
{
    if (!cib_resolve(location->cib, name, apply, location))
        trouble(location, "names no resource");
}

static void read_location(struct location *location)
{
    const xmlNode *element = location->element, *set = cib_child(element, "resource_set");
    const char *name = cib_attribute(element, "rsc");
    const char *pattern = cib_attribute(element, "rsc-pattern");

    if (!is_of_started(element))
        trouble(location, "is about a role");
    else if (strcmp(cib_attribute(element, "resource-discovery"), "exclusive") == 0)
        trouble(location, "is exclusive (resource-discovery), which is not evaluated here");
    else if (cib_child(element, "lifetime"))
        trouble(location, "has a lifetime, which is not evaluated here");
    else if (name[0])
        apply_to(location, name);
    else if (pattern[0])
        apply_pattern(location, pattern);
    else if (!set)
        trouble(location, "names no resource");
    for (; set && !name[0] && !pattern[0]; set = cib_next(element, set, "resource_set"))
        for (const xmlNode *ref = cib_child(set, "resource_ref"); ref;
             ref = cib_next(set, ref, "resource_ref"))
            apply_to(location, cib_attribute(ref, "id"));
}

/* The distance between the hosts that it likes best and least; 0 is what nobody speaks of. */
static int64_t preference(const struct cib *cib, const struct cib_resource *resource)
{
    int best = -CIB_INFINITY, worst = CIB_INFINITY;

    for (size_t p = 0; resource->score && p < cib->n_nodes; p++) {
        int score = resource->score[p];

        if (score <= -CIB_INFINITY || score >= CIB_INFINITY)
            continue;
        best = score > best ? score : best;
        worst = score < worst ? score : worst;
    }
    return best > worst ? best - worst : 0;
}

/* With the only open node that its owner wants at any price gone, the others are as good as any. */
static void judge_loss(struct cib *cib, struct cib_resource *resource)
{
    struct cluster *cluster = cib->cluster;
    bool *restart;
    size_t n = 0;

    for (size_t p = 0; p < cib->n_nodes; p++)
        n += resource->score[p] >= CIB_INFINITY && cluster->fleet.hosts[p].is_open;
    restart = n == 1 ? cluster_restart(cluster, (size_t)resource->guest) : NULL;
    for (size_t p = 0; restart && p < cib->n_nodes; p++)
        restart[p] &=
            resource->score[p] > -CIB_INFINITY && (!cib->is_opt_in || resource->score[p] > 0);
}

/* A node that its owner wants at any price leaves the others to times when it is not there. */
static void judge(struct cib *cib, struct cib_resource *resource)
{
    struct cluster *cluster = cib->cluster;
    const struct fleet_guest *guest = &cluster->fleet.guests[resource->guest];
    struct cluster_guest *about = &cluster->about[resource->guest];
    int64_t stay = resource->stickiness, best = -CIB_INFINITY, worst = 0;
    bool is_bound = false, *allowed = NULL;

    for (size_t p = 0; resource->score && p < cib->n_nodes; p++) {
        int score = resource->score[p];

        is_bound |= score >= CIB_INFINITY && cluster->fleet.hosts[p].is_open;
        if (score < CIB_INFINITY && score > best && (int)p != guest->home)
            best = score;
        if (score > -CIB_INFINITY && score < worst)
            worst = score;
    }
    if (is_bound)
        judge_loss(cib, resource);
    for (size_t p = 0; (resource->score || cib->is_opt_in) && p < cib->n_nodes; p++) {
        int score = resource->score ? resource->score[p] : 0;

        if (score > -CIB_INFINITY && (!is_bound || score >= CIB_INFINITY) &&
            !(cib->is_opt_in && score == 0))
            continue;
        allowed = cluster_allowed(cluster, (size_t)resource->guest);
        if (allowed)
            allowed[p] = false;
    }
    if (best < 0)
        best = 0;
    about->hold = best - worst + (stay > 0 && stay < CIB_INFINITY ? stay : 0);
    if (resource->score && guest->home >= 0) {
        int here = resource->score[guest->home];

        about->hold += here > 0 && here < CIB_INFINITY ? here : 0;
        stay += here;
    }
    about->stickiness = resource->stickiness;
    about->preference = preference(cib, resource);
    about->wish = about->hold + 1;
    about->knot = FLEET_NOWHERE;
    about->needs_wish = stay <= best;
}

void cib_read_locations(struct cib *cib)
{
    const xmlNode *all = cib_child(cib->configuration, "constraints");
    struct location location = {.cib = cib};

    for (const xmlNode *one = cib_child(all, "rsc_location"); one;
         one = cib_next(all, one, "rsc_location")) {
        location.element = one;
        location.trouble = NULL;
        location.is_told = false;
        if (cib_is_ours(one))
            cib->cluster->n_ours++; /* the next plan replaces it */
        else
            read_location(&location);
        if (location.trouble)
            cluster_refuse(cib->cluster, "location constraint '%.60s' %s", cib_id(one),
                           location.trouble);
    }
    for (size_t k = 0; k < cib->n_resources; k++)
        if (cib->resources[k].guest >= 0)
            judge(cib, &cib->resources[k]);
}
