/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/policy_xml.h"

#include <errno.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/base/err.h"

static const char policy_namespace[] = "tag:evenkeel.dev,2026:guest";
enum { MAX_WEIGHT = 10000 };

bool policy_is_namespace(const char *uri)
{
    return strcmp(uri, policy_namespace) == 0;
}

bool policy_is_ours(const xmlNode *node)
{
    return node->ns && xmlStrEqual(node->ns->href, BAD_CAST policy_namespace);
}

/* libvirt puts the element that it is given into the namespace, and not what is inside. */
static bool is_element(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && xmlStrEqual(node->name, BAD_CAST name) &&
           (!node->ns || policy_is_ours(node));
}

/* Its text, or "" where it has an entity in it, which is not replaced. */
static const char *attribute_text(const xmlAttr *attribute)
{
    const xmlNode *text = attribute->children;

    return text && !text->next && text->type == XML_TEXT_NODE && text->content
               ? (const char *)text->content
               : "";
}

static int check_namespace(const xmlAttr *attribute, struct err *err)
{
    if (!attribute->ns || xmlStrEqual(attribute->ns->href, BAD_CAST policy_namespace))
        return 0;
    return err_set(err, -EINVAL, "attribute '%.40s' is of another namespace",
                   (const char *)attribute->name);
}

static int parse_whole(const char *text, uint64_t max, uint64_t *ret)
{
    unsigned long long value;
    char *end;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || value > max)
        return -EINVAL;
    *ret = value;
    return 0;
}

static int parse_unit(const xmlNode *memory, uint64_t *ret_kib, struct err *err)
{
    const xmlAttr *unit = xmlHasProp(memory, BAD_CAST "unit"); /* another namespace's is refused */
    const char *text = unit ? attribute_text(unit) : "MiB";

    if (strcmp(text, "KiB") == 0)
        *ret_kib = 1;
    else if (strcmp(text, "MiB") == 0)
        *ret_kib = 1024;
    else if (strcmp(text, "GiB") == 0)
        *ret_kib = 1024 * 1024;
    else
        return err_set(err, -EINVAL, "unit='%.40s' is not KiB, MiB or GiB", text);
    return 0;
}

static int parse_size(const char *name, const char *text, uint64_t unit_kib, bool *ret_has,
                      uint64_t *ret_kib, struct err *err)
{
    uint64_t value;

    if (parse_whole(text, memory_most_kib / unit_kib, &value) < 0)
        return err_set(err, -EINVAL, "%s='%.40s' is not a whole number", name, text);
    *ret_kib = value * unit_kib;
    *ret_has = true;
    return 0;
}

static int parse_weight(const char *text, struct memory_policy *policy, struct err *err)
{
    uint64_t value;

    if (parse_whole(text, MAX_WEIGHT, &value) < 0 || value < 1)
        return err_set(err, -EINVAL, "weight='%.40s' is not a whole number from 1 to %d", text,
                       MAX_WEIGHT);
    policy->weight = (unsigned)value;
    policy->has_weight = true;
    return 0;
}

static int parse_managed(const char *text, bool *ret_excluded, struct err *err)
{
    if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
        return err_set(err, -EINVAL, "managed='%.40s' is not yes or no", text);
    *ret_excluded = text[0] == 'n';
    return 0;
}

static int parse_memory_attribute(const xmlAttr *attribute, uint64_t unit_kib,
                                  struct memory_policy *policy, struct err *err)
{
    const char *name = (const char *)attribute->name;
    const char *text = attribute_text(attribute);

    if (check_namespace(attribute, err) < 0)
        return -EINVAL;
    if (strcmp(name, "unit") == 0)
        return 0;
    if (strcmp(name, "floor") == 0)
        return parse_size(name, text, unit_kib, &policy->has_floor, &policy->floor_kib, err);
    if (strcmp(name, "ceiling") == 0)
        return parse_size(name, text, unit_kib, &policy->has_ceiling, &policy->ceiling_kib, err);
    if (strcmp(name, "size") == 0)
        return parse_size(name, text, unit_kib, &policy->has_pin, &policy->pin_kib, err);
    if (strcmp(name, "weight") == 0)
        return parse_weight(text, policy, err);
    if (strcmp(name, "managed") == 0)
        return parse_managed(text, &policy->excluded, err);
    return err_set(err, -EINVAL,
                   "attribute '%.40s' is none of floor, ceiling, size, unit, weight, managed",
                   name);
}

