/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_STOP_JOB_H
#define EVENKEEL_AGENT_BASE_STOP_JOB_H

#include <stdbool.h>

/* Why systemd stops a service. It sends the same signal for a stop and for a restart; what it does stands
 * in the job of the service's unit (org.freedesktop.systemd1(5)), which lasts until it is done. */

/* Whether this process is a service that is started again as soon as it has ended, as upgrades do. False
 * where nobody tells: a process in the foreground, a host that goes down after its bus. Waits a second at most for each of
 * three answers. */
bool stop_job_is_restart(void);

#endif
