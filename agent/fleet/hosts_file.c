/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/hosts_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/input.h"
#include "agent/base/text.h"
#include "agent/fleet/cluster.h"

enum { MOST_LINE = 4096, MOST_RESERVE_MIB = 1 << 30 };
static const char blanks[] = " \t\r\n";

void hosts_file_done(struct hosts_file *file)
{
    for (size_t k = 0; k < file->n; k++) {
        free(file->entries[k].uri);
        free(file->entries[k].name);
    }
    free(file->entries);
    *file = (struct hosts_file){0};
}

/* qemu+ssh://admin@node7:22/system is node7. */
static char *name_of(const char *uri)
{
    const char *begin = strstr(uri, "://"), *at;
    size_t n;

    if (!begin)
        return strdup(uri);
    begin += 3;
    n = strcspn(begin, "/?");
    at = memchr(begin, '@', n);
    if (at) {
        n -= (size_t)(at + 1 - begin);
        begin = at + 1;
    }
    if (begin[0] != '[') /* an address of IPv6 */
        n = strcspn(begin, ":/?") < n ? strcspn(begin, ":/?") : n;
    return n ? strndup(begin, n) : strdup(uri);
}

static int take_reserve(const char *text, struct hosts_entry *entry)
{
    char *end;
    long long value = strtoll(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || value > MOST_RESERVE_MIB)
        return -EINVAL;
    entry->reserve_mib = value;
    return 0;
}

/* It is printed, in commands too. */
static bool is_printable(const char *word)
{
    char shown[CLUSTER_NAME_SIZE];

    if (strlen(word) >= sizeof(shown))
        return false;
    memcpy(shown, word, strlen(word) + 1);
    text_printable(shown);
    return strcmp(shown, word) == 0;
}

static const char *take_word(char *word, struct hosts_entry *entry, int *ret)
{
    static const char name[] = "name=", reserve[] = "reserve=";

    *ret = -EINVAL;
    if (!is_printable(word))
        return "a word is too long, or has characters that nobody sees";
    if (strncmp(word, name, sizeof(name) - 1) == 0 && word[sizeof(name) - 1]) {
        free(entry->name);
        entry->name = strdup(word + sizeof(name) - 1);
    } else if (strncmp(word, reserve, sizeof(reserve) - 1) == 0) {
        if (take_reserve(word + sizeof(reserve) - 1, entry) < 0)
            return "reserve= takes MiB";
    } else if (entry->uri) {
        return "a line is a URI, name=NAME and reserve=MIB";
    } else {
        entry->uri = strdup(word);
    }
    *ret = 0;
    return NULL;
}

/* One line, which is changed. False: it says nothing. */
static bool parse(char *line, struct hosts_entry *entry, const char **ret_why)
{
    char *rest, *word = strtok_r(line, blanks, &rest);
    int r = 0;

    *entry = (struct hosts_entry){.reserve_mib = -1};
    *ret_why = NULL;
    for (; word && word[0] != '#' && r == 0; word = strtok_r(NULL, blanks, &rest))
        *ret_why = take_word(word, entry, &r);
    if (!entry->uri && (entry->name || entry->reserve_mib >= 0) && !*ret_why)
        *ret_why = "a line has no URI";
    if (entry->uri && !entry->name)
        entry->name = name_of(entry->uri);
    return entry->uri != NULL || *ret_why;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct hosts_entry *)a)->name, ((const struct hosts_entry *)b)->name);
}

static int add(struct hosts_file *file, const struct hosts_entry *entry)
{
    struct hosts_entry *grown;

    if (!entry->uri || !entry->name)
        return -ENOMEM;
    grown = realloc(file->entries, (file->n + 1) * sizeof(*file->entries));
    if (!grown)
        return -ENOMEM;
    file->entries = grown;
    file->entries[file->n++] = *entry;
    return 0;
}

static int read_line(struct hosts_file *file, const char *path, size_t number, const char *line,
                     size_t n, struct err *err)
{
    char copy[MOST_LINE + 1];
    struct hosts_entry entry;
    const char *why;
    bool says;
    int r = 0;

    memcpy(copy, line, n);
    copy[n] = '\0';
    if (memchr(line, '\0', n))
        return err_set(err, -EINVAL, "%.100s:%zu: it is no text", path, number);
    says = parse(copy, &entry, &why);
    if (why)
        r = err_set(err, -EINVAL, "%.100s:%zu: %s", path, number, why);
    else if (file->n == CLUSTER_MOST_HOSTS)
        r = err_set(err, -EINVAL, "%.100s has more than %d hosts", path, CLUSTER_MOST_HOSTS);
    else if (says && add(file, &entry) == 0)
        return 0;
    else if (says)
        r = err_set(err, -ENOMEM, "out of memory");
    free(entry.uri);
    free(entry.name);
    return r;
}

static int check(const struct hosts_file *file, const char *path, struct err *err)
{
    if (file->n == 0)
        return err_set(err, -EINVAL, "%.100s names no host", path);
    for (size_t k = 1; k < file->n; k++)
        if (strcmp(file->entries[k - 1].name, file->entries[k].name) == 0)
            return err_set(err, -EINVAL, "%.100s has two hosts '%.60s'; name=NAME tells them apart",
                           path, file->entries[k].name);
    return 0;
}

int hosts_file_read(const char *path, struct hosts_file *ret, struct err *err)
{
    struct hosts_file file = {0};
    struct input *input = NULL;
    int r = input_open(path, NULL, &input);
    char *line;

    if (r < 0)
        return err_set(err, r, "'%.100s' cannot be read: %s", path, strerror(-r));
    for (size_t number = 1; r == 0; number++) {
        ssize_t n = input_line(input, MOST_LINE, &line);

        if (n == 0)
            break;
        r = n < 0 ? err_set(err, (int)n, "%.100s:%zu: %s", path, number, strerror((int)-n))
                  : read_line(&file, path, number, line, (size_t)n, err);
    }
    input_free(input);
    if (r == 0 && file.n)
        qsort(file.entries, file.n, sizeof(*file.entries), compare);
    if (r == 0)
        r = check(&file, path, err);
    if (r < 0)
        hosts_file_done(&file);
    else
        *ret = file;
    return r;
}
