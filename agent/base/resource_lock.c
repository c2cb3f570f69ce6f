/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/resource_lock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "agent/base/owned_file.h"

enum { MAX_PATH_BYTES = 4096, MAX_NAME_BYTES = 200 };

static const char system_folder[] = "/run/evenkeel";

/* A service has a folder of its own below the system's (RuntimeDirectory=). */
static int open_folder(char path[MAX_PATH_BYTES], struct err *err)
{
    const char *service = getenv("RUNTIME_DIRECTORY");
    const char *runtime = getenv("XDG_RUNTIME_DIR");

    if (service && service[0] == '/')
        snprintf(path, MAX_PATH_BYTES, "%.*s", (int)strcspn(service, ":"), service);
    else if (geteuid() == 0)
        snprintf(path, MAX_PATH_BYTES, "%s", system_folder);
    else if (runtime && runtime[0] == '/')
        snprintf(path, MAX_PATH_BYTES, "%s/evenkeel", runtime);
    else
        return err_set(err, -ENOENT, "XDG_RUNTIME_DIR names no folder for a lock");
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

static long read_pid(int fd)
{
    char text[16] = "";
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    return strtol(text, NULL, 10);
}

static bool has_ended(long pid)
{
    return pid > 0 && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static int name_the_other(long pid, const char *path, const char *resource, struct err *err)
{
    if (pid <= 0)
        return err_set(err, -EBUSY,
                       "a process of an unknown number governs this host's %s already (%s): end it "
                       "first, or look on with --dry-run",
                       resource, path);
    if (has_ended(pid))
        return err_set(err, -EBUSY,
                       "process %ld, which governed this host's %s, has ended, and somebody else "
                       "holds its lock (fuser %s): end that, or take the file away",
                       pid, resource, path);
    return err_set(err, -EBUSY,
                   "process %ld governs this host's %s already (%s): end it first, or look on with "
                   "--dry-run",
                   pid, resource, path);
}

/* Whoever may open a file can hold its lock. Ours are nobody else's to open; those of earlier releases were,
 * and of these a lock counts only while the process lives that wrote its number there. */
static bool is_anybodys(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0 &&
           has_ended(read_pid(fd));
}

/* Who holds the lock of a file that is not ours to open, by the kernel's list of locks, proc_locks(5). 0:
 * nobody, -1: nobody tells. */
static long find_holder(const char *path)
{
    FILE *locks = fopen("/proc/locks", "re");
    unsigned major, minor;
    unsigned long inode;
    struct stat status;
    char line[256];
    long found = locks && stat(path, &status) == 0 ? 0 : -1, pid;

    while (found == 0 && fgets(line, sizeof(line), locks)) {
        if (sscanf(line, "%*d: FLOCK %*s %*s %ld %x:%x:%lu", &pid, &major, &minor, &inode) == 4 &&
            inode == status.st_ino && makedev(major, minor) == status.st_dev)
            found = pid;
    }
    if (locks)
        fclose(locks);
    return found;
}

/* A service's folder goes when it ends, so what is there is its lock. Its files are nobody else's to open, or
 * anybody could hold them. */
static int refuse_unseen(const char *path, const char *resource, struct err *err)
{
    return err_set(err, -EBUSY,
                   "whether a service governs this host's %s is not ours to see (%s): be root, or "
                   "look on with --dry-run",
                   resource, path);
}

/* A lock file that cannot be opened: the kernel may still tell who holds it. */
static int look_from_outside(const char *path, bool is_service, const char *resource,
                             struct err *err)
{
    long holder = errno != EACCES ? 0 : is_service ? -1 : find_holder(path);

    if (holder < 0)
        return refuse_unseen(path, resource, err);
    return holder > 0 ? name_the_other(holder, path, resource, err) : 0;
}

static int look_at(const char *path, bool is_service, const char *resource, struct err *err)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), r = 0;

    if (fd < 0)
        return look_from_outside(path, is_service, resource, err);
    if (flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK && !is_anybodys(fd))
        r = name_the_other(read_pid(fd), path, resource, err);
    close(fd);
    return r;
}

/* Whoever governs the host with a lock in another of the folders: the service, or root by hand. */
static int look_for_others(const char *own_path, const char *name, const char *resource,
                           struct err *err)
{
    static const char *const folders[] = {"", "/vcpu", "/memory"};
    char path[MAX_PATH_BYTES];
    int r = 0;

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && r == 0; i++) {
        snprintf(path, sizeof(path), "%s%s/%s", system_folder, folders[i], name);
        if (strcmp(path, own_path) != 0)
            r = look_at(path, i > 0, resource, err);
    }
    return r;
}

/* One that others have opened is another one's as soon as it has this name no more. */
static int make_file(int folder, const char *name)
{
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(folder, name, flags, S_IRUSR | S_IWUSR);

    if (fd >= 0 && is_anybodys(fd) && unlinkat(folder, name, 0) == 0) {
        close(fd);
        fd = openat(folder, name, flags, S_IRUSR | S_IWUSR);
    }
    return fd;
}

int resource_lock_take(const char *host, const char *resource, struct err *err)
{
    char path[MAX_PATH_BYTES], name[MAX_NAME_BYTES], pid[16];
    int folder = open_folder(path, err), fd, n;

    if (folder < 0)
        return folder;
    file_name(host, resource, name);
    fd = make_file(folder, name);
    close(folder);
    if (fd < 0)
        return err_set(err, -errno, "cannot make the lock '%.100s/%s': %s", path, name,
                       strerror(errno));
    snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s", name);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int r = errno == EWOULDBLOCK
                    ? name_the_other(read_pid(fd), path, resource, err)
                    : err_set(err, -errno, "cannot lock '%s': %s", path, strerror(errno));

        close(fd);
        return r;
    }
    if (look_for_others(path, name, resource, err) < 0) {
        close(fd);
        return -EBUSY;
    }
    n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) != n)
        err_set(err, -errno, "cannot write '%s'", path); /* the lock holds all the same */
    return fd;
}
