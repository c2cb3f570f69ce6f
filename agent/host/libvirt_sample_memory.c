/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/libvirt_sample_memory.h"

#include <assert.h>
#include <errno.h>

#include "agent/base/clock.h"
#include "agent/base/host.h"
#include "agent/host/sample_build.h"

/* Whether its balloon should be asked to report, which only the owner of this sample does. */
static bool lacks_stats(const struct sampling *sampling, const struct guest_entry *entry)
{
    const struct guest_definition *definition = &entry->definition;

    return !sampling->read_only && definition->has_balloon && !definition->policy.memory.excluded &&
           definition->stats_period_s != HOST_STATS_PERIOD_S;
}

static bool has_our_clock(const struct sampling *sampling)
{
    return local_host_is_meant(sampling->uri);
}

/* While another client asks a guest something, the bulk call leaves out what it would have to wait
 * for: two programs with the same interval may lose each report. Such a guest is asked once more,
 * alone; one that does not tell even then is not asked again before its next definition. */
static int read_balloon(struct sampling *sampling, struct active_guest *guest,
                        struct guest_entry *entry, struct err *err)
{
    bool is_bare = !guest->stats.has_actual || !guest->stats.has_maximum;
    bool all = entry->tells && entry->definition.has_balloon;
    int r = libvirt_balloon(sampling->libvirt, guest, all, err);

    entry->tells = guest->stats.memory.has & MEMORY_HAS_UNUSED;
    return r == -ENOTCONN || is_bare ? r : 0;
}

/* Without a definition there may be a balloon, and nobody knows what forbids to use it. */
static void take_definition(const struct guest_entry *entry, struct memory_reading *reading)
{
    reading->has_balloon = !entry->known || entry->definition.has_balloon;
    if (entry->known)
        memory_xml_correct(&entry->definition.memory, reading);
    else
        reading->lock = entry->is_unreadable ? MEMORY_LOCK_UNREADABLE : MEMORY_LOCK_UNREAD;
    reading->locked = reading->lock != MEMORY_LOCK_UNTOLD;
    reading->policy = entry->definition.policy.memory;
}

/* Both ends of a migration are paused by it for a while. At the one that it leaves, the guest has run. */
static void take_run(const struct active_guest *guest, struct guest_entry *entry,
                     struct memory_reading *reading)
{
    reading->run = guest_stats_run(&guest->stats);
    entry->has_run |= reading->run == GUEST_RUNNING;
    if (reading->run == GUEST_MIGRATING && !entry->has_run)
        reading->run = GUEST_ARRIVING;
    if (entry->busy)
        entry->busy = !libvirt_is_free(guest);
    if (entry->busy && reading->run != GUEST_ARRIVING)
        reading->run = GUEST_MIGRATING;
}

static int add_guest(struct sampling *sampling, struct memory_sample *sample, size_t *room,
                     struct active_guest *guest, struct err *err)
{
    struct memory_reading *reading;
    struct guest_entry *entry = NULL;
    int64_t real_now_s = has_our_clock(sampling) ? clock_real_s() : 0;
    int r;

    r = sampling_see(sampling, guest, sample->at_ns, LIBVIRT_BALLOONS, &entry, err);
    if (r < 0)
        return r;
    assert(entry);
    r = read_balloon(sampling, guest, entry, err);
    if (r < 0)
        return r;
    reading = memory_sample_add(sample, room);
    if (!reading)
        return err_set(err, -ENOMEM, "out of memory");
    *reading = guest->stats.memory;
    reading->guest = guest->id;
    reading->number = guest->number;
    reading->lacks_stats = lacks_stats(sampling, entry);
    reading->stats_period_s = entry->definition.stats_period_s;
    take_definition(entry, reading);
    if (guest->stats.has_update) {
        reading->stats_age_ns =
            guest_entry_stats_age_ns(entry, guest->stats.last_update_s, real_now_s, sample->at_ns);
        reading->has |= MEMORY_HAS_AGE;
        entry->is_silent = reading->stats_age_ns > guest_reread_ns;
    }
    take_run(guest, entry, reading);
    return 0;
}

static int fill_host(struct sampling *sampling, struct memory_sample *sample, struct err *err)
{
    struct host_memory memory, kernel;
    int r;

    r = libvirt_host_memory(sampling->libvirt, &memory, err);
    if (r < 0)
        return r;
    if (sampling->root && meminfo_read(sampling->root, &kernel) >= 0)
        host_memory_reduce(&memory, &kernel);
    if (sampling->root)
        sample->host_arc_kib = meminfo_arc_kib(sampling->root);
    sample->host_total_kib = memory.total_kib;
    sample->host_free_kib = memory.free_kib;
    sample->host_available_kib = memory.available_kib;
    return 0;
}

/* The host is read after the guests: what a guest took in the meantime is then missing from the
 * free memory as well, and not counted as free. */
static int fill_memory(struct sampling *sampling, struct memory_sample *sample, struct err *err)
{
    struct active_guests active = {0};
    size_t room = 0, first;
    int r;

    sample->at_ns = clock_monotonic_ns();
    r = libvirt_guests(sampling->libvirt, LIBVIRT_BALLOONS, &active, err);
    sampling_begin(sampling);
    first = sampling->next_guest;
    for (size_t k = 0; k < active.n && r >= 0; k++) {
        size_t i = (first + k) % active.n;

        if (!sampling_is_ours(sampling, &active.guests[i].id))
            continue;
        sampling_begin_guest(sampling, &active.guests[i], i);
        r = add_guest(sampling, sample, &room, &active.guests[i], err);
        if (r < 0 && sampling_is_bearable(sampling, &active.guests[i], r, err))
            r = 0;
    }
    libvirt_guests_done(&active);
    sampling_end(sampling, r >= 0);
    return r < 0 ? r : fill_host(sampling, sample, err);
}

int sampling_memory(struct sampling *sampling, struct memory_sample *ret, struct err *err)
{
    struct memory_sample sample = {0};
    int r;

    r = libvirt_connect(sampling->libvirt, sampling->uri, sampling->read_only, err);
    if (r >= 0)
        r = fill_memory(sampling, &sample, err);
    if (r < 0) {
        memory_sample_done(&sample);
        return r;
    }
    memory_sample_sort(&sample);
    *ret = sample;
    return 0;
}
