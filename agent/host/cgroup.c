/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/cgroup.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/quota.h"

/* Where the hierarchies are mounted, on every system that systemd or cgroupfs-mount set up. */
static const char unified[] = "/sys/fs/cgroup";
static const char cpuset_v1[] = "/sys/fs/cgroup/cpuset";
static const char cpu_v1[] = "/sys/fs/cgroup/cpu";
static const char memory_v1[] = "/sys/fs/cgroup/memory";

static bool is_unified(const char *root)
{
    char text[1024];

    return root_file_text(root, "/sys/fs/cgroup/cgroup.controllers", text, sizeof(text)) == 0;
}

/* ---- where a guest lives ---- */

/* libvirt's own groups below the guest's: the process is in the emulator's. */
static bool is_libvirts_own(const char *name)
{
    return strcmp(name, "libvirt") == 0 || strcmp(name, "emulator") == 0 ||
           strncmp(name, "vcpu", 4) == 0 || strncmp(name, "iothread", 8) == 0;
}

static void cut_libvirts_own(char *path)
{
    char *slash;

    while ((slash = strrchr(path, '/')) && is_libvirts_own(slash + 1))
        *slash = '\0';
    if (strcmp(path, "/") == 0)
        path[0] = '\0';
}

static bool has_controller(const char *list, const char *controller)
{
    size_t n = strlen(controller);

    for (; *list; list += strcspn(list, ",:"), list += *list == ',') {
        if (strncmp(list, controller, n) == 0 && (list[n] == ',' || list[n] == ':'))
            return true;
        if (list[strcspn(list, ",:")] == ':')
            return false;
    }
    return false;
}

/* One line of /proc/PID/cgroup: "0::/path" or "4:cpu,cpuacct:/path". */
static void take_group(char *line, struct cgroup_place *place)
{
    char *list = strchr(line, ':');
    char *path = list ? strchr(list + 1, ':') : NULL;
    bool is_v2 = path == list + 1;

    if (!path)
        return;
    path++;
    cut_libvirts_own(path);
    if (is_v2 ? !place->cpuset[0] : has_controller(list + 1, "cpuset"))
        snprintf(place->cpuset, sizeof(place->cpuset), "%s", path);
    if (is_v2 ? !place->cpu[0] : has_controller(list + 1, "cpu"))
        snprintf(place->cpu, sizeof(place->cpu), "%s", path);
    if (is_v2 ? !place->memory[0] : has_controller(list + 1, "memory"))
        snprintf(place->memory, sizeof(place->memory), "%s", path);
}

