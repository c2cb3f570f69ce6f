/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/memory/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/memory/missing.h"
#include "planner/base/units.h"
#include "planner/memory/layers.h"

static int64_t mib(int64_t kib)
{
    return kib / KIB_PER_MIB;
}

static int64_t mib_up(int64_t kib)
{
    return (kib + KIB_PER_MIB - 1) / KIB_PER_MIB;
}

static const char *why_locked(enum memory_lock lock)
{
    switch (lock) {
    case MEMORY_LOCK_LOCKED:
        return "its memory is locked: a balloon would free nothing";
    case MEMORY_LOCK_HUGE_PAGES:
        return "its memory is in huge pages: a balloon would free nothing";
    case MEMORY_LOCK_DEVICE:
        return "its memory belongs to an assigned device: a balloon would free nothing";
    case MEMORY_LOCK_DISK:
        return "its memory is mapped for a disk that its process drives itself: a balloon would "
               "free nothing";
    case MEMORY_LOCK_ENCRYPTED:
        return "its memory is encrypted (launch security): a balloon would free nothing";
    case MEMORY_LOCK_UNCOUNTED:
        return "it has virtio-mem, and libvirt does not tell how much of it is plugged";
    case MEMORY_LOCK_UNREAD:
        return "its definition has not been read yet; it is planned when it has";
    case MEMORY_LOCK_UNREADABLE:
        return "its definition cannot be read, so nobody knows what its owner wants";
    case MEMORY_LOCK_UNTOLD:
        break;
    }
    return "its memory is locked or belongs to an assigned device: a balloon would free nothing";
}

static const char *why_fixed(const struct memory_reading *reading)
{
    if (reading->policy.excluded)
        return "left alone, as its definition, an option or a pause has it";
    if (!reading->has_balloon)
        return "it has no balloon device; with one its memory could be planned";
    if (reading->locked)
        return why_locked(reading->lock);
    switch (reading->run) {
    case GUEST_PAUSED:
        return "it is paused; it is planned again when it runs";
    case GUEST_MIGRATING:
        return "it is migrating; it is planned again afterwards";
    case GUEST_ARRIVING:
        return "it is arriving by migration: the host keeps all that it may hold; it is planned "
               "when it runs";
    case GUEST_STARTING:
        return "it is starting, or arriving by migration: the host keeps all that it may hold; it "
               "is "
               "planned when it runs";
    default:
        return "it is not running";
    }
}

static void explain_silent(const struct memory_track *track, char *text, size_t size)
{
    snprintf(text, size, "keeps its size: %s; believed again after two good reports",
             track->belief.why_not[0] ? track->belief.why_not : "it did not report believably");
}

static void explain_refused(const struct memory_track *track, char *text, size_t size)
{
    const struct backoff *refused = &track->refused;

    snprintf(text, size,
             "its balloon call was refused (%u in a row); it keeps its size and is asked again in "
             "%.0f s",
             refused->times, seconds_from_ns(refused->until_ns - track->seen_ns));
}

static void explain_keeping(const struct memory_track *track, char *text, size_t size)
{
    const struct memory_yield *yield = &track->yield;

    snprintf(text, size,
             "its balloon shrank and the host got nothing back; it is given its %" PRId64
             " MiB again and asked for memory in %.0f s",
             mib(yield->wanted_kib), seconds_from_ns(yield->wait.until_ns - track->seen_ns));
}

static void explain_stuck(uint64_t at_ns, const struct memory_track *track, char *text, size_t size)
{
    const struct memory_response *response = &track->response;
    bool is_down = response->down.until_ns != 0;
    const struct memory_refusal *refusal = is_down ? &response->down : &response->up;
    uint64_t left_ns = refusal->until_ns > at_ns ? refusal->until_ns - at_ns : 0;

    snprintf(text, size,
             "does not go %s %" PRId64 " MiB; the others are planned around it, and it is asked "
             "again in %.0f s",
             is_down ? "below" : "beyond", mib(refusal->at_kib), seconds_from_ns(left_ns));
}

