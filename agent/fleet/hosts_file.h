/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_HOSTS_FILE_H
#define EVENKEEL_AGENT_FLEET_HOSTS_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "planner/base/err.h"

/* A list of hosts, one a line: URI [name=NAME] [reserve=MIB]. Empty lines and what follows a '#' at
 * the beginning of a word mean nothing. */

struct hosts_entry {
    char *uri;           /* as libvirt takes it */
    char *name;          /* given, else the URI's host, else the URI */
    int64_t reserve_mib; /* kept for the host; -1: not given */
};
struct hosts_file {
    struct hosts_entry *entries; /* [n] by name */
    size_t n;
};

/* 0, or a negative errno with a sentence that names file and line. */
int hosts_file_read(const char *path, struct hosts_file *ret, struct err *err);
void hosts_file_done(struct hosts_file *file);

#endif
