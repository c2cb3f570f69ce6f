/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/journal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/json_values.h"
#include "agent/base/owned_file.h"
#include "agent/base/state_folder.h"

static const char format[] = "evenkeel-originals";
enum { OLDEST = 1, VERSION = 2 };
static const off_t max_bytes = 64 << 20;

int journal_is_there(const char *folder, const char *resource)
{
    DIR *names = opendir(folder);
    size_t n = strlen(resource);
    bool is_there = false;
    struct dirent *entry;

    if (!names)
        return errno == ENOENT ? 0 : -errno;
    while (!is_there && (entry = readdir(names)) != NULL) {
        size_t length = strlen(entry->d_name);

        is_there = strncmp(entry->d_name, resource, n) == 0 && entry->d_name[n] == '-' &&
                   length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
    }
    closedir(names);
    return is_there;
}

/* Of a file's name: whoever named the host chose it. */
static void clean(char *name)
{
    for (; *name; name++) {
        if (!isalnum((unsigned char)*name) && *name != '-' && *name != '.')
            *name = '_';
    }
}

/* The file as JSON; *ret is NULL where there is none. -EINVAL: it is damaged. */
static int read_file(const struct journal *journal, int folder, json_t **ret)
{
    int fd = openat(folder, journal->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    json_error_t error = {0};
    struct stat status;

    *ret = NULL;
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    errno = 0;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= max_bytes)
        *ret = json_loadfd(fd, JSON_REJECT_DUPLICATES, &error);
    close(fd);
    return *ret ? 0 : json_load_code(&error);
}

static bool has_text(const json_t *object, const char *name, const char *text)
{
    const char *found = json_string_value(json_object_get(object, name));

    return found && strcmp(found, text) == 0;
}

static bool is_journal(const struct journal *journal, const json_t *file)
{
    json_int_t version = json_integer_value(json_object_get(file, "version"));

    return has_text(file, "format", format) && version >= OLDEST && version <= VERSION &&
           has_text(file, "resource", journal->resource) &&
           has_text(file, "host", journal->identity) && json_object_get(file, "boot");
}

/* Nobody runs any more who ran before the host was booted. */
static int leave_all(struct originals *originals)
{
    int64_t now_s = clock_real_s();
    int r = 0;

    while (originals->n && r >= 0)
        r = originals_leave(originals, originals->n - 1, now_s);
    return r;
}

static int take(const struct journal *journal, const json_t *file, const struct log *log,
                struct originals *ret)
{
    const json_t *kept = json_object_get(file, "gone");
    struct originals all = {0}, gone = {0};
    int r = is_journal(journal, file) ? 0 : -EINVAL;

    if (r >= 0)
        r = originals_from_json(json_object_get(file, "originals"), &all);
    if (r >= 0 && kept)
        r = originals_from_json(kept, &gone);
    if (r < 0) {
        originals_done(&all);
        return r;
    }
    all.gone = ret->gone;
    originals_done(ret);
    *ret = all;
    if (ret->gone) {
        originals_done(ret->gone);
        *ret->gone = gone;
    } else {
        originals_done(&gone);
    }
    if (has_text(file, "boot", journal->boot))
        return 0;
    log_line(log, LOG_INFO,
             "the host was booted since the last run: nothing is owed to guests that were booted");
    return leave_all(ret);
}

/* One that stays would be overwritten. */
static int set_aside(const struct journal *journal, int folder, const struct log *log)
{
    char aside[sizeof(journal->name) + 16];
    int r = owned_file_set_aside(folder, journal->name, aside, sizeof(aside));

    if (r >= 0)
        log_line(log, LOG_WARNING,
                 "the journal '%s' of what was found at first cannot be read: it is kept as '%s', "
                 "and nothing of it is put back",
                 journal->name, aside);
    return r;
}

int journal_open(const char *folder, const char *resource, const char *identity, const char *boot,
                 const struct log *log, struct journal *ret, struct originals *ret_originals,
                 struct err *err)
{
    struct journal journal = {.resource = resource, .identity = identity, .boot = boot};
    json_t *file;
    int r, fd = state_folder_open(folder, err);

    if (fd < 0)
        return fd;
    snprintf(journal.folder, sizeof(journal.folder), "%s", folder);
    snprintf(journal.name, sizeof(journal.name), "%s-%.100s.json", resource, identity);
    clean(journal.name);
    r = read_file(&journal, fd, &file);
    if (r >= 0 && file)
        r = take(&journal, file, log, ret_originals);
    json_decref(file);
    if (r == -EINVAL)
        r = set_aside(&journal, fd, log);
    close(fd);
    if (r < 0)
        return err_set(err, r, "--state: cannot read '%s/%s': %s", folder, journal.name,
                       strerror(-r));
    *ret = journal;
    return 0;
}

bool journal_is_lost(const struct journal *journal)
{
    char path[sizeof(journal->folder) + sizeof(journal->name)];

    snprintf(path, sizeof(path), "%s/%s", journal->folder, journal->name);
    return access(path, F_OK) < 0 && errno == ENOENT;
}

static int write_file(const struct journal *journal, int folder, const struct originals *originals)
{
    const struct originals *gone = originals->gone;
    char *text;
    int r;

    if (!originals->n && !(gone && gone->n))
        return unlinkat(folder, journal->name, 0) < 0 && errno != ENOENT ? -errno : 0;
    /* clang-format off */
    text = json_line(json_members(
        "format", json_string(format),
        "version", json_integer(VERSION),
        "resource", json_string(journal->resource),
        "host", json_from_text(journal->identity),
        "boot", json_from_text(journal->boot),
        "originals", originals_to_json(originals),
        "gone", gone ? originals_to_json(gone) : json_array(),
        NULL), JSON_DIGITS_EXACT);
    /* clang-format on */
    r = text ? owned_file_write(folder, journal->name, text) : -ENOMEM;
    free(text);
    return r;
}

int journal_write(const struct journal *journal, const struct originals *originals, struct err *err)
{
    int folder = state_folder_open(journal->folder, err);
    int r;

    if (folder < 0)
        return folder;
    r = write_file(journal, folder, originals);
    close(folder);
    return r < 0 ? err_set(err, r, "cannot write down what was found at first: %s", strerror(-r))
                 : 0;
}
