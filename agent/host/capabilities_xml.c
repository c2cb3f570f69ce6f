/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/capabilities_xml.h"

#include <errno.h>
#include <libxml/tree.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/xml_text.h"

/* 8192 pCPUs with siblings and caches take less than 2 MiB. */
static const size_t max_bytes = 16u << 20;
enum { MAX_DISTANCE = 65535 };
/* What the kernel tells of a pCPU that is in no cluster. */
enum { NO_CLUSTER = 65535 };

static bool is_element(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && xmlStrEqual(node->name, BAD_CAST name);
}

static const xmlNode *find_child(const xmlNode *node, const char *name)
{
    for (const xmlNode *child = node ? node->children : NULL; child; child = child->next)
        if (is_element(child, name))
            return child;
    return NULL;
}

/* A whole number from least to most; fallback where it is missing or none. */
static int64_t number_of(const char *text, int64_t least, int64_t most, int64_t fallback)
{
    long long value;
    char *end;

    if (!text)
        return fallback;
    errno = 0;
    value = strtoll(text, &end, 10);
    return errno || end == text || *end || value < least || value > most ? fallback : value;
}

static int64_t attribute_number(const xmlNode *node, const char *name, int64_t least, int64_t most,
                                int64_t fallback)
{
    xmlChar *text = xmlGetNoNsProp(node, BAD_CAST name);
    int64_t value = number_of((const char *)text, least, most, fallback);

    xmlFree(text);
    return value;
}

/* Empty where it is missing; what is no list is refused, for nobody knows what it means. */
static int attribute_list(const xmlNode *node, const char *name, struct cpuset *ret,
                          struct err *err)
{
    xmlChar *text = xmlGetNoNsProp(node, BAD_CAST name);
    int r = 0;

    *ret = (struct cpuset){0};
    if (text && cpuset_parse((const char *)text, ret) < 0)
        r = err_set(err, -EINVAL,
                    "the host's capabilities cannot be read: %s='%.40s' in <%.20s> is no list of "
                    "pCPUs below %d",
                    name, (const char *)text, (const char *)node->name, CPUSET_SIZE);
    xmlFree(text);
    return r;
}

/* Of a pCPU that several cells name the first word counts. */
static int parse_pcpu(const xmlNode *node, struct topology_facts *facts, struct topology_cell *cell,
                      struct cpuset *told, struct err *err)
{
    int64_t id = attribute_number(node, "id", 0, CPUSET_SIZE - 1, -1);
    struct topology_pcpu_fact *pcpu;

    if (id < 0)
        return err_set(err, -EINVAL,
                       "the host's capabilities cannot be read: a <cpu> has no id below %d",
                       CPUSET_SIZE);
    cpuset_add(&cell->pcpus, (unsigned)id);
    if (cpuset_has(told, (unsigned)id))
        return 0;
    cpuset_add(told, (unsigned)id);
    pcpu = topology_add_pcpu(facts);
    if (!pcpu)
        return err_set(err, -ENOMEM, "out of memory");
    pcpu->id = (unsigned)id;
    pcpu->socket = (int)attribute_number(node, "socket_id", 0, INT_MAX, TOPOLOGY_UNTOLD);
    pcpu->die = (int)attribute_number(node, "die_id", 0, INT_MAX, TOPOLOGY_UNTOLD);
    pcpu->cluster = (int)attribute_number(node, "cluster_id", 0, NO_CLUSTER - 1, TOPOLOGY_UNTOLD);
    return attribute_list(node, "siblings", &pcpu->siblings, err);
}

static int parse_distances(const xmlNode *cell, int from, struct topology_facts *facts,
                           struct err *err)
{
    const xmlNode *distances = find_child(cell, "distances");

    for (const xmlNode *node = distances ? distances->children : NULL; node; node = node->next) {
        struct topology_distance *distance;
        int64_t to, value;

        if (!is_element(node, "sibling"))
            continue;
        to = attribute_number(node, "id", 0, INT_MAX, -1);
        value = attribute_number(node, "value", 1, MAX_DISTANCE, -1);
        if (to < 0 || value < 0)
            continue; /* the usual one counts */
        if (facts->n_distances >= (size_t)TOPOLOGY_MAX_NODES * TOPOLOGY_MAX_NODES)
            return err_set(err, -EINVAL,
                           "the host's capabilities cannot be read: too many distances");
        distance = topology_add_distance(facts);
        if (!distance)
            return err_set(err, -ENOMEM, "out of memory");
        *distance = (struct topology_distance){from, (int)to, (unsigned)value};
    }
    return 0;
}