static void explain_left(uint64_t at_ns, const struct memory_track *track, char *text, size_t size)
{
    bool is_raised = backoff_is_waiting(&track->hands.raised.backoff, at_ns);
    const struct memory_hand *hand = is_raised ? &track->hands.raised : &track->hands.lowered;
    const struct memory_refusal *refusal = is_raised ? &track->response.down : &track->response.up;

    snprintf(text, size,
             "somebody else %s again and again%s: it is not brought %s %" PRId64 " MiB for %.0f s",
             is_raised ? "raises it" : "lowers it", is_raised ? ", or it does so by itself" : "",
             is_raised ? "below" : "beyond", mib(refusal->at_kib),
             seconds_from_ns(hand->backoff.until_ns - at_ns));
}

static void explain_short(const struct memory_interval *interval,
                          const struct memory_missing *missing, size_t i, char *text, size_t size)
{
    const struct memory_item *item = &interval->items[i];
    int64_t holds = interval->settled.sizes_kib[i];
    bool is_broken = holds < item->floor_kib;
    int64_t goal = is_broken ? item->floor_kib : item->wish_kib;
    int64_t more = memory_missing_kib(missing, i, is_broken ? MEMORY_FLOOR : MEMORY_WISH);
    const char *name = interval->sample->guests[i].guest.name;

    snprintf(text, size,
             "gets %" PRId64 " of %" PRId64 " MiB (%s), its fair share of what there is; %" PRId64
             " MiB more host memory would let %.60s reach its %s",
             mib(holds), mib(goal), is_broken ? "floor" : "wish", mib_up(more), name,
             is_broken ? "floor" : "wish");
}

/* What the guest would be left with without a floor of its own. */
static int64_t need_kib(const struct memory_interval *interval, size_t i)
{
    int64_t unused = (int64_t)interval->settings->guest_unused_kib;
    int64_t least = (int64_t)interval->settings->guest_least_kib;
    int64_t needs = interval->tracks[i].belief.used_kib + unused;

    return needs > least ? needs : least;
}

static bool explain_policy(const struct memory_interval *interval, size_t i, char *text,
                           size_t size)
{
    const struct memory_policy *policy = &interval->sample->guests[i].policy;
    const char *name = interval->sample->guests[i].guest.name;
    int64_t holds = interval->settled.sizes_kib[i];
    int64_t beyond = (int64_t)policy->floor_kib - need_kib(interval, i);

    if (policy->has_pin) {
        snprintf(text, size, "pinned to %" PRIu64 " MiB", policy->pin_kib / KIB_PER_MIB);
        return true;
    }
    if (!policy->has_floor || beyond <= 0 || holds > (int64_t)policy->floor_kib)
        return false;
    if (interval->settled.dual > 0)
        snprintf(text, size,
                 "at its floor of %" PRIu64 " MiB; %.60s's floor costs the others %" PRId64 " MiB",
                 policy->floor_kib / KIB_PER_MIB, name, mib_up(beyond));
    else
        snprintf(text, size, "at its floor of %" PRIu64 " MiB, %" PRId64 " MiB more than it needs",
                 policy->floor_kib / KIB_PER_MIB, mib_up(beyond));
    return true;
}

static void explain_content(const struct memory_interval *interval, size_t i, char *text,
                            size_t size)
{
    const struct memory_track *track = &interval->tracks[i];
    const struct memory_item *item = &interval->items[i];
    int64_t ceiling = memory_layers_ceiling_kib(&interval->sample->guests[i], track);
    int64_t used = track->belief.used_kib;
    int64_t holds = interval->settled.sizes_kib[i];

    if (holds >= ceiling && need_kib(interval, i) > ceiling)
        snprintf(text, size,
                 "at its ceiling of %" PRId64 " MiB with %" PRId64
                 " MiB in use; only a higher maximum would give it more",
                 mib(ceiling), mib(used));
    else if (holds == item->lower_kib && holds > item->rest_kib)
        snprintf(
            text, size,
            "has %" PRId64 " MiB more than it needs; released by at most %" PRIu64
            " MiB per interval",
            mib(item->current_kib - item->rest_kib),
            memory_settings_release_limit_kib(interval->settings, (uint64_t)item->current_kib) /
                KIB_PER_MIB);
    else if (track->demand.phase == PHASE_RISING)
        snprintf(text, size,
                 "has its wish: %" PRId64 " MiB in use, growing by %.0f MiB/s, with room for the "
                 "next interval",
                 mib(used), track->demand.growth_kib_per_s / KIB_PER_MIB);
    else
        snprintf(text, size, "has its wish: %" PRId64 " MiB in use and %" PRId64 " MiB beside it",
                 mib(used), mib(holds - used));
}

