/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/apply.h"

#include <errno.h>

bool tally_add(struct tally *tally, const struct log *log, const struct guest_id *guest, int r,
               const struct err *err)
{
    if (r >= 0) {
        tally->done++;
        return true;
    }
    if (r == -ENOENT) {
        tally->gone++;
        log_line(log, LOG_DEBUG, "guest '%s' is gone, leaving it out", guest->name);
        return true;
    }
    tally->failed++;
    log_line(log, LOG_WARNING, "%s, going on with the others", err->text);
    return r != -ENOTCONN;
}

void apply_vcpu_plan(const struct host *host, const struct vcpu_plan *plan, const struct log *log,
                     struct tally *tally)
{
    for (size_t i = 0; i < plan->n_pins; i++) {
        const struct vcpu_pin *pin = &plan->pins[i];
        struct cpuset target = {0};
        struct err err = {0};
        int r;

        cpuset_add(&target, pin->to_pcpu);
        r = host->set_affinity(host->self, &pin->guest, pin->vcpu, &target, &err);
        if (!tally_add(tally, log, &pin->guest, r, &err)) {
            tally->failed += plan->n_pins - i - 1;
            return;
        }
    }
}

/* False once the connection is lost. */
static bool apply_steps(const struct host *host, const struct balloon_step *steps, size_t n,
                        const struct log *log, struct tally *tally)
{
    for (size_t i = 0; i < n; i++) {
        struct err err = {0};
        int r = host->set_balloon(host->self, &steps[i].guest, steps[i].to_kib, &err);

        if (!tally_add(tally, log, &steps[i].guest, r, &err)) {
            tally->failed += n - i - 1;
            return false;
        }
    }
    return true;
}

void apply_memory_plan(const struct host *host, const struct memory_plan *plan,
                       const struct log *log, struct tally *tally)
{
    if (apply_steps(host, plan->reclaims, plan->n_reclaims, log, tally))
        apply_steps(host, plan->grants, plan->n_grants, log, tally);
    else
        tally->failed += plan->n_grants;
}
