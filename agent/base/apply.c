/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/apply.h"

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
                     struct tally *tally,
                     void (*refused)(void *arg, const struct guest_id *guest, unsigned vcpu),
                     void *arg)
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
        if (r < 0 && r != -ENOENT && refused)
            refused(arg, &pin->guest, pin->vcpu);
    }
}

void apply_memory_plan(const struct host *host, const struct memory_plan *plan,
                       const struct log *log, struct tally *tally,
                       void (*undone)(void *arg, const struct guest_id *guest), void *arg)
{
    bool connected = true;

    for (size_t i = 0; i < plan->n_reclaims + plan->n_grants; i++) {
        const struct balloon_step *step =
            i < plan->n_reclaims ? &plan->reclaims[i] : &plan->grants[i - plan->n_reclaims];
        struct err err = {0};
        int r = -ENOTCONN;

        if (connected) {
            r = host->set_balloon(host->self, &step->guest, step->to_kib, &err);
            connected = tally_add(tally, log, &step->guest, r, &err);
        } else {
            tally->failed++;
        }
        if (r < 0 && undone)
            undone(arg, &step->guest);
    }
}