static void explain_place(const struct memory_interval *interval,
                          const struct memory_missing *missing, size_t i, char *text, size_t size)
{
    const struct memory_reading *reading = &interval->sample->guests[i];
    const struct memory_track *track = &interval->tracks[i];
    const struct memory_item *item = &interval->items[i];

    if (!memory_track_is_movable(reading))
        snprintf(text, size, "%s", why_fixed(reading));
    else if (memory_track_is_refused(track))
        explain_refused(track, text, size);
    else if (track->state == GUEST_KEEPING)
        explain_keeping(track, text, size);
    else if (!memory_track_is_plannable(reading, track))
        explain_silent(track, text, size);
    else if (interval->settled.sizes_kib[i] < item->wish_kib)
        explain_short(interval, missing, i, text, size);
    else if (track->state == GUEST_LEFT)
        explain_left(interval->sample->at_ns, track, text, size);
    else if (track->state == GUEST_STUCK)
        explain_stuck(interval->sample->at_ns, track, text, size);
    else if (!explain_policy(interval, i, text, size))
        explain_content(interval, i, text, size);
}

int memory_explain_places(const struct memory_interval *interval, struct memory_plan *plan)
{
    struct memory_missing *missing;
    int r = memory_missing_new(&interval->problem, &missing);

    if (r < 0)
        return r;
    for (size_t i = 0; i < plan->n_places; i++)
        explain_place(interval, missing, i, plan->places[i].explain,
                      sizeof(plan->places[i].explain));
    memory_missing_free(missing);
    return 0;
}

/* Appends at *used; what does not fit is left out whole. */
static void append_guest(char *text, size_t size, size_t *used, const char *separator,
                         const char *name, int64_t short_kib)
{
    int n = snprintf(text + *used, size - *used, "%s%.40s (%" PRId64 " MiB)", separator, name,
                     mib_up(short_kib));

    if (n > 0 && (size_t)n < size - *used)
        *used += (size_t)n;
    else
        text[*used] = '\0';
}

static void name_the_short(const struct memory_interval *interval, struct memory_plan *plan,
                           size_t used)
{
    const char *separator = "; short of them: ";
    bool has_named = false;

    for (size_t i = 0; i < plan->n_places; i++) {
        int64_t short_kib = interval->items[i].floor_kib - interval->settled.sizes_kib[i];

        if (short_kib <= 0)
            continue;
        append_guest(plan->note, sizeof(plan->note), &used, separator, plan->places[i].guest.name,
                     short_kib);
        separator = ", ";
        has_named = true;
    }
    if (!has_named) /* who may not be brought down holds what the reserve lacks */
        snprintf(plan->note + used, sizeof(plan->note) - used,
                 "; every guest has its own, the host lacks it of its reserve");
}

/* The first one that is left alone for a reason that somebody could do away with. */
static void note_guests(const struct memory_interval *interval, struct memory_plan *plan)
{
    for (size_t i = 0; i < plan->n_places; i++) {
        enum guest_state state = interval->tracks[i].state;

        if (state == GUEST_KEEPING)
            snprintf(
                plan->note, sizeof(plan->note),
                "%.60s keeps what its balloon took: the host got nothing back, so it is left alone",
                plan->places[i].guest.name);
        else if (state == GUEST_LEFT)
            snprintf(plan->note, sizeof(plan->note),
                     "somebody else sets the size of %.60s again and again: it is left to him",
                     plan->places[i].guest.name);
        if (plan->note[0])
            return;
    }
}

void memory_explain_note(const struct memory_interval *interval, struct memory_plan *plan)
{
    int n = 0;

    plan->note[0] = '\0';
    if (plan->missing_kib > 0) {
        n = snprintf(plan->note, sizeof(plan->note),
                     "the floors need %" PRIu64 " MiB more than there is",
                     (plan->missing_kib + KIB_PER_MIB - 1) / KIB_PER_MIB);
        name_the_short(interval, plan, (size_t)n);
    } else if (interval->host.spare_kib < 0) {
        snprintf(plan->note, sizeof(plan->note),
                 "if every guest touched what it was granted, the host would be %" PRId64
                 " MiB below its reserve",
                 -interval->host.spare_kib / KIB_PER_MIB);
    } else {
        note_guests(interval, plan);
    }
}
