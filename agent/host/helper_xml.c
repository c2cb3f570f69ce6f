/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/helper_xml.h"

#include <errno.h>
#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/owner_list.h"

/* More are never planned; libvirt's own tests go to 64. */
enum { MAX_IOTHREADS = 256 };

static const char all_ids[] = "/domain/iothreadids/iothread";
static const char all_pins[] = "/domain/cputune/iothreadpin";
static const char emulator_pin[] = "/domain/cputune/emulatorpin";
/* libvirt then asks numad where the guest's threads go, and does not tell the answer. */
static const char is_automatic[] = "boolean(/domain/vcpu[@placement='auto'])";

void helpers_done(struct helper_definitions *helpers)
{
    free(helpers->list);
    *helpers = (struct helper_definitions){0};
}

int helpers_copy(const struct helper_definitions *from, struct helper_definitions *ret)
{
    struct helper_definition *list = calloc(from->n + 1, sizeof(*list));

    if (!list)
        return -ENOMEM;
    if (from->n)
        memcpy(list, from->list, from->n * sizeof(*list));
    *ret = (struct helper_definitions){.list = list, .n = from->n};
    return 0;
}

static struct helper_definition *find(const struct helper_definitions *helpers, unsigned iothread)
{
    for (size_t h = 0; h < helpers->n; h++)
        if (helpers->list[h].iothread == iothread)
            return &helpers->list[h];
    return NULL;
}

void helpers_take_owner(struct helper_definitions *helpers, const struct helper_definitions *from)
{
    for (size_t h = 0; h < helpers->n; h++) {
        const struct helper_definition *owners = find(from, helpers->list[h].iothread);

        helpers->list[h].is_owners = owners && owners->is_owners;
    }
}

void helpers_disown(struct helper_definitions *helpers, unsigned iothread)
{
    struct helper_definition *helper = find(helpers, iothread);

    if (helper)
        helper->is_owners = false;
}

void helpers_note(struct helper_definitions *helpers, unsigned iothread, const struct cpuset *mask)
{
    struct helper_definition *helper = find(helpers, iothread);

    if (!helper)
        return;
    helper->is_pinned = true;
    helper->pcpus = *mask;
}

/* Numbers begin with 1; 0: it is none. */
static unsigned read_number(const xmlNode *node, const char *attribute)
{
    xmlChar *text = xmlGetNoNsProp(node, BAD_CAST attribute);
    unsigned long number = text ? strtoul((const char *)text, NULL, 10) : 0;

    xmlFree(text);
    return number > 0 && number < INT32_MAX ? (unsigned)number : 0;
}

static void add(struct helper_definitions *helpers, unsigned iothread)
{
    if (helpers->n <= MAX_IOTHREADS && !find(helpers, iothread))
        helpers->list[helpers->n++] = (struct helper_definition){.iothread = iothread};
}

/* Those that have a number of their own, then libvirt gives the others the lowest ones that are left. */
static void add_iothreads(xmlXPathContext *context, struct helper_definitions *helpers)
{
    xmlXPathObject *count = xmlXPathEvalExpression(BAD_CAST "number(/domain/iothreads)", context);
    xmlXPathObject *ids = xmlXPathEvalExpression(BAD_CAST all_ids, context);
    double n = count && count->floatval > 0 ? count->floatval : 0;

    for (int i = 0; ids && ids->nodesetval && i < ids->nodesetval->nodeNr; i++) {
        unsigned id = read_number(ids->nodesetval->nodeTab[i], "id");

        if (id > 0)
            add(helpers, id);
    }
    for (unsigned id = 1; id <= MAX_IOTHREADS && (double)helpers->n - 1 < n; id++)
        add(helpers, id);
    xmlXPathFreeObject(ids);
    xmlXPathFreeObject(count);
}

/* A list that cannot be read is its owner's all the same. */
static void pin(struct helper_definition *helper, const xmlNode *node)
{
    xmlChar *text = xmlGetNoNsProp(node, BAD_CAST "cpuset");

    helper->is_owners = true;
    helper->is_pinned = text && owner_list_parse((const char *)text, &helper->pcpus);
    xmlFree(text);
}

static void read_pins(xmlXPathContext *context, struct helper_definitions *helpers)
{
    xmlXPathObject *emulator = xmlXPathEvalExpression(BAD_CAST emulator_pin, context);
    xmlXPathObject *pins = xmlXPathEvalExpression(BAD_CAST all_pins, context);

    if (emulator && emulator->nodesetval && emulator->nodesetval->nodeNr)
        pin(&helpers->list[0], emulator->nodesetval->nodeTab[0]);
    for (int i = 0; pins && pins->nodesetval && i < pins->nodesetval->nodeNr; i++) {
        const xmlNode *node = pins->nodesetval->nodeTab[i];
        unsigned id = read_number(node, "iothread");
        struct helper_definition *helper = id > 0 ? find(helpers, id) : NULL;

        if (helper)
            pin(helper, node);
    }
    xmlXPathFreeObject(pins);
    xmlXPathFreeObject(emulator);
}

static int compare(const void *a, const void *b)
{
    const struct helper_definition *left = a, *right = b;

    return (left->iothread > right->iothread) - (left->iothread < right->iothread);
}

int helper_xml_read(xmlXPathContext *context, struct helper_definitions *ret)
{
    struct helper_definitions all = {.list = calloc(MAX_IOTHREADS + 1, sizeof(*all.list))}, few;
    xmlXPathObject *answer = xmlXPathEvalExpression(BAD_CAST is_automatic, context);
    int r;

    if (!all.list) {
        xmlXPathFreeObject(answer);
        return -ENOMEM;
    }
    add(&all, 0);
    add_iothreads(context, &all);
    read_pins(context, &all);
    for (size_t h = 0; h < all.n && answer && answer->boolval; h++)
        all.list[h].is_owners = true;
    qsort(all.list, all.n, sizeof(*all.list), compare);
    r = helpers_copy(&all, &few);
    helpers_done(&all);
    if (r == 0)
        *ret = few;
    xmlXPathFreeObject(answer);
    return r;
}
