/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/read_tree.h"

#include <errno.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/xmlversion.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/one/xml.h"

#if LIBXML_VERSION >= 21200
typedef const xmlError *complaint;
#else
typedef xmlError *complaint;
#endif

enum { NO_DEPTH, IN_HOSTS, IN_ID };

/* While it is read: how deep it is in a list of hosts, and the digits of the present ID. */
struct reading {
    struct read_tree tree;
    size_t most_ids, most_lists;
    int depth, r;
    char digits[16];
    size_t n_digits;
};

static void *grow(void *list, size_t n, size_t *most, size_t size)
{
    size_t wanted = *most ? 2 * *most : 64;
    void *larger;

    if (n < *most)
        return list;
    larger = realloc(list, wanted * size);
    if (larger)
        *most = wanted;
    return larger;
}

static bool parent_is(const xmlNode *node, const char *name)
{
    return node && one_is(node, name);
}

/* The VM's node remembers its list, counted from 1. */
static void begin_list(struct reading *reading, xmlNode *vm)
{
    struct read_tree *tree = &reading->tree;
    size_t *first = grow(tree->first, tree->n_lists + 1, &reading->most_lists, sizeof(*first));

    if (!first) {
        reading->r = -ENOMEM;
        return;
    }
    tree->first = first;
    tree->first[tree->n_lists++] = tree->n_ids;
    vm->_private = (void *)(uintptr_t)tree->n_lists;
    reading->depth = IN_HOSTS;
}

static void end_id(struct reading *reading)
{
    struct read_tree *tree = &reading->tree;
    int *ids = grow(tree->ids, tree->n_ids, &reading->most_ids, sizeof(*ids));
    int64_t id;

    reading->digits[reading->n_digits] = '\0';
    if (!ids) {
        reading->r = -ENOMEM;
        return;
    }
    tree->ids = ids;
    if (one_integer(reading->digits, 0, INT_MAX, &id) < 0)
        reading->r = -EINVAL;
    else
        tree->ids[tree->n_ids++] = (int)id;
}

/* libxml's way: what is not ours goes to its own functions, which make the tree. */
static void start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                  int n_spaces, const xmlChar **spaces, int n_attributes, int n_defaults,
                  const xmlChar **attributes)
{
    xmlParserCtxt *parser = context;
    struct reading *reading = parser->_private;
    xmlNode *vm = parser->node;

    if (reading->r < 0)
        return;
    if (reading->depth >= IN_HOSTS) {
        if (reading->depth == IN_ID || strcmp((const char *)name, "ID") != 0)
            reading->r = -EINVAL;
        reading->depth = IN_ID;
        reading->n_digits = 0;
        return;
    }
    if (strcmp((const char *)name, "HOSTS") == 0 && parent_is(vm, "VM") &&
        parent_is(vm->parent, "REQUIREMENTS") && !vm->_private)
        begin_list(reading, vm);
    else
        xmlSAX2StartElementNs(context, name, prefix, uri, n_spaces, spaces, n_attributes,
                              n_defaults, attributes);
}

static void end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    xmlParserCtxt *parser = context;
    struct reading *reading = parser->_private;

    if (reading->r < 0)
        return;
    if (reading->depth == IN_ID)
        end_id(reading);
    if (reading->depth >= IN_HOSTS)
        reading->depth--;
    else
        xmlSAX2EndElementNs(context, name, prefix, uri);
}

static void characters(void *context, const xmlChar *text, int n)
{
    xmlParserCtxt *parser = context;
    struct reading *reading = parser->_private;

    if (reading->r < 0 || reading->depth == IN_HOSTS)
        return;
    if (reading->depth != IN_ID) {
        xmlSAX2Characters(context, text, n);
        return;
    }
    for (int k = 0; k < n && reading->n_digits + 1 < sizeof(reading->digits); k++)
        reading->digits[reading->n_digits++] = (char)text[k];
}

static void cdata(void *context, const xmlChar *text, int n)
{
    const xmlParserCtxt *parser = context;
    const struct reading *reading = parser->_private;

    if (reading->r == 0 && reading->depth == NO_DEPTH)
        xmlSAX2CDataBlock(context, text, n);
}

static void say_nothing(void *arg, complaint error)
{
    (void)arg;
    (void)error;
}

static xmlDoc *parse(const char *text, size_t n, struct reading *reading)
{
    xmlParserCtxt *parser = n <= INT_MAX ? xmlNewParserCtxt() : NULL;
    xmlDoc *xml;

    if (!parser || !parser->sax) {
        xmlFreeParserCtxt(parser);
        return NULL;
    }
    parser->_private = reading;
    parser->sax->serror = say_nothing;
    parser->sax->startElementNs = start;
    parser->sax->endElementNs = end;
    parser->sax->characters = characters;
    parser->sax->ignorableWhitespace = characters;
    parser->sax->cdataBlock = cdata;
    xml = xmlCtxtReadMemory(parser, text, (int)n, NULL, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlFreeParserCtxt(parser);
    return xml;
}

int read_tree(const char *text, size_t n, struct read_tree *ret)
{
    struct reading reading = {0};
    struct read_tree *tree = &reading.tree;

    tree->xml = parse(text, n, &reading);
    if (reading.r == 0 && (!tree->xml || tree->xml->intSubset))
        reading.r = -EINVAL;
    if (reading.r == 0) {
        size_t *first = realloc(tree->first, (tree->n_lists + 1) * sizeof(*first));

        if (first)
            tree->first = first;
        if (first)
            first[tree->n_lists] = tree->n_ids;
        else
            reading.r = -ENOMEM;
    }
    if (reading.r < 0)
        read_tree_done(tree);
    else
        *ret = *tree;
    return reading.r;
}

void read_tree_done(struct read_tree *tree)
{
    xmlFreeDoc(tree->xml);
    free(tree->ids);
    free(tree->first);
    *tree = (struct read_tree){0};
}

int read_tree_list(const xmlNode *vm)
{
    return vm ? (int)(uintptr_t)vm->_private - 1 : -1;
}
