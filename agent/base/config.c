/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/config_text.h"

enum { MAX_PATH_BYTES = 4096, MAX_FILE_BYTES = 1 << 20 };

/* One file under way. */
struct config_file {
    const char *path;
    int of;
    int layer;
    struct given *given;
};

static int refuse_key(const struct config_file *file, const char *key, struct err *err)
{
    char accepted[240] = "";
    size_t used = 0;

    for (int i = 0; i < N_OPTIONS; i++) {
        const struct option_row *row = option_row((enum option_key)i);

        if (row->of & file->of && row->file != NOT_IN_FILE && used < sizeof(accepted))
            used += (size_t)snprintf(accepted + used, sizeof(accepted) - used, "%s%s",
                                     used ? ", " : "", row->name);
    }
    return err_set(err, -EINVAL, "'%.40s' is no key of this section, which has %s", key, accepted);
}

/* Patterns stand beside each other, with blanks between them. */
static int add_value(const struct config_file *file, const struct option_row *row,
                     const char *value, const char *origin)
{
    enum option_key key = option_key_of(row);
    char *word = NULL, *rest = NULL, *copy;
    int r = 0;

    if (row->kind != IS_MATCH || !*value)
        return given_add(file->given, key, file->layer, value, origin);
    copy = strdup(value);
    if (!copy)
        return -ENOMEM;
    for (word = strtok_r(copy, " \t", &rest); word && r == 0; word = strtok_r(NULL, " \t", &rest))
        r = given_add(file->given, key, file->layer, word, origin);
    free(copy);
    return r;
}

static int take_key(void *arg, const char *name, const char *value, int line, struct err *err)
{
    const struct config_file *file = arg;
    const struct option_row *row = option_named(file->of, name, strlen(name));
    char origin[MAX_PATH_BYTES + 16];

    if (!row || row->file == NOT_IN_FILE)
        return refuse_key(file, name, err);
    snprintf(origin, sizeof(origin), "%s:%d", file->path, line);
    if (add_value(file, row, value, origin) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    return 0;
}

/* All of a plain file: a pipe would keep everybody waiting. */
static int read_all(const char *path, char **ret, size_t *n, struct err *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat status = {0};
    char *text = NULL;
    ssize_t got = 0;
    int r = 0;

    if (fd < 0)
        return err_set(err, -errno, "cannot read '%s': %s", path, strerror(errno));
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size > MAX_FILE_BYTES)
        r = err_set(err, -EINVAL, "'%s' is no plain file of at most 1 MiB", path);
    else if (!(text = malloc(MAX_FILE_BYTES + 1)))
        r = err_set(err, -ENOMEM, "out of memory");
    *n = 0;
    while (r == 0 && *n <= MAX_FILE_BYTES &&
           (got = read(fd, text + *n, MAX_FILE_BYTES + 1 - *n)) > 0)
        *n += (size_t)got;
    if (r == 0 && (got < 0 || *n > MAX_FILE_BYTES))
        r = err_set(err, got < 0 ? -errno : -EFBIG, "cannot read '%s': %s", path,
                    got < 0 ? strerror(errno) : "more than 1 MiB");
    close(fd);
    if (r < 0)
        free(text);
    else
        *ret = text;
    return r;
}

static int read_file(struct config_file *file, struct err *err)
{
    const char *section = file->of == OF_VCPU ? "vcpu" : "memory";
    struct config_taker taker = {take_key, file};
    char *text = NULL;
    size_t n = 0;
    int r = read_all(file->path, &text, &n, err);

    if (r < 0)
        return r;
    r = config_text(file->path, text, n, section, &taker, err);
    file->layer++;
    free(text);
    return r;
}

static int is_drop_in(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".conf") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_drop_ins(struct config_file *file, const char *main_path, struct err *err)
{
    char folder[MAX_PATH_BYTES], path[MAX_PATH_BYTES + 300];
    struct dirent **names = NULL;
    int n, r = 0;

    snprintf(folder, sizeof(folder), "%s.d", main_path);
    n = scandir(folder, &names, is_drop_in, by_name);
    if (n < 0)
        return errno == ENOENT
                   ? 0
                   : err_set(err, -errno, "cannot read '%s': %s", folder, strerror(errno));
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        file->path = path;
        if (r == 0)
            r = read_file(file, err);
        free(names[i]);
    }
    file->path = main_path;
    free(names);
    return r;
}

enum { MAX_PREFIX_BYTES = MAX_PATH_BYTES - 100 };

/* To where this program was installed. */
static bool find_prefix(char ret[MAX_PREFIX_BYTES])
{
    ssize_t n = readlink("/proc/self/exe", ret, MAX_PREFIX_BYTES - 1);

    if (n <= 0)
        return false;
    ret[n] = '\0';
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(ret, '/');

        if (!slash)
            return false;
        *slash = '\0';
    }
    return true;
}

/* What the package brings lies beside the program. */
static bool find_shipped(char ret[MAX_PATH_BYTES])
{
    char prefix[MAX_PREFIX_BYTES];

    if (!find_prefix(prefix))
        return false;
    snprintf(ret, MAX_PATH_BYTES, "%s/lib/evenkeel/evenkeel.conf", prefix);
    return access(ret, F_OK) == 0;
}

bool config_installed(char *ret, size_t size)
{
    char prefix[MAX_PREFIX_BYTES];

    if (!find_prefix(prefix))
        return false;
    snprintf(ret, size, "%s/etc/evenkeel/evenkeel.conf", strcmp(prefix, "/usr") == 0 ? "" : prefix);
    return true;
}

int config_read(const char *path, int of, struct given *given, struct err *err)
{
    char shipped[MAX_PATH_BYTES];
    struct config_file file = {.path = shipped, .of = of, .given = given};
    int r = 0;

    if (strlen(path) > MAX_PATH_BYTES - 8)
        return err_set(err, -ENAMETOOLONG, "--config: the file's name is too long");
    if (find_shipped(shipped))
        r = read_file(&file, err);
    file.path = path;
    if (r == 0)
        r = read_file(&file, err);
    if (r == 0)
        r = read_drop_ins(&file, path, err);
    return r;
}
