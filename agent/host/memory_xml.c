/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/memory_xml.h"

#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>

/* Asked in this order; the first one that is true is the reason that people read. */
static const struct {
    enum memory_lock lock;
    const char *question;
} reasons[] = {
    {MEMORY_LOCK_ENCRYPTED, "boolean(/domain/launchSecurity)"},
    {MEMORY_LOCK_LOCKED, "boolean(/domain/memoryBacking/locked)"},
    {MEMORY_LOCK_HUGE_PAGES,
     "boolean(/domain/memoryBacking/hugepages | /domain/devices/memory/source/pagesize)"},
    {MEMORY_LOCK_DEVICE, "boolean(/domain/devices/hostdev[@type='pci' or @type='mdev']"
                         " | /domain/devices/interface[@type='hostdev' or @type='vdpa']"
                         " | /domain/devices/interface/actual[@type='hostdev' or @type='vdpa'])"},
    /* Anywhere in a disk's chain: backing files, mirrors, data stores. */
    {MEMORY_LOCK_DISK, "boolean(/domain/devices/disk/descendant-or-self::*"
                       "[@type='nvme' or @type='vhostvdpa'])"},
};

/* Devices and options that are given to QEMU past libvirt's own elements. */
static const struct {
    enum memory_lock lock;
    const char *text;
} arguments[] = {
    {MEMORY_LOCK_DEVICE, "vfio-"},
    {MEMORY_LOCK_DEVICE, "iommufd"},
    {MEMORY_LOCK_DEVICE, "vhost-vdpa"},
    {MEMORY_LOCK_DISK, "nvme://"},
    {MEMORY_LOCK_DISK, "driver=nvme,"},
    {MEMORY_LOCK_DISK, "\"namespace\":"},
    {MEMORY_LOCK_LOCKED, "mem-lock=on"},
    {MEMORY_LOCK_LOCKED, "mem-lock=yes"},
    {MEMORY_LOCK_LOCKED, "mem-lock=true"},
    {MEMORY_LOCK_LOCKED, "mlock=on"},
    {MEMORY_LOCK_HUGE_PAGES, "hugepages"},
    {MEMORY_LOCK_HUGE_PAGES, "hugetlb"},
    {MEMORY_LOCK_ENCRYPTED, "sev-guest"},
    {MEMORY_LOCK_ENCRYPTED, "sev-snp-guest"},
    {MEMORY_LOCK_ENCRYPTED, "tdx-guest"},
    {MEMORY_LOCK_ENCRYPTED, "pef-guest"},
    {MEMORY_LOCK_ENCRYPTED, "s390-pv-guest"},
    {MEMORY_LOCK_ENCRYPTED, "confidential-guest-support"},
};

static bool ask(xmlXPathContext *context, const char *question)
{
    xmlXPathObject *answer = xmlXPathEvalExpression(BAD_CAST question, context);
    bool yes = answer && answer->boolval;

    xmlXPathFreeObject(answer);
    return yes;
}

/* Elements of a path, for the caller to free; *ret_n may be 0. */
static xmlXPathObject *find(xmlXPathContext *context, const char *path, size_t *ret_n)
{
    xmlXPathObject *found = xmlXPathEvalExpression(BAD_CAST path, context);

    *ret_n = found && found->nodesetval ? (size_t)found->nodesetval->nodeNr : 0;
    return found;
}

static enum memory_lock lock_of_argument(const xmlNode *argument)
{
    xmlChar *value = xmlGetNoNsProp(argument, BAD_CAST "value");
    enum memory_lock lock = MEMORY_LOCK_UNTOLD;

    for (size_t i = 0; value && i < sizeof(arguments) / sizeof(arguments[0]) && !lock; i++) {
        if (strstr((const char *)value, arguments[i].text))
            lock = arguments[i].lock;
    }
    xmlFree(value);
    return lock;
}

static enum memory_lock find_lock(xmlXPathContext *context)
{
    enum memory_lock lock = MEMORY_LOCK_UNTOLD;
    xmlXPathObject *found;
    size_t n;

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (ask(context, reasons[i].question))
            return reasons[i].lock;
    }
    found = find(context, "/domain/*[local-name()='commandline']/*[local-name()='arg']", &n);
    for (size_t i = 0; i < n && !lock; i++)
        lock = lock_of_argument(found->nodesetval->nodeTab[i]);
    xmlXPathFreeObject(found);
    return lock;
}

double memory_xml_unit_bytes(const char *unit)
{
    static const char prefixes[] = "kmgtpe";
    const char *prefix = unit && unit[0] ? strchr(prefixes, unit[0] | 0x20) : NULL;
    double bytes = 1;

    if (!unit || !unit[0])
        return 1024;
    if (!prefix || strcmp(unit, "bytes") == 0)
        return 1;
    for (const char *p = prefixes; p <= prefix; p++)
        bytes *= unit[1] == 'B' || unit[1] == 'b' ? 1000 : 1024;
    return bytes;
}

