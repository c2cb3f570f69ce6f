/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_OWNER_LIST_H
#define EVENKEEL_AGENT_HOST_OWNER_LIST_H

#include <stdbool.h>

#include "planner/base/cpuset.h"

/* A list of pCPUs as libvirt's domain XML has it: "0-3,^2,16383". Members from CPUSET_SIZE on are
 * no pCPU that could be online here and are left out. False: it is not such a list, and nothing is
 * known of what its owner wanted. */
bool owner_list_parse(const char *text, struct cpuset *ret);

#endif
