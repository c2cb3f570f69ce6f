/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <strings.h>

#include "agent/fleet/cib_parts.h"

/* Sets of colocated resources as pairs, as Pacemaker makes them: in a set each member is with the one before it, or
 * apart from all before it; each set is with the next one, by its first member and the last one of the next, or by
 * all of them where the order in a set says nothing. */

enum { MOST_PAIRS = 1 << 16 };

struct sets {
    cib_pair *take;
    void *arg;
    size_t n;
};

static bool is_sequential(const xmlNode *set)
{
    bool value = true;

    cib_boolean(cib_attribute(set, "sequential"), &value);
    return value;
}

static bool take(struct sets *sets, const xmlNode *one, const xmlNode *with, int score)
{
    if (sets->n++ >= MOST_PAIRS)
        return false;
    sets->take(sets->arg, cib_id(one), cib_id(with), score);
    return true;
}

static bool take_within(struct sets *sets, const xmlNode *set, int score)
{
    const xmlNode *previous = NULL;

    for (const xmlNode *ref = cib_child(set, "resource_ref"); ref && is_sequential(set);
         ref = cib_next(set, ref, "resource_ref")) {
        if (score >= 0 && previous && !take(sets, ref, previous, score))
            return false;
        for (const xmlNode *other = cib_child(set, "resource_ref"); score < 0 && other != ref;
             other = cib_next(set, other, "resource_ref"))
            if (!take(sets, ref, other, score))
                return false;
        previous = ref;
    }
    return true;
}

static const xmlNode *last_of(const xmlNode *set)
{
    const xmlNode *last = NULL;

    for (const xmlNode *ref = cib_child(set, "resource_ref"); ref;
         ref = cib_next(set, ref, "resource_ref"))
        last = ref;
    return last;
}

static bool take_between(struct sets *sets, const xmlNode *set, const xmlNode *next, int score)
{
    const xmlNode *base = is_sequential(next) ? last_of(next) : cib_child(next, "resource_ref");

    for (const xmlNode *ref = cib_child(set, "resource_ref"); ref;
         ref = cib_next(set, ref, "resource_ref")) {
        for (const xmlNode *with = base; with; with = cib_next(next, with, "resource_ref"))
            if (!take(sets, ref, with, score))
                return false;
        if (is_sequential(set))
            break;
    }
    return true;
}

static const char *why_not(const xmlNode *element)
{
    const char *by = cib_attribute(element, "node-attribute");

    if (by[0] && strcmp(by, "#uname") != 0)
        return "is by a node's attribute";
    if (cib_child(element, "rule"))
        return "has a rule";
    for (const xmlNode *set = cib_child(element, "resource_set"); set;
         set = cib_next(element, set, "resource_set")) {
        const char *role = cib_attribute(set, "role");
        int score = 0;

        if (role[0] && strcasecmp(role, "Started") != 0)
            return "is about a role";
        if (cib_attribute(set, "score")[0] && cib_score(cib_attribute(set, "score"), &score) < 0)
            return "has a set without a score that can be read";
        if (cib_attribute(set, "ordering")[0])
            return "has a set with an ordering";
    }
    return NULL;
}

const char *cib_sets(const xmlNode *element, int score, cib_pair *each, void *arg)
{
    const char *why = why_not(element);
    const xmlNode *before = NULL;
    struct sets sets = {each, arg, 0};
    bool is_all = true;

    for (const xmlNode *set = cib_child(element, "resource_set"); set && !why && is_all;
         set = cib_next(element, set, "resource_set")) {
        int own = score;

        cib_score(cib_attribute(set, "score"), &own);
        is_all =
            take_within(&sets, set, own) && (!before || take_between(&sets, before, set, score));
        before = set;
    }
    return why || is_all ? why : "makes too many pairs";
}
