/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_PAGE_H
#define EVENKEEL_AGENT_PAGE_PAGE_H

#include "agent/page/run.h"

/* One page of one or two runs. Returns 0, or -EIO where out took not all of it. */
int page_write(FILE *out, const char *title, const struct run *const *runs, size_t n_runs);

#endif
