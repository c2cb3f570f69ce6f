/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/root_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* 8192 numbers of four digits and as many commas. */
enum { CPU_LIST_SIZE = 40960 };

int root_file_text(const char *root, const char *path, char *ret, size_t size)
{
    char whole[ROOT_PATH_SIZE];
    FILE *file;
    size_t n;
    int r;

    if ((size_t)snprintf(whole, sizeof(whole), "%s%s", root, path) >= sizeof(whole))
        return -ENAMETOOLONG;
    file = fopen(whole, "re");
    if (!file)
        return -errno;
    errno = 0;
    n = fread(ret, 1, size, file);
    r = ferror(file) ? (errno ? -errno : -EIO) : n == size ? -EFBIG : 0;
    fclose(file);
    if (r < 0)
        return r;
    while (n > 0 && ret[n - 1] == '\n')
        n--;
    ret[n] = '\0';
    return 0;
}

int root_file_cpuset(const char *root, const char *path, struct cpuset *ret)
{
    char text[CPU_LIST_SIZE];
    int r = root_file_text(root, path, text, sizeof(text));

    if (r != 0)
        return r;
    if (text[0])
        return cpuset_parse(text, ret);
    *ret = (struct cpuset){0};
    return 0;
}
