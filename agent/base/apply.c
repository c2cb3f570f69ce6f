/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/apply.h"

#include <errno.h>

#include "agent/base/event.h"

static bool count(struct tally *tally, const struct log *log, int priority,
                  const struct guest_id *guest, int r, const struct err *err)
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
    event_line(log, EVENT_FAILED, priority, guest, "%s, going on with the others", err->text);
    return r != -ENOTCONN;
}

bool tally_add(struct tally *tally, const struct log *log, const struct guest_id *guest, int r,
               const struct err *err)
{
    return count(tally, log, LOG_WARNING, guest, r, err);
}

static bool is_stopped(const struct stop *stop, const struct log *log, size_t left)
{
    if (!stop_is_asked(stop))
        return false;
    log_line(log, LOG_NOTICE, "asked to stop: the last %zu changes of the plan are not made", left);
    return true;
}

void apply_vcpu_plan(const struct host *host, const struct vcpu_plan *plan, const struct stop *stop,
                     const struct log *log, struct tally *tally,
                     void (*refused)(void *arg, const struct vcpu_pin *pin), void *arg)
{
    for (size_t i = 0; i < plan->n_pins; i++) {
        const struct vcpu_pin *pin = &plan->pins[i];
        struct cpuset from = vcpu_plan_pcpus(plan, pin->from_place);
        struct err err = {0};
        int r;

        if (is_stopped(stop, log, plan->n_pins - i))
            return;
        r = host->set_affinity(host->self, &pin->guest, pin->vcpu, &pin->to, &err);
        if (!tally_add(tally, log, &pin->guest, r, &err)) {
            tally->failed += plan->n_pins - i - 1;
            return;
        }
        if (tally_made(tally, i, r))
            event_pin(log, &pin->guest, pin->vcpu, &from, &pin->to, pin->reason, plan->gap);
        else if (r != -ENOENT && refused)
            refused(arg, pin);
    }
}

static int set_helpers(const struct host *host, const struct helper_pin *pin, struct err *err)
{
    if (!host->set_helpers)
        return err_set(err, -ENOTSUP, "guest '%.100s': its emulator cannot be pinned here",
                       pin->guest.name);
    return host->set_helpers(host->self, &pin->guest, pin->iothread, &pin->to, err);
}

void apply_helper_pins(const struct host *host, const struct vcpu_plan *plan,
                       const struct stop *stop, const struct log *log, struct tally *tally,
                       void (*refused)(void *arg, const struct helper_pin *pin), void *arg)
{
    for (size_t i = 0; i < plan->n_helper_pins; i++) {
        const struct helper_pin *pin = &plan->helper_pins[i];
        struct err err = {0};
        int r;

        if (is_stopped(stop, log, plan->n_helper_pins - i))
            return;
        r = set_helpers(host, pin, &err);
        if (!tally_add(tally, log, &pin->guest, r, &err)) {
            tally->failed += plan->n_helper_pins - i - 1;
            return;
        }
        if (tally_made(tally, plan->n_pins + plan->n_releases + i, r))
            event_helper(log, &pin->guest, pin->iothread, &pin->from, &pin->to, pin->reason,
                         plan->gap);
        else if (r != -ENOENT && refused)
            refused(arg, pin);
    }
}

void apply_memory_plan(const struct host *host, const struct memory_plan *plan,
                       const struct stop *stop, const struct log *log, struct tally *tally,
                       bool (*undone)(void *arg, const struct guest_id *guest, bool is_refused),
                       void *arg)
{
    bool connected = true;

    for (size_t i = 0; i < plan->n_reclaims + plan->n_grants; i++) {
        const struct balloon_step *step =
            i < plan->n_reclaims ? &plan->reclaims[i] : &plan->grants[i - plan->n_reclaims];
        struct err err = {0};
        bool is_news = true;
        int r = -ENOTCONN;

        if (is_stopped(stop, log, plan->n_reclaims + plan->n_grants - i))
            return;
        if (connected)
            r = host->set_balloon(host->self, &step->guest, step->to_kib, &err);
        if (tally_made(tally, i, r))
            event_size(log, &step->guest, step->from_kib, step->to_kib, step->reason, plan->gap);
        if (r < 0 && undone)
            is_news = undone(arg, &step->guest, r != -ENOENT && r != -ENOTCONN && r != -EBUSY);
        if (connected)
            connected = count(tally, log, is_news ? LOG_WARNING : LOG_DEBUG, &step->guest, r, &err);
        else
            tally->failed++;
    }
}
