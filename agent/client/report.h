/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLIENT_REPORT_H
#define EVENKEEL_AGENT_CLIENT_REPORT_H

#include "agent/client/client.h"

/* report, as evenkeelctl(1) has it: a page of a recording, of a file of the history, or of the history. */
int report_run(const struct request_line *line);

#endif
