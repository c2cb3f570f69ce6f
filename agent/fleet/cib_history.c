/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/cib_parts.h"

/* What the engine keeps of one resource on one node is an entry or two for each kind of action. */
enum { MOST_ACTIONS = 256 };
enum { RC_OK = 0, RC_NOT_INSTALLED = 5, RC_NOT_RUNNING = 7, RC_PROMOTED = 8 };
enum { STATUS_PENDING = -1, STATUS_DONE = 0, STATUS_CANCELLED = 1 };

struct action {
    const char *operation;
    long call, rc, status, interval;
    long changed_s; /* Unix time */
};

static bool is_called(const struct action *action, const char *operation)
{
    return strcmp(action->operation, operation) == 0;
}

static long number(const xmlNode *of, const char *name, long fallback)
{
    const char *text = cib_attribute(of, name);
    char *end;
    long value = strtol(text, &end, 10);

    return end == text || *end ? fallback : value;
}

/* What was asked for last comes last; what is under way has no number yet. */
static int compare(const void *a, const void *b)
{
    const struct action *left = a, *right = b;
    bool is_left = left->status == STATUS_PENDING, is_right = right->status == STATUS_PENDING;

    if (is_left != is_right)
        return is_left - is_right;
    return (left->call > right->call) - (left->call < right->call);
}

static enum cib_run after_pending(enum cib_run run, const struct action *action)
{
    if (is_called(action, "monitor"))
        return run;
    return is_called(action, "migrate_to") ? CIB_LEAVES : CIB_BUSY;
}

static enum cib_run after_monitor(enum cib_run run, const struct action *action)
{
    if (action->rc == RC_OK || action->rc == RC_PROMOTED)
        return CIB_RUNS;
    if (action->rc == RC_NOT_INSTALLED && action->interval == 0)
        return CIB_CANNOT;
    if (action->rc == RC_NOT_RUNNING)
        return action->interval == 0 || run == CIB_STOPPED ? CIB_STOPPED : CIB_FAILED;
    return CIB_FAILED;
}

static bool is_good(const struct action *action)
{
    return action->rc == RC_OK && action->status == STATUS_DONE;
}

static enum cib_run after(enum cib_run run, const struct action *action)
{
    if (action->status == STATUS_PENDING)
        return after_pending(run, action);
    if (action->status == STATUS_CANCELLED || is_called(action, "notify") ||
        is_called(action, "meta-data") || is_called(action, "reload"))
        return run;
    if (is_called(action, "monitor"))
        return after_monitor(run, action);
    if (is_called(action, "stop"))
        return is_good(action) ? CIB_STOPPED : CIB_FAILED;
    if (is_called(action, "migrate_to"))
        return is_good(action) ? CIB_LEAVES : CIB_FAILED;
    return is_good(action) ? CIB_RUNS : CIB_FAILED; /* start, migrate_from, promote, demote */
}

/* Instances of clones are numbered. */
static struct cib_resource *find(const struct cib *cib, const char *name)
{
    struct cib_resource *resource = cib_find_resource(cib, name);
    const char *colon = resource ? NULL : strrchr(name, ':');
    char bare[CLUSTER_NAME_SIZE];

    if (!colon || colon - name >= CLUSTER_NAME_SIZE)
        return resource;
    memcpy(bare, name, (size_t)(colon - name));
    bare[colon - name] = '\0';
    return cib_find_resource(cib, bare);
}

static int read_actions(const xmlNode *of, struct action *ret, size_t *ret_n, struct err *err)
{
    size_t n = 0;

    for (const xmlNode *node = cib_child(of, "lrm_rsc_op"); node;
         node = cib_next(of, node, "lrm_rsc_op")) {
        if (n == MOST_ACTIONS)
            return err_set(err, -EINVAL,
                           "the history of '%.60s' has more than %d actions on a node", cib_id(of),
                           MOST_ACTIONS);
        ret[n++] = (struct action){.operation = cib_attribute(node, "operation"),
                                   .call = number(node, "call-id", -1),
                                   .rc = number(node, "rc-code", -1),
                                   .status = number(node, "op-status", STATUS_PENDING),
                                   .interval = number(node, "interval", 0),
                                   .changed_s = number(node, "last-rc-change", 0)};
    }
    if (n > 0)
        qsort(ret, n, sizeof(*ret), compare);
    *ret_n = n;
    return 0;
}