static bool find_by_process(const char *root, const char *name, struct cgroup_place *ret)
{
    char path[ROOT_PATH_SIZE], text[ROOT_PATH_SIZE];
    char *rest = text;
    unsigned pid;

    if ((size_t)snprintf(path, sizeof(path), "/run/libvirt/qemu/%s.pid", name) >= sizeof(path) ||
        strchr(name, '/') || root_file_text(root, path, text, sizeof(text)) < 0 ||
        sscanf(text, "%u", &pid) != 1)
        return false;
    snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
    if (root_file_text(root, path, text, sizeof(text)) < 0)
        return false;
    for (char *line = strtok_r(rest, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        take_group(line, ret);
    return true;
}

/* Appends one component of a partition as systemd names a slice: each contains the names of those
 * above it. */
static void add_slice(char *path, char *stem, size_t size, const char *name, size_t n)
{
    size_t used = strlen(stem);

    if (used && used + 1 < size)
        stem[used++] = '-';
    for (size_t i = 0; i < n && used + 5 < size; i++) {
        bool is_plain = isalnum((unsigned char)name[i]) || name[i] == '_' || name[i] == ':' ||
                        (name[i] == '.' && i > 0);

        if (is_plain)
            stem[used++] = name[i];
        else
            used += (size_t)snprintf(stem + used, size - used, "\\x%02x", (unsigned char)name[i]);
    }
    stem[used] = '\0';
    used = strlen(path);
    snprintf(path + used, size - used, "/%s.slice", stem);
}

static void slice_path(const char *partition, char *ret, size_t size)
{
    char stem[ROOT_PATH_SIZE] = "";

    ret[0] = '\0';
    while (*partition) {
        size_t n;

        partition += strspn(partition, "/");
        n = strcspn(partition, "/");
        if (n)
            add_slice(ret, stem, size, partition, n);
        partition += n;
    }
}

/* The group of run id in a folder, by the names that libvirt gives with systemd and without. */
static bool find_in_folder(const char *root, const char *hierarchy, const char *partition, int id,
                           char *ret)
{
    char path[ROOT_PATH_SIZE], scope[64], plain[64];
    const struct dirent *entry;
    bool is_found = false;
    DIR *folder;

    snprintf(scope, sizeof(scope), "machine-qemu\\x2d%d\\x2d", id);
    snprintf(plain, sizeof(plain), "qemu-%d-", id);
    snprintf(path, sizeof(path), "%s%s%s", root, hierarchy, partition);
    folder = opendir(path);
    if (!folder)
        return false;
    while (!is_found && (entry = readdir(folder))) {
        is_found = strncmp(entry->d_name, scope, strlen(scope)) == 0 ||
                   strncmp(entry->d_name, plain, strlen(plain)) == 0;
        if (is_found)
            snprintf(ret, ROOT_PATH_SIZE, "%s/%s", partition, entry->d_name);
    }
    closedir(folder);
    return is_found;
}

static bool find_by_number(const char *root, const char *hierarchy, const char *partition, int id,
                           char *ret)
{
    char slice[ROOT_PATH_SIZE];

    slice_path(partition, slice, sizeof(slice));
    return find_in_folder(root, hierarchy, slice, id, ret) ||
           find_in_folder(root, hierarchy, partition, id, ret);
}

bool cgroup_find(const char *root, const char *name, int id, const char *partition,
                 struct cgroup_place *ret)
{
    bool is_v2 = is_unified(root);
    bool has_cpuset, has_cpu, has_memory;

    ret->cpuset[0] = ret->cpu[0] = ret->memory[0] = '\0';
    if (find_by_process(root, name, ret))
        return true;
    if (!partition[0])
        partition = "/machine";
    has_cpuset = find_by_number(root, is_v2 ? unified : cpuset_v1, partition, id, ret->cpuset);
    has_cpu = find_by_number(root, is_v2 ? unified : cpu_v1, partition, id, ret->cpu);
    has_memory = find_by_number(root, is_v2 ? unified : memory_v1, partition, id, ret->memory);
    return has_cpuset || has_cpu || has_memory;
}

/* ---- what its groups allow ---- */

/* The group above; false at the root. */
static bool go_up(char *group)
{
    char *slash = strrchr(group, '/');

    if (!slash)
        return false;
    *slash = '\0';
    return true;
}

static bool read_cpus(const char *root, const char *hierarchy, const char *group, const char *file,
                      struct cpuset *ret)
{
    char path[2 * ROOT_PATH_SIZE];

    snprintf(path, sizeof(path), "%s%s/%s", hierarchy, group, file);
    return root_file_cpuset(root, path, ret) == 0 && cpuset_count(ret) > 0;
}

bool cgroup_cpus(const char *root, const struct cgroup_place *place, struct cpuset *ret)
{
    bool is_v2 = is_unified(root);
    char group[ROOT_PATH_SIZE];

    memcpy(group, place->cpuset, sizeof(group));
    do {
        if (is_v2 ? read_cpus(root, unified, group, "cpuset.cpus.effective", ret)
                  : read_cpus(root, cpuset_v1, group, "cpuset.effective_cpus", ret) ||
                        read_cpus(root, cpuset_v1, group, "cpuset.cpus", ret))
            return true;
    } while (go_up(group));
    return false;
}

static unsigned group_quota_v2(const char *root, const char *group)
{
    char path[2 * ROOT_PATH_SIZE], text[64];
    int64_t quota, period;

    snprintf(path, sizeof(path), "%s%s/cpu.max", unified, group);
    if (root_file_text(root, path, text, sizeof(text)) < 0 ||
        sscanf(text, "%" SCNd64 " %" SCNd64, &quota, &period) != 2) /* "max 100000": none */
        return 0;
    return quota_permille(quota, period);
}

static int64_t read_whole(const char *root, const char *group, const char *file)
{
    char path[2 * ROOT_PATH_SIZE], text[64];
    int64_t value;

    snprintf(path, sizeof(path), "%s%s/%s", cpu_v1, group, file);
    if (root_file_text(root, path, text, sizeof(text)) < 0 || sscanf(text, "%" SCNd64, &value) != 1)
        return -1;
    return value;
}

unsigned cgroup_quota_permille(const char *root, const struct cgroup_place *place)
{
    bool is_v2 = is_unified(root);
    char group[ROOT_PATH_SIZE];
    unsigned least = 0;

    memcpy(group, place->cpu, sizeof(group));
    do {
        unsigned quota = is_v2 ? group_quota_v2(root, group)
                               : quota_permille(read_whole(root, group, "cpu.cfs_quota_us"),
                                                read_whole(root, group, "cpu.cfs_period_us"));

        least = quota_least(least, quota);
    } while (go_up(group));
    return least;
}
