/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/base/plan.h"

#include <stdlib.h>
#include <string.h>

const char *guest_state_text(enum guest_state state)
{
    switch (state) {
    case GUEST_OK:
        return "ok";
    case GUEST_LEARNING:
        return "learning";
    case GUEST_SLOW:
        return "slow";
    case GUEST_STUCK:
        return "stuck";
    case GUEST_SILENT:
        return "silent";
    case GUEST_FIXED:
        return "fixed";
    }
    return "unknown";
}

void memory_plan_done(struct memory_plan *plan)
{
    if (!plan)
        return;
    free(plan->places);
    free(plan->reclaims);
    free(plan->grants);
    lp_free(plan->lp);
    lp_free(plan->lp_now);
    memset(plan, 0, sizeof(*plan));
}
