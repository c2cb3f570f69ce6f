/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/guest_stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More than any hypervisor offers; a larger number in a field's name is not a vCPU. */
enum { MAX_VCPUS = 16384 };

/* Values of libvirt's ABI (libvirt-domain.h); test_host_libvirt.c holds them against the header. */
enum { VCPU_OFFLINE = 0 };
enum { STATE_RUNNING = 1, STATE_BLOCKED = 2, STATE_PAUSED = 3 };
enum { RUNNING_POSTCOPY = 10 };
enum { PAUSED_MIGRATION = 2, PAUSED_STARTING_UP = 11, PAUSED_POSTCOPY = 12 };

static struct vcpu_stats *vcpu_slot(struct guest_stats *stats, size_t number)
{
    struct vcpu_stats *grown;

    if (number < stats->n_vcpus)
        return &stats->vcpus[number];
    grown = realloc(stats->vcpus, (number + 1) * sizeof(*grown));
    if (!grown)
        return NULL;
    memset(grown + stats->n_vcpus, 0, (number + 1 - stats->n_vcpus) * sizeof(*grown));
    stats->vcpus = grown;
    stats->n_vcpus = number + 1;
    return &grown[number];
}

/* field is what follows "vcpu." */
static int take_vcpu(struct guest_stats *stats, const char *field, uint64_t value)
{
    struct vcpu_stats *vcpu;
    unsigned long number;
    char *end;

    if (strcmp(field, "maximum") == 0)
        stats->max_vcpus = value;
    if (field[0] < '0' || field[0] > '9')
        return 0;
    number = strtoul(field, &end, 10);
    if (*end != '.' || number >= MAX_VCPUS)
        return 0;
    vcpu = vcpu_slot(stats, number);
    if (!vcpu)
        return -ENOMEM;
    if (strcmp(end, ".time") == 0) {
        vcpu->time_ns = value;
        vcpu->has_time = true;
    } else if (strcmp(end, ".delay") == 0) {
        vcpu->delay_ns = value;
        vcpu->has_delay = true;
    } else if (strcmp(end, ".state") == 0) {
        vcpu->online = value != VCPU_OFFLINE;
    }
    return 0;
}

struct balloon_field {
    const char *name;
    unsigned flag;
    size_t offset;
};
#define AT(member) offsetof(struct memory_reading, member)
static const struct balloon_field balloon_fields[] = {
    {"unused", MEMORY_HAS_UNUSED, AT(unused_kib)},
    {"available", MEMORY_HAS_AVAILABLE, AT(available_kib)},
    {"usable", MEMORY_HAS_USABLE, AT(usable_kib)},
    {"disk_caches", MEMORY_HAS_CACHES, AT(caches_kib)},
    {"swap_in", MEMORY_HAS_SWAP, AT(swap_in_kib)},
    {"swap_out", MEMORY_HAS_SWAP, AT(swap_out_kib)},
    {"major_fault", MEMORY_HAS_FAULTS, AT(major_faults)},
    {"rss", MEMORY_HAS_RSS, AT(rss_kib)},
};

/* What the hypervisor itself knows. What the guest tells is believed or not elsewhere. */
static bool is_size(const char *field)
{
    return strcmp(field, "current") == 0 || strcmp(field, "maximum") == 0 ||
           strcmp(field, "rss") == 0;
}

/* field is what follows "balloon." A size that no machine has is not told. */
static void take_balloon(struct guest_stats *stats, const char *field, uint64_t value)
{
    if (is_size(field) && value > memory_most_kib)
        return;
    for (size_t i = 0; i < sizeof(balloon_fields) / sizeof(balloon_fields[0]); i++) {
        const struct balloon_field *known = &balloon_fields[i];

        if (strcmp(field, known->name) == 0) {
            memcpy((char *)&stats->memory + known->offset, &value, sizeof(value));
            stats->memory.has |= known->flag;
            return;
        }
    }
    if (strcmp(field, "current") == 0) {
        stats->memory.actual_kib = value;
        stats->has_actual = true;
    } else if (strcmp(field, "maximum") == 0) {
        stats->memory.maximum_kib = value;
        stats->has_maximum = true;
    } else if (strcmp(field, "last-update") == 0) {
        stats->last_update_s = value > INT64_MAX ? 0 : (int64_t)value;
        stats->has_update = true;
    }
}

void guest_stats_take_tag(struct guest_stats *stats, int tag, uint64_t value)
{
    static const char *const names[] = {
        "swap_in", "swap_out", "major_fault", NULL,          "unused",      "available",
        "current", "rss",      "usable",      "last-update", "disk_caches",
    };

    if (tag >= 0 && (size_t)tag < sizeof(names) / sizeof(names[0]) && names[tag])
        take_balloon(stats, names[tag], value);
}

int guest_stats_take(struct guest_stats *stats, const char *field, uint64_t value)
{
    if (strncmp(field, "vcpu.", 5) == 0)
        return take_vcpu(stats, field + 5, value);
    if (strncmp(field, "balloon.", 8) == 0)
        take_balloon(stats, field + 8, value);
    else if (strcmp(field, "cpu.time") == 0) {
        stats->cpu_time_ns = value;
        stats->has_cpu_time = true;
    } else if (strcmp(field, "state.state") == 0)
        stats->state = (int)value;
    else if (strcmp(field, "state.reason") == 0)
        stats->reason = (int)value;
    return 0;
}

void guest_stats_done(struct guest_stats *stats)
{
    free(stats->vcpus);
    *stats = (struct guest_stats){0};
}

enum guest_run guest_stats_run(const struct guest_stats *stats)
{
    switch (stats->state) {
    case STATE_RUNNING:
        return stats->reason == RUNNING_POSTCOPY ? GUEST_MIGRATING : GUEST_RUNNING;
    case STATE_BLOCKED:
        return GUEST_RUNNING;
    case STATE_PAUSED:
        if (stats->reason == PAUSED_MIGRATION || stats->reason == PAUSED_POSTCOPY)
            return GUEST_MIGRATING;
        return stats->reason == PAUSED_STARTING_UP ? GUEST_STARTING : GUEST_PAUSED;
    default:
        return GUEST_OTHER;
    }
}