static int parse_memory(const xmlNode *memory, struct memory_policy *policy, struct err *err)
{
    uint64_t unit_kib = 1;
    int r;

    r = parse_unit(memory, &unit_kib, err);
    for (const xmlAttr *a = memory->properties; a && r >= 0; a = a->next)
        r = parse_memory_attribute(a, unit_kib, policy, err);
    if (r < 0)
        return r;
    if (policy->has_floor && policy->has_ceiling && policy->floor_kib > policy->ceiling_kib)
        return err_set(err, -EINVAL, "its floor is above its ceiling");
    return 0;
}

static int parse_reserve(const char *text, unsigned *ret_permille, struct err *err)
{
    uint64_t value;

    if (parse_whole(text, 100, &value) < 0)
        return err_set(err, -EINVAL, "reserve='%.40s' is not a whole number from 0 to 100", text);
    *ret_permille = (unsigned)value * 10;
    return 0;
}

static int parse_vcpu(const xmlNode *vcpu, struct vcpu_policy *policy, struct err *err)
{
    int r = 0;

    for (const xmlAttr *a = vcpu->properties; a && r >= 0; a = a->next) {
        const char *name = (const char *)a->name;

        r = check_namespace(a, err);
        if (r < 0)
            return r;
        if (strcmp(name, "managed") == 0)
            r = parse_managed(attribute_text(a), &policy->excluded, err);
        else if (strcmp(name, "reserve") == 0)
            r = parse_reserve(attribute_text(a), &policy->reserve_permille, err);
        else
            r = err_set(err, -EINVAL, "attribute '%.40s' is none of managed, reserve", name);
    }
    return r;
}

/* The first mistake is said, and nothing of the element counts. */
static void exclude_memory(const struct err *err, struct guest_policy *policy)
{
    policy->memory = (struct memory_policy){.excluded = true};
    if (!policy->memory_error[0])
        snprintf(policy->memory_error, sizeof(policy->memory_error), "%.150s", err->text);
}

static void exclude_vcpus(const struct err *err, struct guest_policy *policy)
{
    policy->vcpu = (struct vcpu_policy){.excluded = true};
    if (!policy->vcpu_error[0])
        snprintf(policy->vcpu_error, sizeof(policy->vcpu_error), "%.150s", err->text);
}

static void take_memory(const xmlNode *memory, bool is_first, struct guest_policy *policy)
{
    struct err err = {0};
    int r = is_first ? parse_memory(memory, &policy->memory, &err)
                     : err_set(&err, -EINVAL, "there is more than one element 'memory'");

    if (r < 0 || policy->memory_error[0])
        exclude_memory(&err, policy);
}

static void take_vcpu(const xmlNode *vcpu, bool is_first, struct guest_policy *policy)
{
    struct err err = {0};
    int r = is_first ? parse_vcpu(vcpu, &policy->vcpu, &err)
                     : err_set(&err, -EINVAL, "there is more than one element 'vcpu'");

    if (r < 0 || policy->vcpu_error[0])
        exclude_vcpus(&err, policy);
}

static void exclude_all(struct guest_policy *policy, const char *name, const char *expected)
{
    struct err err = {0};

    err_set(&err, -EINVAL, "element '%.40s' is not %s", name, expected);
    exclude_memory(&err, policy);
    exclude_vcpus(&err, policy);
}

void policy_parse(const xmlNode *guest, struct guest_policy *ret)
{
    struct guest_policy policy = {0};
    unsigned memories = 0, vcpus = 0;

    if (!is_element(guest, "guest"))
        exclude_all(&policy, (const char *)guest->name, "'guest'");
    for (const xmlNode *child = guest->children; child; child = child->next) {
        if (child->type != XML_ELEMENT_NODE)
            continue;
        if (is_element(child, "memory"))
            take_memory(child, memories++ == 0, &policy);
        else if (is_element(child, "vcpu"))
            take_vcpu(child, vcpus++ == 0, &policy);
        else
            exclude_all(&policy, (const char *)child->name, "'memory' or 'vcpu'");
    }
    *ret = policy;
}