/* An element that holds a size; false where it is none. */
static bool read_size(const xmlNode *node, uint64_t *ret_kib)
{
    static const double max_kib = (double)(UINT64_C(1) << 44); /* 16 PiB: libvirt's "unlimited" */
    xmlChar *text = xmlNodeGetContent(node);
    xmlChar *unit = xmlGetNoNsProp(node, BAD_CAST "unit");
    char *end = NULL;
    double value = text ? strtod((const char *)text, &end) : 0;
    double kib = value * memory_xml_unit_bytes((const char *)unit) / 1024;
    bool is_size = text && end != (char *)text && kib >= 0 && kib <= max_kib;

    if (is_size)
        *ret_kib = (uint64_t)kib;
    xmlFree(text);
    xmlFree(unit);
    return is_size;
}

/* A size below a memory device, by its name. */
static bool read_target(const xmlNode *device, const char *name, uint64_t *ret_kib)
{
    for (const xmlNode *target = device->children; target; target = target->next) {
        if (!xmlStrEqual(target->name, BAD_CAST "target"))
            continue;
        for (const xmlNode *node = target->children; node; node = node->next) {
            if (xmlStrEqual(node->name, BAD_CAST name))
                return read_size(node, ret_kib);
        }
    }
    return false;
}

/* While memory is being plugged or unplugged nobody can tell how much of the current size it is. */
static void read_virtio_mem(const xmlNode *device, struct memory_definition *definition)
{
    uint64_t current = 0, requested = 0;
    bool is_told = read_target(device, "current", &current) &&
                   (!read_target(device, "requested", &requested) || current == requested);

    definition->has_virtio_mem = true;
    definition->plugged_kib += current;
    if (!is_told && !definition->lock)
        definition->lock = MEMORY_LOCK_UNCOUNTED;
}

static void read_device(const xmlNode *device, struct memory_definition *definition)
{
    xmlChar *model = xmlGetNoNsProp(device, BAD_CAST "model");
    uint64_t size = 0;

    if (model && !xmlStrEqual(model, BAD_CAST "dimm")) {
        read_target(device, "size", &size);
        definition->devices_kib += size;
        if (xmlStrEqual(model, BAD_CAST "virtio-mem"))
            read_virtio_mem(device, definition);
    }
    xmlFree(model);
}

static void read_devices(xmlXPathContext *context, struct memory_definition *definition)
{
    size_t n;
    xmlXPathObject *found = find(context, "/domain/devices/memory", &n);

    for (size_t i = 0; i < n; i++)
        read_device(found->nodesetval->nodeTab[i], definition);
    xmlXPathFreeObject(found);
}

/* The smaller one of the limits at which the kernel kills. */
static void read_limits(xmlXPathContext *context, struct memory_definition *definition)
{
    size_t n;
    xmlXPathObject *found =
        find(context, "/domain/memtune/hard_limit | /domain/memtune/swap_hard_limit", &n);

    for (size_t i = 0; i < n; i++) {
        uint64_t limit = 0;

        if (read_size(found->nodesetval->nodeTab[i], &limit) && limit > 0 &&
            (!definition->limit_kib || limit < definition->limit_kib))
            definition->limit_kib = limit;
    }
    xmlXPathFreeObject(found);
}

void memory_xml_read(struct _xmlXPathContext *context, struct memory_definition *ret)
{
    struct memory_definition definition = {.lock = find_lock(context)};

    read_devices(context, &definition);
    read_limits(context, &definition);
    *ret = definition;
}

void memory_xml_correct(const struct memory_definition *definition, struct memory_reading *reading)
{
    uint64_t governed = reading->maximum_kib > definition->devices_kib
                            ? reading->maximum_kib - definition->devices_kib
                            : 0;

    reading->lock = definition->lock;
    reading->limit_kib = definition->limit_kib;
    if (definition->devices_kib > memory_most_kib && !reading->lock)
        reading->lock = MEMORY_LOCK_UNCOUNTED;
    if (definition->devices_kib == 0 || definition->devices_kib > memory_most_kib ||
        reading->maximum_kib == 0)
        return;
    reading->beside_kib = definition->plugged_kib;
    reading->maximum_kib = governed + definition->plugged_kib;
    if (!reading->lock &&
        (reading->actual_kib < reading->beside_kib || reading->actual_kib > reading->maximum_kib))
        reading->lock = MEMORY_LOCK_UNCOUNTED;
}
