/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_RESOURCE_LOCK_H
#define EVENKEEL_AGENT_BASE_RESOURCE_LOCK_H

#include "planner/base/err.h"

/* One program per host and resource: each counts what is free as its own, so two would hand it out
 * twice. The lock is a file in /run/evenkeel, in the service's folder below it (RUNTIME_DIRECTORY), or in
 * the runtime folder of an ordinary user; the first two are looked at by everybody. Nobody else may open
 * it, or anybody could hold it: whether root's is held stands in /proc/locks for others. Who may not look at a
 * service's does not govern beside it. It ends with the process, whatever ends that. */

/* host: who the host is, whatever the connection is called. The descriptor that holds the lock, to
 * be closed at the end; -EBUSY with a sentence that names the other process or the file; or another negative
 * errno where no lock can be made. */
int resource_lock_take(const char *host, const char *resource, struct err *err);

#endif
