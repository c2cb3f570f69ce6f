/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "agent/fleet/cib_parts.h"

static const char *value_of(const struct cib_node *node, const char *attribute)
{
    if (strcmp(attribute, "#uname") == 0)
        return node->name;
    if (strcmp(attribute, "#id") == 0)
        return node->id;
    if (strcmp(attribute, "#kind") == 0)
        return node->is_remote ? "remote" : "cluster";
    return cib_node_value(node, attribute);
}

/* Only what needs no order of values. */
static int compare(const xmlNode *expression, const struct cib_node *node, bool *ret)
{
    const char *operation = cib_attribute(expression, "operation");
    const char *attribute = cib_attribute(expression, "attribute");
    const char *type = cib_attribute(expression, "type");
    const char *source = cib_attribute(expression, "value-source");
    const char *value = value_of(node, attribute), *other = cib_attribute(expression, "value");
    bool is_there = value != NULL;

    if (!attribute[0] || (source[0] && strcmp(source, "literal") != 0) ||
        (type[0] && strcmp(type, "string") != 0))
        return -EINVAL;
    if (attribute[0] == '#' && !is_there)
        return -EINVAL; /* another of the engine's own */
    if (strcmp(operation, "defined") == 0)
        *ret = is_there;
    else if (strcmp(operation, "not_defined") == 0)
        *ret = !is_there;
    else if (strcmp(operation, "eq") == 0)
        *ret = is_there && strcasecmp(value, other) == 0;
    else if (strcmp(operation, "ne") == 0)
        *ret = !is_there || strcasecmp(value, other) != 0;
    else
        return -EINVAL;
    return 0;
}

int cib_rule(const struct cib *cib, const xmlNode *rule, const struct cib_node *node, bool *ret)
{
    const char *how = cib_attribute(rule, "boolean-op");
    bool is_or = strcmp(how, "or") == 0, holds = !is_or;
    size_t n = 0;

    if (cib_attribute(rule, "id-ref")[0] || (how[0] && !is_or && strcmp(how, "and") != 0))
        return -EINVAL;
    for (const xmlNode *part = cib_next(rule, NULL, NULL); part;
         part = cib_next(rule, part, NULL)) {
        bool one = false;
        int r = cib_is(part, "expression")        ? compare(part, node, &one)
                : cib_is(part, "rule")            ? cib_rule(cib, part, node, &one)
                : cib_is(part, "date_expression") ? cib_date(part, cib->now_s, &one)
                                                  : -EINVAL;

        if (r < 0)
            return r;
        holds = is_or ? holds || one : holds && one;
        n++;
    }
    *ret = holds;
    return n > 0 ? 0 : -EINVAL;
}
