/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/guest_xml.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/policy_xml.h"

static const char has_balloon[] = "boolean(/domain/devices/memballoon[not(@model='none')])";
static const char stats_period[] = "number(/domain/devices/memballoon/stats/@period)";
static const char is_locked[] =
    "boolean(/domain/memoryBacking/locked | /domain/memoryBacking/hugepages"
    " | /domain/devices/hostdev[@type='pci' or @type='mdev']"
    " | /domain/devices/interface[@type='hostdev' or @type='vdpa']"
    " | /domain/devices/disk[@type='nvme'])";

static bool ask(xmlXPathContext *context, const char *question)
{
    xmlXPathObject *answer = xmlXPathEvalExpression(BAD_CAST question, context);
    bool yes = answer && answer->boolval;

    xmlXPathFreeObject(answer);
    return yes;
}

static unsigned ask_number(xmlXPathContext *context, const char *question)
{
    xmlXPathObject *answer = xmlXPathEvalExpression(BAD_CAST question, context);
    double value = answer ? answer->floatval : 0;

    xmlXPathFreeObject(answer);
    return value > 0 && value < UINT_MAX ? (unsigned)value : 0; /* NaN: there is no such thing */
}

/* libvirt writes cpusets in canonical form, "0-3,7"; what it would not write is left aside. */
static bool read_cpuset(const xmlNode *node, const char *name, struct cpuset *ret)
{
    xmlChar *text = xmlGetNoNsProp(node, BAD_CAST name);
    bool there = text && cpuset_parse((const char *)text, ret) == 0;

    xmlFree(text);
    return there;
}

static bool read_vcpu(const xmlNode *node, unsigned *ret)
{
    xmlChar *text = xmlGetNoNsProp(node, BAD_CAST "vcpu");
    bool there = text && text[0];

    if (there)
        *ret = (unsigned)strtoul((const char *)text, NULL, 10);
    xmlFree(text);
    return there;
}

static void read_process_cpuset(xmlXPathContext *context, struct guest_definition *definition)
{
    xmlXPathObject *found = xmlXPathEvalExpression(BAD_CAST "/domain/vcpu", context);

    if (found && found->nodesetval && found->nodesetval->nodeNr)
        definition->has_cpuset =
            read_cpuset(found->nodesetval->nodeTab[0], "cpuset", &definition->cpuset);
    xmlXPathFreeObject(found);
}

static int read_limits(xmlXPathContext *context, struct guest_definition *definition)
{
    xmlXPathObject *found = xmlXPathEvalExpression(BAD_CAST "/domain/cputune/vcpupin", context);
    size_t n = found && found->nodesetval ? (size_t)found->nodesetval->nodeNr : 0;

    if (!found)
        return -ENOMEM;
    definition->limits = calloc(n + 1, sizeof(*definition->limits));
    for (size_t i = 0; i < n && definition->limits; i++) {
        struct vcpu_limit *limit = &definition->limits[definition->n_limits];
        const xmlNode *node = found->nodesetval->nodeTab[i];

        if (read_vcpu(node, &limit->vcpu) && read_cpuset(node, "cpuset", &limit->allowed))
            definition->n_limits++;
    }
    xmlXPathFreeObject(found);
    return definition->limits ? 0 : -ENOMEM;
}

/* The first element of ours in <metadata>, or NULL. */
static const xmlNode *find_policy(const xmlNodeSet *metadata)
{
    for (int i = 0; metadata && i < metadata->nodeNr; i++) {
        if (policy_is_ours(metadata->nodeTab[i]))
            return metadata->nodeTab[i];
    }
    return NULL;
}

static void read_policy(xmlXPathContext *context, struct guest_definition *definition)
{
    xmlXPathObject *found = xmlXPathEvalExpression(BAD_CAST "/domain/metadata/*", context);
    const xmlNode *policy = found ? find_policy(found->nodesetval) : NULL;
    struct err err = {0};

    definition->has_policy = policy != NULL;
    if (policy && policy_parse(policy, &definition->policy, &err) < 0) {
        definition->policy.excluded = true;
        snprintf(definition->policy_error, sizeof(definition->policy_error), "%.150s", err.text);
    }
    xmlXPathFreeObject(found);
}

int guest_xml_parse(const char *xml, struct guest_definition *ret, struct err *err)
{
    struct guest_definition definition = {0};
    xmlDoc *document = xmlReadMemory(xml, (int)strlen(xml), "domain.xml", NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlXPathContext *context = document ? xmlXPathNewContext(document) : NULL;
    int r;

    if (!context || !ask(context, "boolean(/domain)")) {
        r = err_set(err, -EINVAL, "the definition is not domain XML");
        goto out;
    }
    definition.has_balloon = ask(context, has_balloon);
    definition.locked = ask(context, is_locked);
    definition.stats_period_s = ask_number(context, stats_period);
    read_process_cpuset(context, &definition);
    r = read_limits(context, &definition);
    if (r < 0) {
        err_set(err, r, "out of memory");
        goto out;
    }
    read_policy(context, &definition);
    *ret = definition;
out:
    xmlXPathFreeContext(context);
    xmlFreeDoc(document);
    return r;
}

void guest_definition_done(struct guest_definition *definition)
{
    free(definition->limits);
    *definition = (struct guest_definition){0};
}

void guest_definition_merge(struct guest_definition *live, struct guest_definition *persistent,
                            struct guest_definition *ret)
{
    *ret = *persistent;
    persistent->limits = NULL;
    ret->has_balloon = live->has_balloon;
    ret->locked = live->locked;
    ret->stats_period_s = live->stats_period_s;
    if (live->has_policy) {
        ret->has_policy = true;
        ret->policy = live->policy;
        memcpy(ret->policy_error, live->policy_error, sizeof(ret->policy_error));
    }
    guest_definition_done(live);
    guest_definition_done(persistent);
}

void guest_definition_allowed(const struct guest_definition *definition, unsigned vcpu,
                              const struct cpuset *online, struct cpuset *ret)
{
    *ret = *online;
    for (size_t i = 0; i < definition->n_limits; i++) {
        if (definition->limits[i].vcpu == vcpu) {
            cpuset_and(ret, &definition->limits[i].allowed);
            return;
        }
    }
    if (definition->has_cpuset)
        cpuset_and(ret, &definition->cpuset);
}
