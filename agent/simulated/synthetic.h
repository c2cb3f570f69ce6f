/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_SYNTHETIC_H
#define EVENKEEL_AGENT_SIMULATED_SYNTHETIC_H

#include <stdbool.h>

#include "planner/base/err.h"
#include "planner/topology/facts.h"

/* A regular host in a few words: "node:2 llc:8 core:8 pu:2" is two NUMA nodes of eight last-level
 * caches of eight cores of two threads each. What is left out is one, and of a cache nothing is
 * told. */

/* Whether a text is of this kind, and no file's name. */
bool synthetic_is(const char *text);
/* pCPUs are numbered from the first node on, siblings beside each other. 0, -ENOMEM, or -EINVAL with
 * a sentence; topology_facts_done() is due in each case. */
int synthetic_parse(const char *text, struct topology_facts *ret, struct err *err);

#endif
