/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLIENT_WHAT_IF_H
#define EVENKEEL_AGENT_CLIENT_WHAT_IF_H

#include "agent/client/client.h"

/* plan, as evenkeelctl(1) has it. */
int what_if_run(const struct request_line *line);

/* "web=512": a guest, whose name may have the sign too, and MiB. 0 or -EINVAL. */
int what_if_floor(const char *text, struct floor_asked *ret);

#endif
