/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_MEMORY_RESTORE_H
#define EVENKEEL_PLANNER_MEMORY_RESTORE_H

#include <stdint.h>

#include "planner/base/sample.h"
#include "planner/memory/settings.h"

/* How much of the sizes found at the start may be given back at the end. There is one sample to
 * judge by, and no next interval that could mend a mistake. */

/* What may still be granted: free above the reserve, and above what guests were promised and have
 * not touched yet, as far as the host tells. */
uint64_t memory_restore_spare_kib(const struct memory_settings *settings,
                                  const struct memory_sample *sample);

/* The size to ask for, of a guest that held kept_kib at the start. Down: to no less than it needs
 * now (what it uses and the unused memory it keeps, never under the least size; where its report
 * does not tell, not at all). Up: by no more than spare_kib. */
uint64_t memory_restore_size_kib(const struct memory_settings *settings,
                                 const struct memory_reading *now, uint64_t kept_kib,
                                 uint64_t spare_kib);

#endif
