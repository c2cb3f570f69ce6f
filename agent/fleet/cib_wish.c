/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/cib_wish.h"

#include <errno.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/cib_parts.h"
#include "agent/host/xml_text.h"

static const char our_prefix[] = "evenkeel-";

static void drop_ours(xmlNode *constraints)
{
    xmlNode *next;

    for (xmlNode *one = constraints->children; one; one = next) {
        xmlNode *blank = one->prev;

        next = one->next;
        if (one->type != XML_ELEMENT_NODE || !cib_is(one, "rsc_location") ||
            strncmp(cib_id(one), our_prefix, sizeof(our_prefix) - 1) != 0)
            continue;
        if (blank && blank->type == XML_TEXT_NODE && xmlIsBlankNode(blank)) {
            xmlUnlinkNode(blank);
            xmlFreeNode(blank);
        }
        xmlUnlinkNode(one);
        xmlFreeNode(one);
    }
}

static bool set(xmlNode *one, const char *name, const char *value)
{
    return xmlNewProp(one, BAD_CAST name, BAD_CAST value) != NULL;
}

/* A resource's id is an XML name, and so is this. */
static bool add(xmlNode *constraints, const struct cluster *cluster, size_t guest, int host)
{
    const char *name = cluster->fleet.guests[guest].name;
    xmlNode *one = xmlNewChild(constraints, NULL, BAD_CAST "rsc_location", NULL);
    char id[sizeof(our_prefix) + CLUSTER_NAME_SIZE], score[32];

    snprintf(id, sizeof(id), "%s%s", our_prefix, name);
    snprintf(score, sizeof(score), "%lld", (long long)cluster->about[guest].wish);
    return one && set(one, "id", id) && set(one, "rsc", name) &&
           set(one, "node", cluster->fleet.hosts[host].name) && set(one, "score", score);
}

static xmlNode *find_constraints(xmlDoc *document)
{
    const xmlNode *root = document && !document->intSubset ? xmlDocGetRootElement(document) : NULL;
    xmlNode *configuration = root ? (xmlNode *)cib_child(root, "configuration") : NULL;
    xmlNode *found = configuration ? (xmlNode *)cib_child(configuration, "constraints") : NULL;

    return configuration && !found ? xmlNewChild(configuration, NULL, BAD_CAST "constraints", NULL)
                                   : found;
}

/* Whoever is moved pulls at those in its knot: they are told to stay. */
static bool *moved_knots(const struct cluster *cluster, const int *host_of)
{
    bool *is_moved = calloc(cluster->fleet.n_guests + 1, sizeof(*is_moved));

    for (size_t i = 0; is_moved && i < cluster->fleet.n_guests; i++)
        if (host_of[i] != cluster->fleet.guests[i].home && cluster->about[i].knot >= 0)
            is_moved[cluster->about[i].knot] = true;
    return is_moved;
}

int cib_with_wishes(const char *text, size_t n, const struct cluster *cluster, const int *host_of,
                    char **ret, size_t *ret_n, struct err *err)
{
    xmlDoc *document = xml_text_read(text, n, 0);
    xmlNode *constraints = find_constraints(document);
    xmlChar *made = NULL;
    int size = 0;
    bool *is_moved = moved_knots(cluster, host_of);
    bool is_whole = constraints && is_moved;

    if (constraints)
        drop_ours(constraints);
    for (size_t i = 0; i < cluster->fleet.n_guests && is_whole; i++) {
        const struct fleet_guest *guest = &cluster->fleet.guests[i];
        const struct cluster_guest *about = &cluster->about[i];

        if (!guest->is_fixed && host_of[i] >= 0 &&
            (host_of[i] != guest->home || about->needs_wish ||
             (about->knot >= 0 && is_moved[about->knot])))
            is_whole = add(constraints, cluster, i, host_of[i]);
    }
    if (is_whole) /* in UTF-8 whatever it was in: without zeros, and letters stay letters */
        xmlDocDumpMemoryEnc(document, &made, &size, "UTF-8");
    xmlFreeDoc(document);
    free(is_moved);
    *ret = made ? strdup((const char *)made) : NULL;
    *ret_n = (size_t)size;
    xmlFree(made);
    return *ret ? 0 : err_set(err, -ENOMEM, "out of memory");
}
