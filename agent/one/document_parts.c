/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/document_parts.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <strings.h>

/* A million CPUs; 16 TiB; more disk than there is. */
static const int64_t MOST_CPU = INT64_C(100) * 1000 * 1000;
static const int64_t MOST_KIB = INT64_C(1) << 34;
static const int64_t MOST_MIB = INT64_C(1) << 40;

static const char *name_of(const xmlNode *node)
{
    const char *name = one_text(node, "NAME");

    return name[0] ? name : "nameless";
}

int one_read_host(const xmlNode *node, struct one_host *ret, struct err *err)
{
    struct one_reader of = {.of = node, .what = "host", .id = ret->id, .err = err};
    double used_cpu = 0;

    ret->name = name_of(node);
    ret->node = node;
    ret->state = ret->cluster = ret->total_cpu = ret->max_cpu = ret->max_mem_kib = -1;
    one_read_integer(&of, "STATE", 0, INT_MAX, &ret->state);
    one_read_integer(&of, "CLUSTER_ID", -1, INT_MAX, &ret->cluster);
    of.of = one_child(node, "HOST_SHARE");
    one_read_integer(&of, "TOTAL_CPU", 0, MOST_CPU, &ret->total_cpu);
    one_read_integer(&of, "MAX_CPU", 0, MOST_CPU, &ret->max_cpu);
    one_read_integer(&of, "CPU_USAGE", 0, MOST_CPU, &ret->cpu_usage);
    one_read_integer(&of, "MAX_MEM", 0, MOST_KIB, &ret->max_mem_kib);
    one_read_integer(&of, "MEM_USAGE", 0, MOST_KIB, &ret->mem_usage_kib);
    of.of = one_child(one_child(node, "MONITORING"), "CAPACITY");
    one_read_decimal(&of, "USED_CPU", (double)MOST_CPU, &used_cpu);
    ret->used_cpu = (int64_t)used_cpu;
    if (of.r == 0 && (ret->max_cpu < 0 || ret->max_mem_kib < 0 || ret->state < 0))
        return err_set(err, -EINVAL, "host %d: its STATE, MAX_CPU or MAX_MEM is missing", ret->id);
    if (ret->total_cpu <= 0)
        ret->total_cpu = ret->max_cpu;
    return of.r;
}

/* Volatile disks, and images that are copied or linked into the system datastore, with their snapshots. */
static void read_disks(struct one_reader *of, const xmlNode *template, struct one_vm *ret)
{
    for (const xmlNode *disk = one_child(template, "DISK"); disk;
         disk = one_next(template, disk, "DISK")) {
        const char *type = one_text(disk, "TYPE");
        const char *target =
            one_text(disk, one_is_yes(one_text(disk, "CLONE")) ? "CLONE_TARGET" : "LN_TARGET");
        int64_t size = 0, snapshots = 0;

        of->of = disk;
        one_read_integer(of, "SIZE", 0, MOST_MIB, &size);
        one_read_integer(of, "DISK_SNAPSHOT_TOTAL_SIZE", 0, MOST_MIB, &snapshots);
        if (strcasecmp(type, "swap") == 0 || strcasecmp(type, "fs") == 0 ||
            strcasecmp(target, "system") == 0)
            ret->disk_mib += size + snapshots;
    }
    if (ret->disk_mib > MOST_MIB)
        ret->disk_mib = MOST_MIB;
}

/* The last record is the one with the highest number. */
static void read_history(struct one_reader *of, const xmlNode *records, struct one_vm *ret)
{
    int64_t last = -1;

    for (const xmlNode *record = one_child(records, "HISTORY"); record;
         record = one_next(records, record, "HISTORY")) {
        int64_t number = 0;

        of->of = record;
        one_read_integer(of, "SEQ", 0, INT_MAX, &number);
        if (number < last)
            continue;
        last = number;
        one_read_integer(of, "HID", -1, INT_MAX, &ret->host);
        one_read_integer(of, "DS_ID", -1, INT_MAX, &ret->store);
    }
}

static void read_measured(struct one_reader *of, const xmlNode *node, struct one_vm *ret)
{
    of->of = one_child(node, "MONITORING");
    ret->is_measured = one_text(of->of, "CPU")[0] != '\0';
    one_read_decimal(of, "CPU", (double)MOST_CPU, &ret->cpu_pct);
    one_read_decimal(of, "CPU_FORECAST", (double)MOST_CPU, &ret->forecast_pct);
}