static uint64_t parse_memory(const xmlNode *cell)
{
    const xmlNode *memory = find_child(cell, "memory");
    const xmlNode *text = memory ? memory->children : NULL;

    return text && text->type == XML_TEXT_NODE
               ? (uint64_t)number_of((const char *)text->content, 0, INT64_MAX, 0)
               : 0;
}

static int parse_cell(const xmlNode *node, struct topology_facts *facts, struct cpuset *told,
                      struct err *err)
{
    int64_t id = attribute_number(node, "id", 0, INT_MAX, -1);
    const xmlNode *cpus = find_child(node, "cpus");
    struct topology_cell *cell;
    int r;

    if (id < 0 || facts->n_cells >= TOPOLOGY_MAX_NODES)
        return err_set(err, -EINVAL, "the host's capabilities cannot be read: %s",
                       id < 0 ? "a <cell> has no id" : "there are more than 1024 cells");
    cell = topology_add_cell(facts);
    if (!cell)
        return err_set(err, -ENOMEM, "out of memory");
    cell->id = (int)id;
    cell->memory_kib = parse_memory(node);
    r = parse_distances(node, (int)id, facts, err);
    for (const xmlNode *cpu = cpus ? cpus->children : NULL; cpu && r == 0; cpu = cpu->next)
        if (is_element(cpu, "cpu"))
            r = parse_pcpu(cpu, facts, cell, told, err);
    return r;
}

/* Caches of instructions are no last-level caches; libvirt does not print any. */
static int parse_bank(const xmlNode *node, struct topology_facts *facts, struct err *err)
{
    struct topology_cache *bank;

    if (facts->banks.n >= 4 * (size_t)CPUSET_SIZE)
        return err_set(err, -EINVAL,
                       "the host's capabilities cannot be read: too many cache banks");
    bank = topology_add_cache(&facts->banks);
    if (!bank)
        return err_set(err, -ENOMEM, "out of memory");
    bank->level = (unsigned)attribute_number(node, "level", 0, 9, 0);
    return attribute_list(node, "cpus", &bank->pcpus, err);
}

static void mention_all(struct topology_facts *facts)
{
    for (size_t c = 0; c < facts->n_cells; c++)
        cpuset_or(&facts->mentioned, &facts->cells[c].pcpus);
    for (size_t p = 0; p < facts->n_pcpus; p++)
        cpuset_or(&facts->mentioned, &facts->pcpus[p].siblings);
    for (size_t b = 0; b < facts->banks.n; b++)
        cpuset_or(&facts->mentioned, &facts->banks.caches[b].pcpus);
}

static int parse_host(const xmlNode *host, struct topology_facts *facts, struct err *err)
{
    const xmlNode *cells = find_child(find_child(host, "topology"), "cells");
    const xmlNode *cache = find_child(host, "cache");
    struct cpuset told = {{0}};
    int r = 0;

    for (const xmlNode *cell = cells ? cells->children : NULL; cell && r == 0; cell = cell->next)
        if (is_element(cell, "cell"))
            r = parse_cell(cell, facts, &told, err);
    for (const xmlNode *bank = cache ? cache->children : NULL; bank && r == 0; bank = bank->next)
        if (is_element(bank, "bank"))
            r = parse_bank(bank, facts, err);
    mention_all(facts);
    return r;
}

/* No host has a document type, and one can make little text grow without end. */
int capabilities_xml_parse(const char *xml, struct topology_facts *facts, struct err *err)
{
    size_t size = strlen(xml);
    xmlDoc *document = size > max_bytes ? NULL : xml_text_read(xml, size, 0);
    const xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
    const xmlNode *host = root && !document->intSubset && is_element(root, "capabilities")
                              ? find_child(root, "host")
                              : NULL;
    int r = host ? parse_host(host, facts, err)
                 : err_set(err, -EINVAL,
                           "the host's capabilities cannot be read: this is no libvirt XML with "
                           "<capabilities> and <host>");

    xmlFreeDoc(document);
    return r;
}

int cpu_map_parse(const char *text, struct topology_facts *facts, struct err *err)
{
    static const char title[] = "CPU map:", blanks[] = " \t\r\n";
    const char *begin = strstr(text, title);
    size_t n, end;

    text = begin ? begin + strlen(title) : text;
    text += strspn(text, blanks);
    n = strspn(text, "y-");
    end = n + strspn(text + n, blanks);
    if (n == 0 || n > CPUSET_SIZE || text[end])
        return err_set(err, -EINVAL,
                       "the CPU map cannot be read: it is a line of 'y' for each pCPU that is "
                       "online and '-' for each that is not, at most %d",
                       CPUSET_SIZE);
    facts->has_map = true;
    for (unsigned p = 0; p < n; p++) {
        cpuset_add(&facts->mentioned, p);
        if (text[p] == 'y')
            cpuset_add(&facts->online, p);
    }
    return 0;
}
