/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/resource_lock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "agent/base/owned_file.h"

enum { MAX_PATH_BYTES = 4096, MAX_NAME_BYTES = 200 };

static int open_folder(char path[MAX_PATH_BYTES], struct err *err)
{
    const char *runtime = geteuid() == 0 ? "/run" : getenv("XDG_RUNTIME_DIR");

    if (!runtime || runtime[0] != '/')
        return err_set(err, -ENOENT, "XDG_RUNTIME_DIR names no folder for a lock");
    snprintf(path, MAX_PATH_BYTES, "%s/evenkeel", runtime);
    return owned_folder_open(path, true, "lock", err);
}

/* The host's name in a file's name; whoever named the host chose it. */
static void file_name(const char *host, const char *resource, char ret[MAX_NAME_BYTES])
{
    snprintf(ret, MAX_NAME_BYTES, "%s-%.120s.lock", resource, host);
    for (char *c = ret; *c; c++) {
        if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.')
            *c = '_';
    }
}

static int name_the_other(int fd, const char *path, const char *resource, struct err *err)
{
    char pid[16] = "";
    ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

    pid[n > 0 ? n : 0] = '\0';
    pid[strspn(pid, "0123456789")] = '\0';
    return err_set(err, -EBUSY,
                   "process %s governs this host's %s already (%s): end it first, or look on with "
                   "--dry-run",
                   pid[0] ? pid : "of an unknown number", resource, path);
}

int resource_lock_take(const char *host, const char *resource, struct err *err)
{
    char path[MAX_PATH_BYTES], name[MAX_NAME_BYTES], pid[16];
    int folder = open_folder(path, err), fd, n;

    if (folder < 0)
        return folder;
    file_name(host, resource, name);
    fd = openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    close(folder);
    if (fd < 0)
        return err_set(err, -errno, "cannot make the lock '%.100s/%s': %s", path, name,
                       strerror(errno));
    snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s", name);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int r = errno == EWOULDBLOCK
                    ? name_the_other(fd, path, resource, err)
                    : err_set(err, -errno, "cannot lock '%s': %s", path, strerror(errno));

        close(fd);
        return r;
    }
    n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) != n)
        err_set(err, -errno, "cannot write '%s'", path); /* the lock holds all the same */
    return fd;
}
