/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pauses that survive: a file in the state folder. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/json_values.h"
#include "agent/base/owned_file.h"
#include "agent/base/state_folder.h"
#include "agent/control/state.h"

static const char format[] = "evenkeel-pauses";
enum { VERSION = 1, MAX_BYTES = 1 << 20 };

static const char *file_name(const struct control *control)
{
    return control->program == PROGRAM_VCPU ? "pauses-vcpus.json" : "pauses-memory.json";
}

/* -ENOENT: there is none; -EINVAL: it is damaged. */
static int load(struct control *control, int folder)
{
    int fd = openat(folder, file_name(control), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    json_t *file = NULL;
    const char *found;
    int r = -EINVAL;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= MAX_BYTES)
        file = json_loadfd(fd, JSON_REJECT_DUPLICATES, NULL);
    close(fd);
    found = json_string_value(json_object_get(file, "format"));
    if (found && strcmp(found, format) == 0 &&
        json_integer_value(json_object_get(file, "version")) == VERSION)
        r = pauses_from_json(json_object_get(file, "pauses"),
                             (struct pause_clock){clock_real_s(), clock_steady_s()},
                             &control->pauses);
    json_decref(file);
    return r;
}

/* With the name that what is damaged has then; as it was where that cannot be. */
static const char *set_aside(const struct control *control, int folder, char *ret, size_t size)
{
    return owned_file_set_aside(folder, file_name(control), ret, size) < 0 ? file_name(control)
                                                                           : ret;
}

int control_keep(struct control *control, const char *folder, struct err *err)
{
    int fd = state_folder_open(folder, err), r;
    char aside[64];

    if (fd < 0)
        return fd;
    control->folder = strdup(folder);
    r = control->folder ? load(control, fd) : -ENOMEM;
    if (r == -EINVAL)
        err_set(err, r, "'%s/%s' is damaged: it is kept as '%s', and nothing is paused", folder,
                file_name(control), set_aside(control, fd, aside, sizeof(aside)));
    else if (r < 0 && r != -ENOENT)
        err_set(err, r, "cannot read '%s/%s': %s", folder, file_name(control), strerror(-r));
    close(fd);
    return r == -ENOENT ? 0 : r;
}

/* Into the folder of that name, which may be another one than at the start. */
static int write_file(const struct control *control, const char *text)
{
    struct err err = {0};
    int folder = state_folder_open(control->folder, &err), r;

    if (folder < 0)
        return folder;
    r = owned_file_write(folder, file_name(control), text);
    close(folder);
    return r;
}

int control_save_pauses(struct control *control)
{
    json_t *pauses;
    char *text;
    int r;

    if (control->yields_name) /* of a simulated host: they end with it, as it does */
        return 0;
    if (!control->folder)
        return -ENOENT;
    pthread_mutex_lock(&control->lock);
    pauses = pauses_to_json(&control->pauses);
    pthread_mutex_unlock(&control->lock);
    text = json_line(json_members("format", json_string(format), "version", json_integer(VERSION),
                                  "pauses", pauses, NULL),
                     JSON_DIGITS_SHORT);
    r = text ? write_file(control, text) : -ENOMEM;
    free(text);
    return r;
}
