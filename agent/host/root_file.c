/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/root_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 8192 numbers of four digits and as many commas. */
enum { CPU_LIST_SIZE = 40960 };
/* 256 words of eight digits and as many commas. */
enum { CPU_MASK_SIZE = 4096, WORD_BITS = 32, WORD_DIGITS = 8 };

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

/* A word, whose text becomes its bits from number on; -EINVAL where it is none. */
static int add_word(struct cpuset *set, const char *text, unsigned number)
{
    size_t n = strlen(text);
    unsigned long word;

    if (n == 0 || n > WORD_DIGITS || strspn(text, "0123456789abcdefABCDEF") != n)
        return -EINVAL;
    word = strtoul(text, NULL, 16);
    for (unsigned bit = 0; bit < WORD_BITS; bit++) {
        if (!(word >> bit & 1))
            continue;
        if (number + bit >= CPUSET_SIZE)
            return -EINVAL;
        cpuset_add(set, number + bit);
    }
    return 0;
}

int root_file_cpumask(const char *root, const char *path, struct cpuset *ret)
{
    struct cpuset set = {{0}};
    char text[CPU_MASK_SIZE], *comma;
    int r = root_file_text(root, path, text, sizeof(text));
    unsigned number = 0;

    while (r == 0 && (comma = strrchr(text, ',')) != NULL) {
        r = add_word(&set, comma + 1, number);
        *comma = '\0';
        number += WORD_BITS;
    }
    if (r == 0)
        r = add_word(&set, text, number);
    if (r == 0)
        *ret = set;
    return r;
}
