/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/policy_xml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char policy_namespace[] = "tag:evenkeel.dev,2026:guest";
enum { MAX_WEIGHT = 10000 };

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

static const char *attribute_text(const xmlAttr *attribute)
{
    const xmlNode *text = attribute->children;

    return text && text->content ? (const char *)text->content : "";
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
    const xmlAttr *unit = xmlHasProp(memory, BAD_CAST "unit");
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

static int parse_managed(const char *text, struct memory_policy *policy, struct err *err)
{
    if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
        return err_set(err, -EINVAL, "managed='%.40s' is not yes or no", text);
    policy->excluded = text[0] == 'n';
    return 0;
}

static int parse_attribute(const xmlAttr *attribute, uint64_t unit_kib,
                           struct memory_policy *policy, struct err *err)
{
    const char *name = (const char *)attribute->name;
    const char *text = attribute_text(attribute);

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
        return parse_managed(text, policy, err);
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
        r = parse_attribute(a, unit_kib, policy, err);
    if (r < 0)
        return r;
    if (policy->has_floor && policy->has_ceiling && policy->floor_kib > policy->ceiling_kib)
        return err_set(err, -EINVAL, "its floor is above its ceiling");
    return 0;
}

int policy_parse(const xmlNode *guest, struct memory_policy *ret, struct err *err)
{
    struct memory_policy policy = {0};
    size_t memories = 0;
    int r = 0;

    if (!is_element(guest, "guest"))
        return err_set(err, -EINVAL, "element '%.40s' is not 'guest'", (const char *)guest->name);
    for (const xmlNode *child = guest->children; child && r >= 0; child = child->next) {
        if (child->type != XML_ELEMENT_NODE)
            continue;
        if (!is_element(child, "memory"))
            return err_set(err, -EINVAL, "element '%.40s' is not 'memory'",
                           (const char *)child->name);
        if (memories++)
            return err_set(err, -EINVAL, "there is more than one element 'memory'");
        r = parse_memory(child, &policy, err);
    }
    if (r >= 0)
        *ret = policy;
    return r;
}
