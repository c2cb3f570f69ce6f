/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/returned.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/base/clock.h"

enum { MAX_QUESTIONS = 8 }; /* about guests that are in no sample, with each */

/* One sample, and a guest in it. */
struct meeting {
    struct originals *originals;
    const struct host *host;
    const struct log *log;
    const void *sample;
    bool (*is_there)(const struct meeting *meeting, const struct guest_id *guest);
    /* Whether what is kept of the guest is what it has now. */
    bool (*is_worn)(const struct meeting *meeting, const struct original *kept);
    size_t n_returned;
};

static bool is_about(const struct originals *originals, size_t i, const struct guest_id *guest)
{
    return i < originals->n && guest_compare(&originals->list[i]->guest, guest) == 0;
}

/* Earlier runs of the guest have ended; NO_RUN: all have. */
enum { NO_RUN = -1 };
static void part(struct meeting *meeting, const struct guest_id *guest, int run)
{
    struct originals *originals = meeting->originals;
    size_t i = originals_first(originals, guest);

    while (is_about(originals, i, guest)) {
        if (originals->list[i]->run == run || originals_leave(originals, i, clock_real_s()) < 0)
            i++;
    }
}

/* Nobody tells how it began: by what it has. */
static bool looks_returned(const struct meeting *meeting, const struct guest_id *guest,
                           size_t first)
{
    const struct originals *gone = meeting->originals->gone;

    for (size_t i = first; is_about(gone, i, guest); i++) {
        if (meeting->is_worn(meeting, gone->list[i]))
            return true;
    }
    return false;
}

/* Whether it is known now. What is found of a guest must not be taken for its owner's before. */
static bool decide(struct meeting *meeting, const struct guest_id *guest, int run, size_t first)
{
    struct originals *gone = meeting->originals->gone;
    const struct host *host = meeting->host;
    enum run_origin origin = RUN_UNTOLD;

    if (host->origin_of && host->origin_of(host->self, guest, &origin, NULL) < 0)
        return false;
    if (origin == RUN_RETURNED || (origin == RUN_UNTOLD && looks_returned(meeting, guest, first))) {
        if (originals_return(meeting->originals, guest, run) < 0)
            return false;
        meeting->n_returned++;
        log_line(meeting->log, LOG_NOTICE,
                 "guest '%s' came back with what it went with: what was found at first is known",
                 guest->name);
        return true;
    }
    for (size_t i = first; is_about(gone, i, guest); i++)
        gone->list[i]->met = run;
    return true;
}

static bool meet(struct meeting *meeting, const struct guest_id *guest, int run)
{
    struct originals *originals = meeting->originals, *gone = originals->gone;
    size_t first, kept;

    part(meeting, guest, run);
    if (!gone)
        return true;
    first = originals_first(originals, guest);
    kept = originals_first(gone, guest);
    return !is_about(gone, kept, guest) || gone->list[kept]->met == run ||
           is_about(originals, first, guest) || /* what was changed since was met before that */
           decide(meeting, guest, run, kept);
}

static void ask_after(struct meeting *meeting, const struct guest_id *guest)
{
    const struct host *host = meeting->host;
    int run, r = host->run_of(host->self, guest, &run, NULL);

    if (r >= 0 || r == -ENOENT)
        part(meeting, guest, r < 0 ? NO_RUN : run);
}

/* A guest that has ended is seen to have ended before it is back: once its daemon was started again, libvirt
 * counts runs from the highest one that goes on, and a later run may have an earlier one's number. */
static void miss(struct meeting *meeting)
{
    struct originals *originals = meeting->originals;
    size_t questions = meeting->host->run_of ? MAX_QUESTIONS : 0;
    struct guest_id last = {0};

    for (size_t left = originals->n; left && questions && originals->n; left--) {
        size_t i = originals->next % originals->n;
        bool is_asked = guest_compare(&originals->list[i]->guest, &last) == 0;

        originals->next = i + 1;
        last = originals->list[i]->guest;
        if (is_asked || meeting->is_there(meeting, &last))
            continue;
        questions--;
        ask_after(meeting, &last);
    }
}