int one_read_vm(const xmlNode *node, struct one_vm *ret, struct err *err)
{
    struct one_reader of = {.of = node, .what = "VM", .id = ret->id, .err = err};
    const xmlNode *template = one_child(node, "TEMPLATE");
    const char *pins = one_text(one_child(template, "TOPOLOGY"), "PIN_POLICY");

    ret->name = name_of(node);
    ret->state = ret->host = ret->store = ret->group = -1;
    ret->cpu = -1;
    ret->memory_mib = -1;
    one_read_integer(&of, "STATE", 0, INT_MAX, &ret->state);
    one_read_integer(&of, "LCM_STATE", 0, INT_MAX, &ret->lcm_state);
    one_read_integer(&of, "RESCHED", 0, 1, &ret->resched);
    of.of = template;
    one_read_decimal(&of, "CPU", (double)MOST_CPU / 100, &ret->cpu);
    one_read_integer(&of, "MEMORY", 0, MOST_KIB / 1024, &ret->memory_mib);
    ret->has_pci = one_child(template, "PCI") != NULL;
    ret->is_pinned = pins[0] && strcasecmp(pins, "none") != 0;
    of.of = one_child(template, "VMGROUP");
    one_read_integer(&of, "VMGROUP_ID", 0, INT_MAX, &ret->group);
    ret->role = one_text(of.of, "ROLE");
    ret->is_blocked = one_is_yes(one_text(one_child(node, "USER_TEMPLATE"), "ONEDRS_BLOCKED"));
    read_measured(&of, node, ret);
    read_disks(&of, template, ret);
    read_history(&of, one_child(node, "HISTORY_RECORDS"), ret);
    if (of.r == 0 && (ret->state < 0 || ret->cpu < 0 || ret->memory_mib < 0))
        return err_set(err, -EINVAL, "VM %d: its STATE, CPU or MEMORY is missing", ret->id);
    return of.r;
}

int one_read_store(const xmlNode *node, struct one_store *ret, bool *ret_is_system, struct err *err)
{
    struct one_reader of = {.of = node, .what = "datastore", .id = ret->id, .err = err};
    const xmlNode *template = one_child(node, "TEMPLATE");
    int64_t type = -1, used = 0;
    enum { SYSTEM_DATASTORE = 1 };

    ret->node = node;
    ret->limit_mib = -1;
    one_read_integer(&of, "TYPE", 0, INT_MAX, &type);
    one_read_integer(&of, "FREE_MB", INT64_MIN, MOST_MIB, &ret->free_mib);
    one_read_integer(&of, "USED_MB", INT64_MIN, MOST_MIB, &used);
    ret->is_shared = one_is_yes(one_text(template, "SHARED"));
    of.of = template;
    one_read_integer(&of, "LIMIT_MB", 0, MOST_MIB, &ret->limit_mib);
    if (ret->limit_mib >= 0 && ret->limit_mib - used < ret->free_mib)
        ret->free_mib = ret->limit_mib - used;
    *ret_is_system = type == SYSTEM_DATASTORE;
    return of.r;
}

int one_read_net(const xmlNode *node, struct one_net *ret, struct err *err)
{
    struct one_reader of = {.of = node, .what = "network", .id = ret->id, .err = err};
    const xmlNode *ranges = one_child(node, "AR_POOL");
    int64_t used = 0;

    ret->node = node;
    one_read_integer(&of, "USED_LEASES", 0, MOST_MIB, &used);
    for (const xmlNode *range = one_child(ranges, "AR"); range;
         range = one_next(ranges, range, "AR")) {
        int64_t size = 0;

        of.of = range;
        one_read_integer(&of, "SIZE", 0, UINT32_MAX, &size);
        ret->free_leases += size;
    }
    ret->free_leases -= used;
    return of.r;
}

static void read_limit(struct one_reader *of, const char *name, int64_t *most)
{
    int64_t value = -1;

    one_read_integer(of, name, INT_MIN, INT_MAX, &value);
    if (value >= 0 && (*most < 0 || value < *most))
        *most = value;
}

int one_read_cluster(const xmlNode *node, struct one_cluster *ret, struct err *err)
{
    struct one_reader of = {.of = node, .what = "cluster", .id = -1, .err = err};
    double memory = 0, disk = 0, net = 0;

    one_read_integer(&of, "ID", 0, INT_MAX, &ret->id);
    if (ret->id < 0)
        return err_set(err, -EINVAL, "the document has no CLUSTER with an ID");
    of.id = ret->id;
    of.of = one_child(one_child(node, "TEMPLATE"), "ONE_DRS");
    ret->is_pack = strcasecmp(one_text(of.of, "POLICY"), "pack") == 0;
    read_limit(&of, "MIGRATION_THRESHOLD", &ret->most_moves);
    read_limit(&of, "HOST_MIGRATION_THRESHOLD", &ret->most_moves);
    one_read_decimal(&of, "PREDICTIVE", 1, &ret->predictive);
    if (one_child(of.of, "CPU_USAGE_WEIGHT") || one_child(of.of, "CPU_WEIGHT"))
        ret->usage_weight = 0;
    one_read_decimal(&of, "CPU_USAGE_WEIGHT", 1e6, &ret->usage_weight);
    one_read_decimal(&of, "CPU_WEIGHT", 1e6, &ret->cpu_weight);
    one_read_decimal(&of, "MEMORY_WEIGHT", 1e6, &memory);
    one_read_decimal(&of, "DISK_WEIGHT", 1e6, &disk);
    one_read_decimal(&of, "NET_WEIGHT", 1e6, &net);
    ret->other_weight = memory + disk + net;
    if (ret->usage_weight + ret->cpu_weight <= 0)
        ret->usage_weight = 1;
    return of.r;
}
