/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_INCOMING_H
#define EVENKEEL_AGENT_FLEET_INCOMING_H

#include <stddef.h>

#include "planner/base/cpuset.h"

/* What libvirt's hook does to the definition of a guest that arrives by migration. Pins of the running guest travel in
 * it, whoever made them, and one that names none of this host's pCPUs makes libvirt refuse the guest:
 * such pins are taken out, and all else stays. Whose a pin is cannot be told here: the definition does not say, and
 * what was found before the first pin is known where the guest comes from. So one that can be kept is kept. */

/* 1 with malloc'ed text, 0 where nothing has to be taken out, -EINVAL where that is no guest's definition,
 * -ENOMEM. */
int incoming_filter(const char *xml, size_t n, const struct cpuset *online, char **ret,
                    size_t *ret_n);

/* Standard input to standard output. Says nothing where there is nothing to change, and after any failure:
 * then libvirt goes on with what it had. Returns 0, for libvirt takes any other status for a refusal. */
int incoming_run(void);

#endif
