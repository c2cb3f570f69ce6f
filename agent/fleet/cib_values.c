/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "agent/fleet/cib_parts.h"

/* Settings that change what may be planned. */
static const char *const read_here[] = {"resource-stickiness", "target-role",   "is-managed",
                                        "maintenance",         "allow-migrate", "remote-node"};

static const xmlNode *find_pair(const xmlNode *set, const char *name)
{
    for (const xmlNode *pair = cib_child(set, "nvpair"); pair; pair = cib_next(set, pair, "nvpair"))
        if (strcmp(cib_attribute(pair, "name"), name) == 0)
            return pair;
    return NULL;
}

const char *cib_value(const xmlNode *of, const char *set, const char *name)
{
    const char *best = NULL;
    int best_score = 0;

    for (const xmlNode *one = cib_child(of, set); one; one = cib_next(of, one, set)) {
        const xmlNode *pair = cib_child(one, "rule") ? NULL : find_pair(one, name);
        int score = 0;

        cib_score(cib_attribute(one, "score"), &score);
        if (pair && (!best || score > best_score)) {
            best = cib_attribute(pair, "value");
            best_score = score;
        }
    }
    return best;
}

const char *cib_property(const struct cib *cib, const char *name)
{
    const xmlNode *properties = cib_child(cib->configuration, "crm_config");
    const char *value = cib_value(properties, "cluster_property_set", name);

    return value ? value : "";
}

const char *cib_meta(const struct cib *cib, const struct cib_resource *resource, const char *name)
{
    static const char meta[] = "meta_attributes";
    const char *value = NULL;

    for (const struct cib_resource *of = resource; of && !value; of = of->holder) {
        value = cib_value(of->element, meta, name);
        if (!value && of->template)
            value = cib_value(of->template, meta, name);
    }
    return value ? value : cib_value(cib_child(cib->configuration, "rsc_defaults"), meta, name);
}

/* Whether it has a value that is looked for; each attribute of a utilization is. */
static bool matters(const xmlNode *set)
{
    if (cib_is(set, "utilization") || cib_child(set, "nvpair") == NULL)
        return true;
    for (size_t i = 0; i < sizeof(read_here) / sizeof(read_here[0]); i++)
        if (find_pair(set, read_here[i]))
            return true;
    return false;
}

void cib_check_sets(struct cib *cib, const xmlNode *of, const char *set)
{
    for (const xmlNode *one = cib_child(of, set); one; one = cib_next(of, one, set)) {
        const char *what = NULL;

        if (cib_attribute(one, "id-ref")[0])
            what = "refers to another set";
        else if (cib_child(one, "rule") && matters(one))
            what = "depends on a rule";
        for (const xmlNode *pair = cib_child(one, "nvpair"); pair && !what;
             pair = cib_next(one, pair, "nvpair"))
            if (cib_attribute(pair, "id-ref")[0])
                what = "refers to another's value";
        if (what)
            cluster_refuse(cib->cluster, "%s '%.60s' %s, which is not evaluated here", set,
                           cib_id(one), what);
    }
}

const char *cib_node_value(const struct cib_node *node, const char *name)
{
    static const char set[] = "instance_attributes";
    const char *value = cib_value(cib_child(node->state, "transient_attributes"), set, name);

    if (!value)
        value = cib_value(node->node, set, name);
    return value;
}
