/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FOREIGN_SIZES_H
#define EVENKEEL_AGENT_FOREIGN_SIZES_H

#include "agent/base/log.h"
#include "planner/base/plan.h"

/* Whether somebody else changes guests' sizes, in words. Each sample has all of them, from one call; an
 * event of libvirt would tell no sooner who it was, as none tells that. */
struct foreign_sizes {
    struct foreign_size *list; /* owned, of the guests of the last plan */
    size_t n;
};
void foreign_sizes_done(struct foreign_sizes *sizes);

/* Says whose size somebody else has changed, once in a quarter of an hour for each: aloud where the size
 * before was ours, else with --verbose. And who is left to others from now on. Without memory nobody is
 * named. is_acting: the plan's steps are carried out. */
void foreign_sizes_say(struct foreign_sizes *sizes, const struct memory_plan *plan, uint64_t at_ns,
                       bool is_acting, const struct log *log);

#endif