/* Failures stay in the history until somebody cleans them up, whatever came after. */
static void read_moves(const struct action *actions, size_t n, struct cib_place *place)
{
    for (size_t i = 0; i < n; i++) {
        bool is_from = is_called(&actions[i], "migrate_from");

        if (is_from && is_good(&actions[i]) && actions[i].changed_s > place->arrived_s)
            place->arrived_s = actions[i].changed_s;
        if ((is_from || is_called(&actions[i], "migrate_to")) && !is_good(&actions[i]) &&
            actions[i].status != STATUS_PENDING && actions[i].status != STATUS_CANCELLED)
            place->has_failed_move = true;
    }
}

static int read_resource(struct cib *cib, size_t host, const xmlNode *of, struct err *err)
{
    struct action actions[MOST_ACTIONS];
    struct cib_resource *resource = find(cib, cib_attribute(of, "id"));
    enum cib_run run = CIB_STOPPED;
    struct cib_place place;
    size_t n = 0;
    int r = read_actions(of, actions, &n, err);

    if (r < 0 || !resource) /* one that is no longer configured: the engine stops it */
        return r;
    for (size_t i = 0; i < n; i++)
        run = after(run, &actions[i]);
    place = (struct cib_place){.resource = (size_t)(resource - cib->resources),
                               .host = (int)host,
                               .run = run,
                               .next = resource->place};
    if (resource->kind == CIB_GUEST)
        read_moves(actions, n, &place);
    if (run == CIB_STOPPED && !place.has_failed_move)
        return 0;
    cib->places[cib->n_places] = place;
    resource->place = (int)cib->n_places++;
    return 0;
}

static const xmlNode *histories(const struct cib_node *node)
{
    return cib_child(cib_child(node->state, "lrm"), "lrm_resources");
}

int cib_read_history(struct cib *cib, struct err *err)
{
    size_t n = 0;
    int r = 0;

    for (size_t p = 0; p < cib->n_nodes; p++) {
        const xmlNode *all = histories(&cib->nodes[p]);

        for (const xmlNode *one = cib_child(all, "lrm_resource"); one;
             one = cib_next(all, one, "lrm_resource"))
            n++;
    }
    cib->places = cluster_room(cib->cluster, n, sizeof(*cib->places));
    if (!cib->places)
        return err_set(err, -ENOMEM, "out of memory");
    for (size_t p = 0; p < cib->n_nodes && r == 0; p++) {
        const xmlNode *all = histories(&cib->nodes[p]);

        for (const xmlNode *one = cib_child(all, "lrm_resource"); one && r == 0;
             one = cib_next(all, one, "lrm_resource"))
            r = read_resource(cib, p, one, err);
    }
    return r;
}

bool cib_is_active(const struct cib *cib, const struct cib_place *place)
{
    return place->run != CIB_STOPPED && place->run != CIB_CANNOT &&
           !cib->nodes[place->host].is_away;
}

/* fail-count-NAME, or since 1.1.18 fail-count-NAME#start_0. */
static struct cib_resource *failed_one(const struct cib *cib, const char *name)
{
    static const char prefix[] = "fail-count-";
    char bare[CLUSTER_NAME_SIZE];
    size_t n;

    if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
        return NULL;
    name += sizeof(prefix) - 1;
    n = strcspn(name, "#");
    if (n >= sizeof(bare))
        return NULL;
    memcpy(bare, name, n);
    bare[n] = '\0';
    return cib_find_resource(cib, bare);
}

static bool is_too_often(const struct cib *cib, const struct cib_resource *resource,
                         const char *failures)
{
    const char *threshold = cib_meta(cib, resource, "migration-threshold");
    int count = 0, most = CIB_INFINITY;

    if (threshold)
        cib_score(threshold, &most);
    return cib_score(failures, &count) == 0 && count > 0 && most > 0 && count >= most;
}

static void read_failures(struct cib *cib, size_t host, const xmlNode *set)
{
    for (const xmlNode *pair = cib_child(set, "nvpair"); pair;
         pair = cib_next(set, pair, "nvpair")) {
        const struct cib_resource *resource = failed_one(cib, cib_attribute(pair, "name"));
        bool *allowed;

        if (!resource || resource->guest < 0 ||
            !is_too_often(cib, resource, cib_attribute(pair, "value")))
            continue;
        cluster_note(cib->cluster, "guest '%.60s' failed on %.60s and is not started there again",
                     resource->name, cib->nodes[host].name);
        allowed = cluster_allowed(cib->cluster, (size_t)resource->guest);
        if (allowed)
            allowed[host] = false;
    }
}

void cib_read_failures(struct cib *cib)
{
    static const char set[] = "instance_attributes";

    for (size_t p = 0; p < cib->n_nodes; p++) {
        const xmlNode *all = cib_child(cib->nodes[p].state, "transient_attributes");

        for (const xmlNode *one = cib_child(all, set); one; one = cib_next(all, one, set))
            read_failures(cib, p, one);
    }
}
