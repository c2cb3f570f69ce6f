/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_ROOT_FILE_H
#define EVENKEEL_AGENT_HOST_ROOT_FILE_H

#include <stddef.h>

#include "planner/base/cpuset.h"

/* Small files of the kernel. root is the folder in which /proc, /sys and /run stand: "" for this
 * machine, a folder of fixtures in tests. */

enum { ROOT_PATH_SIZE = 4096 };

/* The file's text without its last newline; longer ones are an error. 0 or a negative errno. */
int root_file_text(const char *root, const char *path, char *ret, size_t size);
/* A file that holds one list of pCPUs, "0-3,8". An empty list is one. 0 or a negative errno. */
int root_file_cpuset(const char *root, const char *path, struct cpuset *ret);
/* A file that holds such a set as a mask: words of at most 8 hexadecimal digits between commas, the
 * last one with pCPUs 0 to 31. 0 or a negative errno. */
int root_file_cpumask(const char *root, const char *path, struct cpuset *ret);

#endif
