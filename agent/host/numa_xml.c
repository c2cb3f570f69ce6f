/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/numa_xml.h"

#include <libxml/xpath.h>
#include <limits.h>
#include <stdlib.h>

#include "agent/host/memory_xml.h"
#include "agent/host/owner_list.h"

static const char huge_pages[] =
    "boolean(/domain/memoryBacking/hugepages | /domain/devices/memory/source/pagesize)";

/* Of a <memory> or <memnode>. */
struct policy {
    bool is_there, binds, takes_turns;
    struct cpuset nodes; /* none: not told */
};

/* Over the cells of a guest so far. */
struct sum {
    bool binds, tells, has_policy;
    struct cpuset bound;
    double total, part[GUEST_NODES]; /* of memory */
    int node[GUEST_NODES];
    unsigned n;
};

static bool is_text(const xmlNode *node, const char *attribute, const char *wanted)
{
    xmlChar *text = xmlGetNoNsProp(node, BAD_CAST attribute);
    bool is_same = xmlStrEqual(text, BAD_CAST wanted);

    xmlFree(text);
    return is_same;
}

/* libvirt's mode is strict where none is named. */
static struct policy read_policy(const xmlNode *node)
{
    struct policy policy = {.is_there = true};
    xmlChar *mode = xmlGetNoNsProp(node, BAD_CAST "mode");
    xmlChar *nodes = xmlGetNoNsProp(node, BAD_CAST "nodeset");

    if (!nodes || !owner_list_parse((const char *)nodes, &policy.nodes))
        policy.nodes = (struct cpuset){{0}};
    if (is_text(node, "placement", "auto"))
        policy.nodes = (struct cpuset){{0}};
    policy.binds =
        !mode || xmlStrEqual(mode, BAD_CAST "strict") || xmlStrEqual(mode, BAD_CAST "restrictive");
    policy.takes_turns = xmlStrEqual(mode, BAD_CAST "interleave");
    xmlFree(mode);
    xmlFree(nodes);
    return policy;
}

static const xmlNode *element(const xmlXPathObject *found, int i)
{
    return found && found->nodesetval && i < found->nodesetval->nodeNr
               ? found->nodesetval->nodeTab[i]
               : NULL;
}

static unsigned long number_or(const xmlNode *node, const char *attribute, unsigned long otherwise)
{
    xmlChar *text = xmlGetNoNsProp(node, BAD_CAST attribute);
    unsigned long number = text ? strtoul((const char *)text, NULL, 10) : otherwise;

    xmlFree(text);
    return number;
}

static struct policy policy_of_cell(const xmlXPathObject *memnodes, unsigned long cell,
                                    const struct policy *usual)
{
    const xmlNode *node;

    for (int i = 0; (node = element(memnodes, i)); i++)
        if (number_or(node, "cellid", ULONG_MAX) == cell)
            return read_policy(node);
    return *usual;
}

/* False: there are too many nodes. */
static bool put(struct sum *sum, unsigned node, double part)
{
    unsigned k = 0;

    while (k < sum->n && sum->node[k] != (int)node)
        k++;
    if (k == GUEST_NODES)
        return false;
    if (k == sum->n) {
        sum->node[k] = (int)node;
        sum->part[sum->n++] = 0;
    }
    sum->part[k] += part;
    return true;
}

static void add(struct sum *sum, const struct policy *policy, double memory)
{
    size_t n = cpuset_count(&policy->nodes);

    sum->total += memory;
    sum->has_policy = sum->has_policy || policy->is_there;
    sum->binds = sum->binds && policy->binds && n > 0;
    cpuset_or(&sum->bound, &policy->nodes);
    sum->tells = sum->tells && (n == 1 || (n > 1 && policy->takes_turns));
    for (unsigned c = cpuset_next(&policy->nodes, 0); sum->tells && c < CPUSET_SIZE;
         c = cpuset_next(&policy->nodes, c + 1))
        sum->tells = put(sum, c, memory / (double)n);
}

static double memory_of(const xmlNode *cell)
{
    xmlChar *text = xmlGetNoNsProp(cell, BAD_CAST "memory");
    xmlChar *unit = xmlGetNoNsProp(cell, BAD_CAST "unit");
    double value = text ? strtod((const char *)text, NULL) : 0;
    double bytes = value * memory_xml_unit_bytes((const char *)unit);

    xmlFree(text);
    xmlFree(unit);
    return bytes > 0 && bytes < 1e24 ? bytes : 0;
}

static void add_cells(const xmlXPathObject *cells, const xmlXPathObject *memnodes,
                      const struct policy *usual, struct sum *sum)
{
    const xmlNode *cell;

    for (int i = 0; (cell = element(cells, i)); i++) {
        struct policy policy =
            policy_of_cell(memnodes, number_or(cell, "id", (unsigned long)i), usual);

        add(sum, &policy, memory_of(cell));
    }
}

static struct guest_memory memory_of_sum(const struct sum *sum)
{
    struct guest_memory memory = {.is_bound = sum->binds, .bound = sum->bound};

    if (!memory.is_bound)
        memory.bound = (struct cpuset){{0}};
    memory.is_known = sum->tells && sum->total > 0;
    for (unsigned k = 0; memory.is_known && k < sum->n; k++) {
        memory.at[k].node = sum->node[k];
        memory.at[k].permille = (unsigned)(1000 * sum->part[k] / sum->total + 1e-6);
        memory.n++;
    }
    return memory;
}

void numa_xml_read(xmlXPathContext *context, struct numa_definition *ret)
{
    xmlXPathObject *usual = xmlXPathEvalExpression(BAD_CAST "/domain/numatune/memory", context);
    xmlXPathObject *memnodes = xmlXPathEvalExpression(BAD_CAST "/domain/numatune/memnode", context);
    xmlXPathObject *cells = xmlXPathEvalExpression(BAD_CAST "/domain/cpu/numa/cell", context);
    xmlXPathObject *huge = xmlXPathEvalExpression(BAD_CAST huge_pages, context);
    struct sum sum = {.binds = true, .tells = true};
    struct policy policy = {0};

    if (element(usual, 0))
        policy = read_policy(element(usual, 0));
    if (element(cells, 0))
        add_cells(cells, memnodes, &policy, &sum);
    else
        add(&sum, &policy, 1);
    *ret = (struct numa_definition){.has_policy = sum.has_policy,
                                    .has_huge_pages = huge && huge->boolval,
                                    .memory = memory_of_sum(&sum)};
    xmlXPathFreeObject(usual);
    xmlXPathFreeObject(memnodes);
    xmlXPathFreeObject(cells);
    xmlXPathFreeObject(huge);
}