static int compare_vcpus(const void *a, const void *b)
{
    const struct vcpu_reading *x = a, *y = b;
    int order = guest_compare(&x->guest, &y->guest);

    return order ? order : (x->vcpu > y->vcpu) - (x->vcpu < y->vcpu);
}

static bool is_pin_worn(const struct meeting *meeting, const struct original *kept)
{
    const struct vcpu_sample *sample = meeting->sample;
    const struct vcpu_reading key = {.guest = kept->guest, .vcpu = kept->vcpu}, *found = NULL;

    if (sample->n_vcpus && kept->has_mask && !kept->is_helpers)
        found = bsearch(&key, sample->vcpus, sample->n_vcpus, sizeof(key), compare_vcpus);
    return found && !cpuset_is_equal(&found->mask, &kept->mask) &&
           (cpuset_is_equal(&found->mask, &kept->set) ||
            cpuset_is_equal(&found->mask, &kept->set_before));
}

static int compare_readings(const void *a, const void *b)
{
    const struct guest_reading *x = a, *y = b;

    return guest_compare(&x->guest, &y->guest);
}

static bool has_vcpus_of(const struct meeting *meeting, const struct guest_id *guest)
{
    const struct vcpu_sample *sample = meeting->sample;
    const struct guest_reading key = {.guest = *guest};

    return sample->n_guests &&
           bsearch(&key, sample->guests, sample->n_guests, sizeof(key), compare_readings);
}

/* It is left as it is in this interval, emulator and all. */
static void bar(struct vcpu_sample *sample, const struct guest_id *guest)
{
    for (size_t i = 0; i < sample->n_vcpus; i++)
        sample->vcpus[i].has_strange_limits |= guest_compare(&sample->vcpus[i].guest, guest) == 0;
    for (size_t h = 0; h < sample->n_helpers; h++)
        sample->helpers[h].is_owners |= guest_compare(&sample->helpers[h].guest, guest) == 0;
}

size_t returned_meet_vcpus(struct originals *originals, const struct host *host,
                           struct vcpu_sample *sample, const struct log *log)
{
    struct meeting meeting = {originals, host, log, sample, has_vcpus_of, is_pin_worn, 0};

    miss(&meeting);
    for (size_t i = 0; i < sample->n_guests; i++)
        if (!meet(&meeting, &sample->guests[i].guest, sample->guests[i].run))
            bar(sample, &sample->guests[i].guest);
    return meeting.n_returned;
}

static int compare_guests(const void *a, const void *b)
{
    const struct memory_reading *x = a, *y = b;

    return guest_compare(&x->guest, &y->guest);
}

static const struct memory_reading *find_memory(const struct meeting *meeting,
                                                const struct guest_id *guest)
{
    const struct memory_sample *sample = meeting->sample;
    const struct memory_reading key = {.guest = *guest};

    if (!sample->n_guests)
        return NULL;
    return bsearch(&key, sample->guests, sample->n_guests, sizeof(key), compare_guests);
}

static bool has_memory_of(const struct meeting *meeting, const struct guest_id *guest)
{
    return find_memory(meeting, guest) != NULL;
}

static bool is_period_worn(const struct meeting *meeting, const struct original *kept)
{
    const struct memory_reading *found = find_memory(meeting, &kept->guest);

    return found && kept->has_period && kept->period_s != HOST_STATS_PERIOD_S &&
           found->stats_period_s == HOST_STATS_PERIOD_S;
}

size_t returned_meet_memory(struct originals *originals, const struct host *host,
                            struct memory_sample *sample, const struct log *log)
{
    struct meeting meeting = {originals, host, log, sample, has_memory_of, is_period_worn, 0};

    miss(&meeting);
    for (size_t i = 0; i < sample->n_guests; i++)
        sample->guests[i].policy.excluded |=
            !meet(&meeting, &sample->guests[i].guest, sample->guests[i].number);
    return meeting.n_returned;
}
