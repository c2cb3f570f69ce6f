/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/cib_wish.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/cib_ids.h"
#include "agent/fleet/cib_parts.h"
#include "agent/host/xml_text.h"

static void drop_ours(xmlNode *constraints)
{
    xmlNode *next;

    for (xmlNode *one = constraints->children; one; one = next) {
        xmlNode *blank = one->prev;

        next = one->next;
        if (!cib_is_ours(one))
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

/* How one wish is written. */
struct manner {
    const struct cluster *cluster;
    const char *until; /* NULL: without an end */
    xmlHashTable *ids;
};

static const char *const suffixes[] = {"", "-rule", "-host", "-until", NULL};

static xmlNode *child(xmlNode *of, const char *name, const char *id, const char *suffix)
{
    xmlNode *one = xmlNewChild(of, NULL, BAD_CAST name, NULL);
    char text[CIB_OUR_PREFIX_SIZE + CLUSTER_NAME_SIZE + 32];

    snprintf(text, sizeof(text), "%s%s", id, suffix);
    return one && set(one, "id", text) ? one : NULL;
}

/* A rule that holds on one host, and until then. */
static bool add_rule(xmlNode *wish, const char *id, const char *host, const char *score,
                     const char *until)
{
    xmlNode *rule = child(wish, "rule", id, "-rule");
    xmlNode *where = rule ? child(rule, "expression", id, "-host") : NULL;
    xmlNode *when = where ? child(rule, "date_expression", id, "-until") : NULL;

    return when && set(rule, "score", score) && set(rule, "boolean-op", "and") &&
           set(where, "attribute", "#uname") && set(where, "operation", "eq") &&
           set(where, "value", host) && set(when, "operation", "lt") && set(when, "end", until);
}

/* A resource's id is an XML name, and so is this. */
static bool add(xmlNode *constraints, const struct manner *manner, size_t guest, int host)
{
    const struct cluster *cluster = manner->cluster;
    const char *name = cluster->fleet.guests[guest].name;
    const char *host_name = cluster->fleet.hosts[host].name;
    char bare[CIB_OUR_PREFIX_SIZE + CLUSTER_NAME_SIZE], id[sizeof(bare) + 16], score[32];
    xmlNode *one;

    snprintf(bare, sizeof(bare), "%s%s", cib_our_prefix, name);
    if (cib_ids_take(manner->ids, bare, suffixes, id, sizeof(id)) < 0)
        return false;
    snprintf(score, sizeof(score), "%lld", (long long)cluster->about[guest].wish);
    one = child(constraints, "rsc_location", id, "");
    if (!one || !set(one, "rsc", name))
        return false;
    if (manner->until)
        return add_rule(one, id, host_name, score, manner->until);
    return set(one, "node", host_name) && set(one, "score", score);
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

static bool add_all(xmlNode *constraints, struct manner *manner, const int *host_of)
{
    const struct cluster *cluster = manner->cluster;
    bool *is_moved = moved_knots(cluster, host_of);
    bool is_whole;

    manner->ids = cib_ids_new(xmlDocGetRootElement(constraints->doc));
    is_whole = is_moved && manner->ids;

    for (size_t i = 0; i < cluster->fleet.n_guests && is_whole; i++) {
        const struct fleet_guest *guest = &cluster->fleet.guests[i];
        const struct cluster_guest *about = &cluster->about[i];

        if (!guest->is_fixed && host_of[i] >= 0 &&
            (host_of[i] != guest->home || about->needs_wish ||
             (about->knot >= 0 && is_moved[about->knot])))
            is_whole = add(constraints, manner, i, host_of[i]);
    }
    xmlHashFree(manner->ids, NULL);
    free(is_moved);
    return is_whole;
}

/* In UTF-8 whatever it was in: without zeros, and letters stay letters. */
static int write_out(xmlDoc *document, char **ret, size_t *ret_n)
{
    xmlChar *made = NULL;
    int size = 0;

    xmlDocDumpMemoryEnc(document, &made, &size, "UTF-8");
    *ret = made ? strdup((const char *)made) : NULL;
    *ret_n = (size_t)size;
    xmlFree(made);
    return *ret ? 0 : -ENOMEM;
}

int cib_with_wishes(const char *text, size_t n, const struct cluster *cluster, const int *host_of,
                    char **ret, size_t *ret_n, struct err *err)
{
    struct manner manner = {.cluster = cluster};
    xmlDoc *document = xml_text_read(text, n, 0);
    xmlNode *constraints = find_constraints(document);
    int r = constraints ? 0 : -ENOMEM;

    *ret = NULL;
    if (constraints) {
        drop_ours(constraints);
        r = add_all(constraints, &manner, host_of) ? write_out(document, ret, ret_n) : -ENOMEM;
    }
    xmlFreeDoc(document);
    return r < 0 ? err_set(err, r, "out of memory") : 0;
}

static bool has_constraints(xmlDoc *document)
{
    const xmlNode *root = document && !document->intSubset ? xmlDocGetRootElement(document) : NULL;

    return root && cib_child(cib_child(root, "configuration"), "constraints");
}

/* The engine counts each change of the configuration, and after it those of the status from 0. */
static bool raise_version(xmlDoc *document)
{
    xmlNode *root = xmlDocGetRootElement(document);
    const char *text = cib_attribute(root, "epoch");
    char next[24], *end;
    long epoch = strtol(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || epoch >= LONG_MAX)
        return false;
    snprintf(next, sizeof(next), "%ld", epoch + 1);
    return xmlSetProp(root, BAD_CAST "epoch", BAD_CAST next) &&
           xmlSetProp(root, BAD_CAST "num_updates", BAD_CAST "0");
}

int cib_next_version(const char *text, size_t n, const struct cluster *cluster, const int *host_of,
                     const char *until, char **ret, size_t *ret_n, struct err *err)
{
    struct manner manner = {.cluster = cluster, .until = until};
    xmlDoc *document = xml_text_read(text, n, 0);
    xmlNode *constraints = has_constraints(document) ? find_constraints(document) : NULL;
    int r;

    *ret = NULL;
    if (!constraints || !raise_version(document)) {
        xmlFreeDoc(document);
        return err_set(err, -EINVAL,
                       "the cluster document has no constraints element, or no epoch that can be "
                       "raised");
    }
    drop_ours(constraints);
    r = !host_of || add_all(constraints, &manner, host_of) ? write_out(document, ret, ret_n)
                                                           : -ENOMEM;
    xmlFreeDoc(document);
    return r < 0 ? err_set(err, r, "out of memory") : 0;
}

/* The parser keeps blanks where nothing is beside them, as when the last constraint has gone. */
static void drop_blanks(xmlNode *parent)
{
    xmlNode *next;

    for (xmlNode *one = parent->children; one; one = next) {
        next = one->next;
        if (!xmlIsBlankNode(one))
            continue;
        xmlUnlinkNode(one);
        xmlFreeNode(one);
    }
}

/* Without blanks; but_ours: without what may differ. */
static char *plain(const char *text, size_t n, bool but_ours)
{
    xmlDoc *document = xml_text_read(text, n, XML_PARSE_NOBLANKS);
    xmlNode *constraints = has_constraints(document) ? find_constraints(document) : NULL;
    char *made = NULL;
    size_t size;

    if (constraints && but_ours) {
        xmlNode *root = xmlDocGetRootElement(document);

        drop_ours(constraints);
        xmlUnsetProp(root, BAD_CAST "epoch");
        xmlUnsetProp(root, BAD_CAST "num_updates");
    }
    if (constraints) {
        drop_blanks(constraints);
        write_out(document, &made, &size);
    }
    xmlFreeDoc(document);
    return made;
}

bool cib_is_same(const char *one, size_t n_one, const char *other, size_t n_other, bool but_ours)
{
    char *a = plain(one, n_one, but_ours), *b = plain(other, n_other, but_ours);
    bool is_same = a && b && strcmp(a, b) == 0;

    free(a);
    free(b);
    return is_same;
}

/* Ours alone, as text; NULL where there are none. */
static char *wishes_of(const char *text, size_t n)
{
    xmlDoc *document = xml_text_read(text, n, XML_PARSE_NOBLANKS);
    xmlNode *constraints = has_constraints(document) ? find_constraints(document) : NULL;
    xmlBuffer *made = xmlBufferCreate();
    char *ret = NULL;

    for (xmlNode *one = constraints ? constraints->children : NULL; one && made; one = one->next)
        if (cib_is_ours(one))
            xmlNodeDump(made, document, one, 0, 0);
    if (made && xmlBufferLength(made) > 0)
        ret = strdup((const char *)xmlBufferContent(made));
    xmlBufferFree(made);
    xmlFreeDoc(document);
    return ret;
}

bool cib_has_same_wishes(const char *one, size_t n_one, const char *other, size_t n_other)
{
    char *a = wishes_of(one, n_one), *b = wishes_of(other, n_other);
    bool is_same = a && b && strcmp(a, b) == 0;

    free(a);
    free(b);
    return is_same;
}

static bool is_of_ours(const xmlNode *one, const struct cluster *cluster)
{
    const xmlNode *rule = cib_child(one, "rule");
    const xmlNode *where = cib_child(rule, "expression"),
                  *when = cib_child(rule, "date_expression");
    int score = 0;

    return cib_is(one, "rsc_location") && rule && !cib_next(one, rule, NULL) && where && when &&
           cib_score(cib_attribute(rule, "score"), &score) == 0 && score > 0 &&
           score < CIB_INFINITY && strcmp(cib_attribute(rule, "boolean-op"), "and") == 0 &&
           strcmp(cib_attribute(where, "attribute"), "#uname") == 0 &&
           strcmp(cib_attribute(where, "operation"), "eq") == 0 &&
           cluster_host(cluster, cib_attribute(where, "value")) >= 0 &&
           cluster_guest(cluster, cib_attribute(one, "rsc")) >= 0 &&
           strcmp(cib_attribute(when, "operation"), "lt") == 0 && cib_attribute(when, "end")[0];
}

int cib_check_ours(const char *text, size_t n, const struct cluster *cluster, size_t *ret,
                   struct err *err)
{
    xmlDoc *document = xml_text_read(text, n, 0);
    const xmlNode *constraints = has_constraints(document) ? find_constraints(document) : NULL;
    int r = constraints ? 0 : err_set(err, -EINVAL, "the document is none with constraints");

    *ret = 0;
    for (const xmlNode *one = cib_next(constraints, NULL, NULL); one && r == 0;
         one = cib_next(constraints, one, NULL)) {
        if (!cib_is_ours(one))
            continue;
        ++*ret;
        if (!is_of_ours(one, cluster))
            r = err_set(err, -EINVAL, "the wish '%.60s' is not as wishes have to be", cib_id(one));
    }
    xmlFreeDoc(document);
    return r;
}
