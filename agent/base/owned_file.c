/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/owned_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PATH_BYTES = 4096, MAX_NAME_BYTES = 256, MAX_NUMBER = 9999 };
const char owned_file_user[] = "evenkeel";

/* The services' user may change every guest, as root may. */
static bool is_service_user(uid_t uid)
{
    struct passwd entry, *found = NULL;
    char buffer[4096];

    return getpwnam_r(owned_file_user, &entry, buffer, sizeof(buffer), &found) == 0 && found &&
           found->pw_uid == uid;
}

static bool is_ours(const struct stat *of)
{
    bool owner_is_trusted =
        of->st_uid == geteuid() || of->st_uid == 0 || is_service_user(of->st_uid);
    bool group_may_write = of->st_mode & S_IWGRP && of->st_gid != getegid();

    return owner_is_trusted && !group_may_write && !(of->st_mode & S_IWOTH);
}

int owned_folder_open(const char *path, bool make, const char *option, struct err *err)
{
    struct stat status;
    int fd;

    if (make && mkdir(path, 0755) < 0 && errno != EEXIST)
        return err_set(err, -errno, "%s: cannot make folder '%s': %s", option, path,
                       strerror(errno));
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, -errno, "%s: cannot open folder '%s': %s%s", option, path,
                       strerror(errno),
                       errno == ELOOP || errno == ENOTDIR ? " (a link is not followed)" : "");
    if (fstat(fd, &status) < 0 || !is_ours(&status)) {
        close(fd);
        return err_set(err, -EPERM,
                       "%s: others may write to folder '%s' or own it: name a folder of your own",
                       option, path);
    }
    return fd;
}

static int make_new(int folder, const char *name, mode_t mode)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

    if (fd < 0)
        return -errno;
    return fd;
}

int owned_file_replace(int folder, const char *name)
{
    int fd = make_new(folder, name, 0644);

    if (fd == -EEXIST && unlinkat(folder, name, 0) == 0)
        fd = make_new(folder, name, 0644);
    return fd;
}

static bool is_plain_file(int folder, const char *name)
{
    struct stat status;

    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

/* name has room for the number behind it. */
static int make_numbered(int folder, char *name, size_t room)
{
    size_t n = strlen(name);
    int fd = make_new(folder, name, S_IRUSR | S_IWUSR);

    for (int i = 1; fd == -EEXIST && i <= MAX_NUMBER && is_plain_file(folder, name); i++) {
        snprintf(name + n, room - n, ".%d", i);
        fd = make_new(folder, name, S_IRUSR | S_IWUSR);
    }
    return fd;
}

int owned_file_new(const char *path, const char *option, char *ret, unsigned long size,
                   struct err *err)
{
    char folder_path[MAX_PATH_BYTES];
    size_t n = strlen(path);
    char *name;
    int folder, fd;

    if (n + sizeof(".9999") > size || n >= sizeof(folder_path))
        return err_set(err, -ENAMETOOLONG, "%s: the file's name is too long", option);
    memcpy(ret, path, n + 1);
    name = strrchr(ret, '/');
    name = name ? name + 1 : ret;
    snprintf(folder_path, sizeof(folder_path), "%.*s", (int)(name - ret), path);
    folder = owned_folder_open(*folder_path ? folder_path : ".", false, option, err);
    if (folder < 0)
        return folder;
    fd = make_numbered(folder, name, size - (size_t)(name - ret));
    close(folder);
    if (fd < 0)
        return err_set(err, fd, "%s: cannot write to '%s': %s", option, path, strerror(-fd));
    return fd;
}

static int write_text(int fd, const char *text)
{
    size_t n = strlen(text), done = 0;

    while (done < n) {
        ssize_t taken = write(fd, text + done, n - done);

        if (taken < 0 && errno != EINTR)
            return -errno;
        done += taken > 0 ? (size_t)taken : 0;
    }
    return 0;
}

/* What is done to the file before it is put in place. */
static int sync_to_disk(int fd)
{
    return fsync(fd) < 0 ? -errno : 0;
}

bool owned_file_is_single(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
}

void owned_file_give(int folder, int fd)
{
    struct stat status;

    if (geteuid() != 0 || fstat(folder, &status) < 0 || status.st_uid == 0 ||
        !owned_file_is_single(fd))
        return;
    if (fchown(fd, status.st_uid, status.st_gid) < 0)
        return; /* then it is root's, as anything else here */
}

static int open_to_all(int fd)
{
    return fchmod(fd, 0644) < 0 ? -errno : 0;
}

static int write_beside(int folder, const char *name, const char *text, int (*finish)(int fd))
{
    char partial[MAX_NAME_BYTES];
    int fd, r;

    if (snprintf(partial, sizeof(partial), "%s.part", name) >= (int)sizeof(partial))
        return -ENAMETOOLONG;
    fd = owned_file_replace(folder, partial);
    if (fd < 0)
        return fd;
    owned_file_give(folder, fd);
    r = write_text(fd, text);
    if (r >= 0)
        r = finish(fd);
    if (close(fd) < 0 && r >= 0)
        r = -errno;
    if (r >= 0 && renameat(folder, partial, folder, name) < 0)
        r = -errno;
    if (r < 0)
        unlinkat(folder, partial, 0);
    return r;
}

int owned_file_set_aside(int folder, const char *name, char *ret, unsigned long size)
{
    struct stat status;

    for (int i = 1; i <= MAX_NUMBER; i++) {
        if (snprintf(ret, size, "%s.damaged.%d", name, i) >= (int)size)
            return -ENAMETOOLONG;
        if (fstatat(folder, ret, &status, AT_SYMLINK_NOFOLLOW) < 0)
            return renameat(folder, name, folder, ret) < 0 ? -errno : 0;
    }
    return -EEXIST;
}

int owned_file_write(int folder, const char *name, const char *text)
{
    int r = write_beside(folder, name, text, sync_to_disk);

    return r >= 0 && fsync(folder) < 0 ? -errno : r;
}

int owned_file_show(int folder, const char *name, const char *text)
{
    return write_beside(folder, name, text, open_to_all);
}
