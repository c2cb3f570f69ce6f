/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes and periods of statistics, as restore.h has them. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "agent/base/clock.h"
#include "agent/base/event.h"
#include "agent/base/guest_name.h"
#include "agent/history/changes.h"
#include "agent/restore.h"
#include "agent/returned.h"
#include "planner/memory/restore.h"

static int compare_guests(const void *a, const void *b)
{
    const struct memory_reading *x = a, *y = b;

    return guest_compare(&x->guest, &y->guest);
}

static const struct memory_reading *find_guest(const struct memory_sample *sample,
                                               const struct guest_id *guest)
{
    const struct memory_reading key = {.guest = *guest};

    if (sample->n_guests == 0)
        return NULL;
    return bsearch(&key, sample->guests, sample->n_guests, sizeof(key), compare_guests);
}

static int keep_steps(struct originals *originals, const struct memory_sample *sample,
                      const struct balloon_step *steps, size_t n, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < n && r >= 0; i++) {
        const struct memory_reading *reading = find_guest(sample, &steps[i].guest);

        if (reading)
            r = originals_keep(originals,
                               &(struct original){.guest = reading->guest,
                                                  .run = reading->number,
                                                  .has_size = true,
                                                  .actual_kib = reading->actual_kib},
                               err);
    }
    return r;
}

int restore_keep_memory(struct originals *originals, const struct memory_sample *sample,
                        const struct memory_plan *plan, struct err *err)
{
    int r = keep_steps(originals, sample, plan->reclaims, plan->n_reclaims, err);

    return r < 0 ? r : keep_steps(originals, sample, plan->grants, plan->n_grants, err);
}

void restore_forget(struct originals *originals, const struct host *host, size_t max_questions)
{
    size_t questions = originals->n < max_questions ? originals->n : max_questions;
    int64_t now_s = clock_real_s();

    for (size_t n = 0; host->run_of && n < questions; n++) {
        size_t i = originals->next % originals->n;

        if (!restore_has_ended(host, originals->list[i]) ||
            originals_leave(originals, i, now_s) < 0)
            originals->next = i + 1;
    }
}

struct sizes {
    struct originals *originals;
    const char *guest; /* NULL: all */
    const struct host *host;
    const struct stop *stop;
    const struct memory_settings *settings;
    const struct memory_sample *sample;
    const struct log *log;
    struct tally *tally;
    uint64_t spare_kib;
};

/* Its size is what the owner had: only that of its statistics may be left to do. */
static void size_is_back(struct original *original)
{
    original->has_size = false;
}

/* trouble: why it was not done, which is told of once; or NULL. */
static void tell_put_back(const struct sizes *sizes, const struct memory_reading *now,
                          uint64_t target_kib, const char *trouble)
{
    if (!trouble)
        event_size(sizes->log, &now->guest, now->actual_kib, target_kib, "put back", NAN);
    if (sizes->tally->changes && (!trouble || sizes->log))
        json_array_append_new(
            sizes->tally->changes,
            changes_size_put_back(&now->guest, now->actual_kib, target_kib, trouble));
}

/* One guest; false once the connection is lost. */
static bool restore_size(struct sizes *sizes, const struct memory_reading *now,
                         struct original *original)
{
    bool is_grant = original->actual_kib > now->actual_kib;
    const char *limit = is_grant ? "the host has no more above its reserve" : "it needs them now";
    struct err err = {0};
    uint64_t target =
        memory_restore_size_kib(sizes->settings, now, original->actual_kib, sizes->spare_kib);
    int r = 0;

