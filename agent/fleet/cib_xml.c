/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/fleet/cib_parts.h"

bool cib_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

const xmlNode *cib_next(const xmlNode *of, const xmlNode *after, const char *name)
{
    const xmlNode *node = after ? after->next : of ? of->children : NULL;

    while (node && !(name ? cib_is(node, name) : node->type == XML_ELEMENT_NODE))
        node = node->next;
    return node;
}

const xmlNode *cib_child(const xmlNode *of, const char *name)
{
    return cib_next(of, NULL, name);
}

/* Where entities are not replaced and none is declared, a value is one text. */
const char *cib_attribute(const xmlNode *of, const char *name)
{
    for (const xmlAttr *attribute = of ? of->properties : NULL; attribute;
         attribute = attribute->next) {
        const xmlNode *value = attribute->children;

        if (strcmp((const char *)attribute->name, name) == 0)
            return value && value->type == XML_TEXT_NODE && value->content
                       ? (const char *)value->content
                       : "";
    }
    return "";
}

const char *cib_id(const xmlNode *of)
{
    const char *id = cib_attribute(of, "id");

    return id[0] ? id : "without an id";
}

const char cib_our_prefix[CIB_OUR_PREFIX_SIZE] = "evenkeel-";

bool cib_is_ours(const xmlNode *node)
{
    const char *id, *of;

    if (!cib_is(node, "rsc_location"))
        return false;
    id = cib_attribute(node, "id");
    of = cib_attribute(node, "rsc");
    if (strncmp(id, cib_our_prefix, CIB_OUR_PREFIX_SIZE - 1) != 0 || !of[0])
        return false;
    id += CIB_OUR_PREFIX_SIZE - 1;
    if (strncmp(id, of, strlen(of)) != 0)
        return false;
    id += strlen(of);
    return !id[0] || (id[0] == '-' && id[1] && !id[1 + strspn(id + 1, "0123456789")]);
}

int cib_boolean(const char *text, bool *ret)
{
    static const char *const words[] = {"true",  "on",  "yes", "y", "1",
                                        "false", "off", "no",  "n", "0"};
    enum { N_WORDS = sizeof(words) / sizeof(words[0]) };

    for (int i = 0; i < N_WORDS; i++) {
        if (strcasecmp(text, words[i]) == 0) {
            *ret = i < N_WORDS / 2;
            return 0;
        }
    }
    return -EINVAL;
}

int cib_score(const char *text, int *ret)
{
    static const char infinity[] = "INFINITY";
    const char *bare = text + (text[0] == '+' || text[0] == '-');
    long long value;
    char *end;

    if (strcmp(bare, infinity) == 0) {
        *ret = text[0] == '-' ? -CIB_INFINITY : CIB_INFINITY;
        return 0;
    }
    if (bare[0] < '0' || bare[0] > '9')
        return -EINVAL;
    value = strtoll(text, &end, 10); /* at its limits beyond them, and so infinite */
    if (*end)
        return -EINVAL;
    *ret = value <= -CIB_INFINITY  ? -CIB_INFINITY
           : value >= CIB_INFINITY ? CIB_INFINITY
                                   : (int)value;
    return 0;
}

int cib_add_scores(int a, int b)
{
    if (a <= -CIB_INFINITY || b <= -CIB_INFINITY)
        return -CIB_INFINITY;
    if (a >= CIB_INFINITY || b >= CIB_INFINITY)
        return CIB_INFINITY;
    a += b;
    return a <= -CIB_INFINITY ? -CIB_INFINITY : a >= CIB_INFINITY ? CIB_INFINITY : a;
}
