/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/guest_xml.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/owner_list.h"
#include "agent/host/quota.h"
#include "agent/host/xml_text.h"

/* Its owner may write what he likes into <metadata>; libvirt takes no more either. */
static const size_t max_bytes = 16u << 20;

static const char has_balloon[] = "boolean(/domain/devices/memballoon[not(@model='none')])";
static const char stats_period[] = "number(/domain/devices/memballoon/stats/@period)";

static const char vcpu_quota[] = "number(/domain/cputune/quota)";
static const char vcpu_period[] = "number(/domain/cputune/period)";
static const char guest_quota[] = "number(/domain/cputune/global_quota)";
static const char guest_period[] = "number(/domain/cputune/global_period)";
static const char partition[] = "string(/domain/resource/partition)";
/* What libvirt and the kernel take where a quota comes without a period. */
static const unsigned default_period_us = 100000;

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

static unsigned ask_quota(xmlXPathContext *context, const char *quota, const char *period)
{
    unsigned period_us = ask_number(context, period);

    return quota_permille(ask_number(context, quota), period_us ? period_us : default_period_us);
}

static void ask_text(xmlXPathContext *context, const char *question, char *ret, size_t size)
{
    xmlXPathObject *answer = xmlXPathEvalExpression(BAD_CAST question, context);

    snprintf(ret, size, "%s", answer && answer->stringval ? (const char *)answer->stringval : "");
    xmlXPathFreeObject(answer);
}

/* The list of pCPUs of an element; false where it has none. */
static bool read_list(const xmlNode *node, struct cpuset *ret, bool *ret_strange)
{
    xmlChar *text = xmlGetNoNsProp(node, BAD_CAST "cpuset");
    bool is_there = text != NULL;

    *ret_strange = text && !owner_list_parse((const char *)text, ret);
    xmlFree(text);
    return is_there;
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

/* The list of the first element of a path. */
static bool find_list(xmlXPathContext *context, const char *path, struct cpuset *ret,
                      bool *ret_strange)
{
    xmlXPathObject *found = xmlXPathEvalExpression(BAD_CAST path, context);
    bool is_there = found && found->nodesetval && found->nodesetval->nodeNr &&
                    read_list(found->nodesetval->nodeTab[0], ret, ret_strange);

    xmlXPathFreeObject(found);
    return is_there;
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

        if (read_vcpu(node, &limit->vcpu) && read_list(node, &limit->allowed, &limit->is_strange))
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

    definition->has_policy = policy != NULL;
    if (policy)
        policy_parse(policy, &definition->policy);
    xmlXPathFreeObject(found);
}

int guest_xml_parse(const char *xml, struct guest_definition *ret, struct err *err)
{
    struct guest_definition definition = {0};
    size_t n = strnlen(xml, max_bytes + 1);
    xmlDoc *document = n > max_bytes ? NULL : xml_text_read(xml, n, XML_PARSE_HUGE);
    xmlXPathContext *context = document ? xmlXPathNewContext(document) : NULL;
    int r;

    if (!context || !ask(context, "boolean(/domain)")) {
        r = err_set(err, -EINVAL, "its definition is %s",
                    n > max_bytes ? "larger than 16 MiB" : "not domain XML");
        goto out;
    }
    definition.has_balloon = ask(context, has_balloon);
    memory_xml_read(context, &definition.memory);
    numa_xml_read(context, &definition.numa);
    definition.locked = definition.memory.lock != MEMORY_LOCK_UNTOLD;
    definition.stats_period_s = ask_number(context, stats_period);
    definition.vcpu_quota_permille = ask_quota(context, vcpu_quota, vcpu_period);
    definition.guest_quota_permille = ask_quota(context, guest_quota, guest_period);
    ask_text(context, partition, definition.partition, sizeof(definition.partition));
    definition.has_cpuset =
        find_list(context, "/domain/vcpu", &definition.cpuset, &definition.has_strange_cpuset);
    r = read_limits(context, &definition);
    if (r >= 0)
        r = helper_xml_read(context, &definition.helpers);
    if (r < 0) {
        guest_definition_done(&definition);
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
    helpers_done(&definition->helpers);
    *definition = (struct guest_definition){0};
}

static void take_limits(struct guest_definition *from, struct guest_definition *ret)
{
    ret->limits = from->limits;
    ret->n_limits = from->n_limits;
    from->limits = NULL;
    from->n_limits = 0;
}

void guest_definition_merge(struct guest_definition *live, struct guest_definition *persistent,
                            struct guest_definition *ret)
{
    struct guest_definition merged = *live;

    live->limits = NULL;
    live->helpers = (struct helper_definitions){0};
    merged.is_transient = !persistent;
    if (persistent) {
        helpers_take_owner(&merged.helpers, &persistent->helpers);
        free(merged.limits);
        take_limits(persistent, &merged);
        if (!live->has_cpuset) {
            merged.has_cpuset = persistent->has_cpuset;
            merged.has_strange_cpuset = persistent->has_strange_cpuset;
            merged.cpuset = persistent->cpuset;
        }
        if (!live->has_policy && persistent->has_policy) {
            merged.has_policy = true;
            merged.policy = persistent->policy;
        }
        guest_definition_done(persistent);
    }
    guest_definition_done(live);
    *ret = merged;
}

void guest_definition_keep_limits(struct guest_definition *definition,
                                  struct guest_definition *earlier)
{
    free(definition->limits);
    take_limits(earlier, definition);
    helpers_take_owner(&definition->helpers, &earlier->helpers);
}

int guest_definition_bind(struct guest_definition *definition, unsigned vcpu,
                          const struct cpuset *allowed)
{
    const struct vcpu_limit limit = {.vcpu = vcpu, .allowed = *allowed};
    struct vcpu_limit *grown;

    for (size_t i = 0; i < definition->n_limits; i++) {
        if (definition->limits[i].vcpu == vcpu) {
            definition->limits[i] = limit;
            return 0;
        }
    }
    grown = realloc(definition->limits, (definition->n_limits + 1) * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    grown[definition->n_limits++] = limit;
    definition->limits = grown;
    return 0;
}

bool guest_definition_allowed(const struct guest_definition *definition, unsigned vcpu,
                              const struct cpuset *online, struct cpuset *ret)
{
    const struct cpuset *limit = definition->has_cpuset ? &definition->cpuset : NULL;
    bool is_strange = definition->has_strange_cpuset;

    for (size_t i = 0; i < definition->n_limits; i++) {
        if (definition->limits[i].vcpu == vcpu) {
            limit = &definition->limits[i].allowed;
            is_strange = definition->limits[i].is_strange;
        }
    }
    *ret = *online;
    if (limit && !is_strange)
        cpuset_and(ret, limit);
    return !is_strange;
}
