/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/meminfo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/host/root_file.h"
#include "planner/base/sample.h"

enum { HAS_TOTAL = 1 << 0, HAS_FREE = 1 << 1, HAS_AVAILABLE = 1 << 2 };

static unsigned take_line(const char *line, struct host_memory *memory)
{
    if (sscanf(line, "MemTotal: %" SCNu64 " kB", &memory->total_kib) == 1)
        return HAS_TOTAL;
    if (sscanf(line, "MemFree: %" SCNu64 " kB", &memory->free_kib) == 1)
        return HAS_FREE;
    if (sscanf(line, "MemAvailable: %" SCNu64 " kB", &memory->available_kib) == 1)
        return HAS_AVAILABLE;
    return 0;
}

static FILE *open_file(const char *root, const char *name)
{
    char path[ROOT_PATH_SIZE];

    snprintf(path, sizeof(path), "%s%s", root, name);
    return fopen(path, "re");
}

int meminfo_read(const char *root, struct host_memory *ret)
{
    struct host_memory memory = {0};
    FILE *file = open_file(root, "/proc/meminfo");
    unsigned has = 0;
    char line[256];

    if (!file)
        return -errno;
    while (fgets(line, sizeof(line), file))
        has |= take_line(line, &memory);
    fclose(file);
    if (!(has & HAS_TOTAL) || !(has & HAS_FREE))
        return -EINVAL;
    if (!(has & HAS_AVAILABLE))
        memory.available_kib = memory.free_kib;
    *ret = memory;
    return 0;
}

uint64_t meminfo_arc_kib(const char *root)
{
    FILE *file = open_file(root, "/proc/spl/kstat/zfs/arcstats");
    uint64_t size = 0, least = 0;
    char line[256];

    while (file && fgets(line, sizeof(line), file)) {
        sscanf(line, "size %*u %" SCNu64, &size);
        sscanf(line, "c_min %*u %" SCNu64, &least);
    }
    if (file)
        fclose(file);
    return size > least ? (size - least) / 1024 : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void host_memory_take(struct host_memory *memory, const char *field, uint64_t value)
{
    if (value > memory_most_kib)
        return;
    if (strcmp(field, "total") == 0)
        memory->total_kib = value;
    else
        memory->available_kib += value; /* free, buffers and cached */
    if (strcmp(field, "free") == 0)
        memory->free_kib = value;
}

void host_memory_reduce(struct host_memory *memory, const struct host_memory *other)
{
    memory->total_kib = least(memory->total_kib, other->total_kib);
    memory->free_kib = least(memory->free_kib, other->free_kib);
    memory->available_kib = least(memory->available_kib, other->available_kib);
}