    if (target != original->actual_kib)
        log_line(sizes->log, LOG_WARNING,
                 "guest '%s' gets %" PRIu64 " KiB back instead of the %" PRIu64
                 " KiB found at start: %s",
                 now->guest.name, target, original->actual_kib, limit);
    if (target == now->actual_kib) {
        tell_put_back(sizes, now, original->actual_kib, limit);
        return true;
    }
    if (is_grant)
        sizes->spare_kib -= target - now->actual_kib;
    r = sizes->host->set_balloon(sizes->host->self, &now->guest, target, &err);
    if (r != -ENOENT)
        tell_put_back(sizes, now, target, r < 0 ? err.text : NULL);
    if (r >= 0 && target == original->actual_kib)
        size_is_back(original);
    if (r == -ENOENT)
        original->gone_s = clock_real_s();
    return tally_add(sizes->tally, sizes->log, &now->guest, r, &err);
}

/* One direction of all guests; false once the connection is lost. */
static bool restore_sizes(struct sizes *sizes, bool grants)
{
    for (size_t i = 0; i < sizes->originals->n && !stop_is_asked(sizes->stop); i++) {
        struct original *original = sizes->originals->list[i];
        const struct memory_reading *now = find_guest(sizes->sample, &original->guest);

        if (!now || !original->has_size || now->number != original->run ||
            !original_is_of(original, sizes->guest))
            continue;
        if (host_is_changing(sizes->host, &original->guest))
            sizes->tally->failed += !grants;
        else if (original->actual_kib == now->actual_kib)
            size_is_back(original);
        else if ((original->actual_kib > now->actual_kib) == grants &&
                 !restore_size(sizes, now, original))
            return false;
    }
    return true;
}

static void restore_periods(struct sizes *sizes)
{
    const struct host *host = sizes->host;

    for (size_t i = 0; i < sizes->originals->n && !stop_is_asked(sizes->stop); i++) {
        struct original *original = sizes->originals->list[i];
        const struct memory_reading *now = find_guest(sizes->sample, &original->guest);
        struct err err = {0};

        if (!now || !original->has_period || !host->ask_for_stats ||
            !original_is_of(original, sizes->guest))
            continue;
        if (host->ask_for_stats(host->self, &original->guest, original->period_s, &err) >= 0)
            original->has_period = false;
        else
            log_line(sizes->log, LOG_WARNING, "%s", err.text);
    }
}

/* What is left is owed. */
static void drop_settled(struct sizes *sizes)
{
    size_t i = 0;

    while (i < sizes->originals->n && !stop_is_asked(sizes->stop)) {
        const struct original *original = sizes->originals->list[i];
        const struct memory_reading *now = find_guest(sizes->sample, &original->guest);
        bool is_back = !original->has_size && !original->has_period;
        bool has_ended = original->gone_s || (!now && restore_has_ended(sizes->host, original));

        if (is_back)
            originals_drop(sizes->originals, i);
        else if (!has_ended || originals_leave(sizes->originals, i, clock_real_s()) < 0)
            i++;
    }
}

/* NULL: anybody. */
static bool is_there(const struct memory_sample *sample, const char *guest)
{
    bool found = !guest;

    for (size_t i = 0; i < sample->n_guests && !found; i++)
        found = guest_is_called(&sample->guests[i].guest, guest);
    return found;
}

int restore_memory(struct originals *originals, const char *guest, const struct host *host,
                   const struct stop *stop, const struct memory_settings *settings,
                   const struct log *log, struct tally *tally, struct err *err)
{
    struct memory_sample sample = {0};
    struct sizes sizes = {.originals = originals,
                          .guest = guest,
                          .host = host,
                          .stop = stop,
                          .settings = settings,
                          .sample = &sample,
                          .log = log,
                          .tally = tally};
    int r;

    r = host->sample_all_memory ? host->sample_all_memory(host->self, &sample, err)
                                : host->sample_memory(host->self, &sample, err);
    if (r < 0)
        return r;
    returned_meet_memory(originals, host, &sample, log);
    r = originals_look_for(originals, guest, is_there(&sample, guest), err);
    sizes.spare_kib = memory_restore_spare_kib(settings, &sample);
    if (r >= 0 && restore_sizes(&sizes, false) && restore_sizes(&sizes, true))
        restore_periods(&sizes);
    drop_settled(&sizes);
    originals->is_changed = true;
    memory_sample_done(&sample);
    return r;
}
