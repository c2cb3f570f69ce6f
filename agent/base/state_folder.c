/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/state_folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/owned_file.h"

const char state_folder_of_services[] = "/var/lib/evenkeel";
enum { MAX_PATH_BYTES = 4096 };

static int fits(int n, size_t size)
{
    return n > 0 && (size_t)n < size ? 0 : -ENOENT;
}

int state_folder_named(const char *option, char *ret, size_t size)
{
    const char *state = getenv("STATE_DIRECTORY");

    if (option)
        return fits(snprintf(ret, size, "%s", option), size);
    if (!state || state[0] != '/')
        return -ENOENT;
    return fits(snprintf(ret, size, "%.*s", (int)strcspn(state, ":"), state), size);
}

int state_folder_usual(const char *option, char *ret, size_t size)
{
    const char *user = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n = -1;

    if (state_folder_named(option, ret, size) == 0)
        return 0;
    if (option)
        return -ENOENT;
    if (geteuid() == 0)
        n = snprintf(ret, size, "%s", state_folder_of_services);
    else if (user && user[0] == '/')
        n = snprintf(ret, size, "%s/evenkeel", user);
    else if (home && home[0] == '/')
        n = snprintf(ret, size, "%s/.local/state/evenkeel", home);
    return fits(n, size);
}

int state_folder_open(const char *path, struct err *err)
{
    char part[MAX_PATH_BYTES];

    for (const char *at = path[0] ? strchr(path + 1, '/') : NULL; at; at = strchr(at + 1, '/')) {
        snprintf(part, sizeof(part), "%.*s", (int)(at - path), path);
        mkdir(part, 0755);
    }
    return owned_folder_open(path, true, "--state", err);
}
