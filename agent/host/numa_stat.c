/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/numa_stat.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 40 lines with figures of 256 nodes. */
enum { FILE_SIZE = 262144, MAX_NODES = 1024 };

static const char unified[] = "/sys/fs/cgroup";
static const char memory_v1[] = "/sys/fs/cgroup/memory";

/* Lines of version 2 in bytes; shmem is a part of file. */
static const char *const lines_v2[] = {"anon", "shmem", NULL};
/* Lines of version 1 in pages. Each page is on one of these lists, shared ones on the first; locked
 * ones on the second. Those of groups below count, where the kernel tells them. */
static const char *const lines_v1[] = {"hierarchical_anon", "hierarchical_unevictable", NULL};
static const char *const lines_v1_flat[] = {"anon", "unevictable", NULL};
static const char *const lines_huge[] = {"total", NULL};

struct pages {
    double on[MAX_NODES], total;
};

bool numa_stat_has_nodes(const char *root)
{
    struct cpuset nodes;

    return root_file_cpuset(root, "/sys/devices/system/node/online", &nodes) == 0 &&
           cpuset_count(&nodes) > 1;
}

bool numa_stat_is_balancing(const char *root)
{
    char text[16];

    return root_file_text(root, "/proc/sys/kernel/numa_balancing", text, sizeof(text)) == 0 &&
           (strtoul(text, NULL, 10) & 1);
}

/* " N0=123 N1=456" */
static void add_nodes(const char *text, struct pages *pages)
{
    unsigned node;
    double n;
    int used;

    while (sscanf(text, " N%u=%lf%n", &node, &n, &used) == 2) {
        text += used;
        if (node >= MAX_NODES || !(n >= 0 && n < 1e18))
            continue;
        pages->on[node] += n;
        pages->total += n;
    }
}

/* "anon N0=..", "anon=5 N0=.." */
static void add_line(const char *line, const char *const *wanted, struct pages *pages)
{
    size_t n = strcspn(line, " =");

    for (; *wanted; wanted++)
        if (strlen(*wanted) == n && strncmp(line, *wanted, n) == 0)
            add_nodes(line + strcspn(line, " "), pages);
}

static bool add_file(const char *root, const char *path, const char *const *wanted,
                     struct pages *pages)
{
    char *text = malloc(FILE_SIZE), *rest = text;
    bool is_there = text && root_file_text(root, path, text, FILE_SIZE) == 0;

    for (char *line = is_there ? strtok_r(rest, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest))
        add_line(line, wanted, pages);
    free(text);
    return is_there;
}

/* Whether a group has one guest and nothing else: libvirt names it so. A daemon without groups for
 * guests has them all in its own. */
static bool is_guests_own(const char *group)
{
    const char *slash = strrchr(group, '/');
    const char *name = slash ? slash + 1 : group;

    return strncmp(name, "machine-qemu\\x2d", 16) == 0 || strncmp(name, "qemu-", 5) == 0 ||
           strstr(name, ".libvirt-qemu") != NULL;
}

/* Huge pages of all sizes; whether they are counted. */
static bool add_huge(const char *root, const char *group, struct pages *pages)
{
    char path[2 * ROOT_PATH_SIZE];
    const struct dirent *entry;
    bool is_counted = false;
    DIR *folder;

    snprintf(path, sizeof(path), "%s%s%s", root, unified, group);
    folder = opendir(path);
    while (folder && (entry = readdir(folder))) {
        const char *dot = strrchr(entry->d_name, '.');

        if (strncmp(entry->d_name, "hugetlb.", 8) != 0 || strcmp(dot, ".numa_stat") != 0)
            continue;
        snprintf(path, sizeof(path), "%s%s/%s", unified, group, entry->d_name);
        is_counted |= add_file(root, path, lines_huge, pages);
    }
    if (folder)
        closedir(folder);
    return is_counted;
}

static bool add_all(const char *root, const char *group, bool has_huge_pages, struct pages *pages)
{
    char path[2 * ROOT_PATH_SIZE];

    snprintf(path, sizeof(path), "%s%s/memory.numa_stat", unified, group);
    if (add_file(root, path, lines_v2, pages))
        return !has_huge_pages || add_huge(root, group, pages);
    snprintf(path, sizeof(path), "%s%s/memory.numa_stat", memory_v1, group);
    if (has_huge_pages || !add_file(root, path, lines_v1, pages))
        return false;
    return pages->total > 0 || add_file(root, path, lines_v1_flat, pages);
}

/* Those with most of it, at most so many as there is room for. */
static void take_shares(struct pages *pages, struct guest_memory *ret)
{
    while (ret->n < GUEST_NODES) {
        size_t most = 0;

        for (size_t node = 1; node < MAX_NODES; node++)
            if (pages->on[node] > pages->on[most])
                most = node;
        if (pages->on[most] <= 0)
            return;
        ret->at[ret->n].node = (int)most;
        ret->at[ret->n++].permille = (unsigned)(1000 * pages->on[most] / pages->total + 1e-6);
        pages->on[most] = 0;
    }
}

bool numa_stat_read(const char *root, const struct cgroup_place *place, bool has_huge_pages,
                    struct guest_memory *ret)
{
    struct pages pages = {0};

    *ret = (struct guest_memory){0};
    if (!is_guests_own(place->memory) || !add_all(root, place->memory, has_huge_pages, &pages) ||
        pages.total <= 0)
        return false;
    ret->is_known = true;
    take_shares(&pages, ret);
    return true;
}
