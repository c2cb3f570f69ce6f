/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/cib_ids.h"

#include <errno.h>
#include <stdio.h>

#include "agent/fleet/cib_parts.h"

/* So many others cannot have such a name by chance. */
enum { MOST_NUMBERS = 100000 };

static const xmlNode *next_of(const xmlNode *node, const xmlNode *root)
{
    if (node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

static int put(xmlHashTable *ids, const char *id)
{
    static char taken;

    if (!xmlHashLookup(ids, BAD_CAST id) && xmlHashAddEntry(ids, BAD_CAST id, &taken) < 0)
        return -ENOMEM;
    return 0;
}

xmlHashTable *cib_ids_new(const xmlNode *root)
{
    xmlHashTable *ids = xmlHashCreate(1024);

    for (const xmlNode *node = root; ids && node; node = next_of(node, root)) {
        const char *id = node->type == XML_ELEMENT_NODE ? cib_attribute(node, "id") : "";

        if (id[0] && put(ids, id) < 0) {
            xmlHashFree(ids, NULL);
            ids = NULL;
        }
    }
    return ids;
}

static bool is_free(xmlHashTable *ids, const char *id, const char *const *suffixes)
{
    char text[CLUSTER_NAME_SIZE + 64];

    for (; *suffixes; suffixes++) {
        snprintf(text, sizeof(text), "%s%s", id, *suffixes);
        if (xmlHashLookup(ids, BAD_CAST text))
            return false;
    }
    return true;
}

int cib_ids_take(xmlHashTable *ids, const char *name, const char *const *suffixes, char *ret,
                 size_t size)
{
    int r = 0;

    snprintf(ret, size, "%s", name);
    for (int number = 2; !is_free(ids, ret, suffixes) && number < MOST_NUMBERS; number++)
        snprintf(ret, size, "%s-%d", name, number);
    for (; r == 0 && *suffixes; suffixes++) {
        char text[CLUSTER_NAME_SIZE + 64];

        snprintf(text, sizeof(text), "%s%s", ret, *suffixes);
        r = put(ids, text);
    }
    return r;
}
