/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/libvirt_sample.h"

#include <assert.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/guest_name.h"
#include "agent/base/hash.h"
#include "agent/base/host.h"
#include "agent/host/host_libvirt_events.h"

/* Definitions cost several calls each, and over a slow link each call takes its time: the others
 * are read for the next samples. So many are read whatever that takes, and so many at most. */
enum { MIN_DEFINITIONS = 4, MAX_DEFINITIONS = 256 };
static const uint64_t max_definitions_ns = 1000000000;

bool sampling_is_ours(const struct sampling *sampling, const struct guest_id *guest)
{
    const char *name = guest_name_true(guest);
    bool has_positive = false, is_chosen = false;

    for (size_t i = 0; i < sampling->n_match; i++) {
        const char *glob = sampling->match[i];
        bool is_negative = glob[0] == '!';

        if (is_negative && fnmatch(glob + 1, name, 0) == 0)
            return false;
        has_positive |= !is_negative;
        is_chosen |= !is_negative && fnmatch(glob, name, 0) == 0;
    }
    return is_chosen || !has_positive;
}

/* What a guest's two definitions say together. */
static int parse(const char *live_xml, const char *persistent_xml, struct guest_definition *ret,
                 struct err *err)
{
    struct guest_definition live = {0}, persistent = {0};
    int r = guest_xml_parse(live_xml, &live, err);

    if (r >= 0 && persistent_xml)
        r = guest_xml_parse(persistent_xml, &persistent, err);
    if (r >= 0)
        guest_definition_merge(&live, persistent_xml ? &persistent : NULL, ret);
    guest_definition_done(&live);
    guest_definition_done(&persistent);
    return r;
}

static uint64_t mark_of(const char *live_xml, const char *persistent_xml)
{
    uint64_t mark = HASH_START;

    hash_bytes(&mark, live_xml, strlen(live_xml) + 1);
    if (persistent_xml)
        hash_bytes(&mark, persistent_xml, strlen(persistent_xml) + 1);
    return mark;
}

/* 1, or 0 where the entry's definition is confirmed, so that *ret is none. */
static int read_definition(struct sampling *sampling, const struct active_guest *guest,
                           uint64_t now_ns, struct guest_entry *entry, uint64_t *ret_mark,
                           struct guest_definition *ret, struct err *err)
{
    char *live, *persistent;
    int r = libvirt_definition(sampling->libvirt, guest, &live, &persistent, err);

    if (r < 0)
        return r;
    *ret_mark = mark_of(live, persistent);
    if (!guest_entry_confirm(entry, now_ns, *ret_mark)) {
        r = parse(live, persistent, ret, err);
        r = r < 0 ? r : 1;
    }
    free(live);
    free(persistent);
    return r;
}

/* Once for each mistake, not at each reading, and by the program that it matters to. */
static void complain(const struct sampling *sampling, const struct active_guest *guest,
                     enum libvirt_group group, const struct guest_policy *before,
                     const struct guest_policy *now)
{
    bool is_vcpus = group == LIBVIRT_VCPUS;
    const char *said = is_vcpus ? before->vcpu_error : before->memory_error;
    const char *wrong = is_vcpus ? now->vcpu_error : now->memory_error;

    if (wrong[0] && strcmp(wrong, said) != 0)
        log_line(&sampling->log, LOG_WARNING,
                 "guest '%s' is left alone: its policy in <metadata> is wrong: %s", guest->id.name,
                 wrong);
    else if (is_vcpus && !wrong[0] && now->vcpu.excluded && !before->vcpu.excluded)
        log_line(&sampling->log, LOG_INFO,
                 "guest '%s' is left alone, as its definition says; its load counts as others'",
                 guest->id.name);
}

/* Scheduler parameters of the running guest, which can be changed without its definition, and the
 * groups above it. A driver without them is no trouble: the definition stays. */
static void read_limits(struct sampling *sampling, const struct active_guest *guest,
                        struct guest_entry *entry)
{
    const struct guest_definition *definition = &entry->definition;
    struct quotas quotas = {0};
    struct err err = {0};

    if (libvirt_quotas(sampling->libvirt, guest, &quotas, &err) < 0)
        log_line(&sampling->log, LOG_DEBUG, "%s", err.text);
    entry->vcpu_quota_permille =
        quota_least(definition->vcpu_quota_permille,
                    quota_permille(quotas.vcpu_quota_us, quotas.vcpu_period_us));
    entry->guest_quota_permille =
        quota_least(definition->guest_quota_permille,
                    quota_permille(quotas.guest_quota_us, quotas.guest_period_us));
    if (sampling->root)
        local_host_guest(sampling->root, guest_name_true(&guest->id), guest->number,
                         definition->partition, &entry->local);
}

/* A transient guest's only definition shows our own pins: what was found before the first of them
 * is what its owner wanted, also where an earlier process made that pin. */
static int bind_to_originals(const struct sampling *sampling, struct guest_entry *entry,
                             struct err *err)
{
    for (size_t i = 0; i < sampling->originals.n; i++) {
        const struct original *original = sampling->originals.list[i];

        if (!original->has_mask || original->run != entry->id ||
            memcmp(original->guest.uuid, entry->uuid, sizeof(entry->uuid)) != 0)
            continue;
        if (original->is_helpers)
            helpers_disown(&entry->definition.helpers, original->vcpu);
        else if (guest_definition_bind(&entry->definition, original->vcpu, &original->mask) < 0)
            return err_set(err, -ENOMEM, "out of memory");
    }
    return 0;
}

int sampling_bind(struct sampling *sampling, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < sampling->guests.n && r >= 0; i++) {
        struct guest_entry *entry = &sampling->guests.entries[i];

        if (!entry->known || !entry->definition.is_transient)
            continue;
        r = bind_to_originals(sampling, entry, err);
        guest_store_put(sampling->store, sampling->worker, entry);
    }
    return r;
}

/* Whether the guest is still there although its definition is not: what its owner wants is then not
 * known, and it stays in the sample with what it does. */
static bool can_do_without(struct sampling *sampling, const struct active_guest *guest,
                           struct guest_entry *entry, uint64_t now_ns, int r, const struct err *err)
{
    bool is_news = !entry->is_unreadable && !entry->has_failed;

    if (r == -ENOTCONN || r == -ENOMEM || r == -ENOENT)
        return false;
    if (r == -EINVAL)
        guest_entry_set_unreadable(entry, now_ns);
    entry->has_failed = true;
    log_line(&sampling->log, is_news ? LOG_WARNING : LOG_DEBUG,
             "guest '%s' is left as it is, though it counts: %s", guest->id.name, err->text);
    return true;
}

static int read_guest(struct sampling *sampling, const struct active_guest *guest, uint64_t now_ns,
                      enum libvirt_group group, struct guest_entry *entry, struct err *err)
{
    struct guest_definition definition = {0};
    uint64_t mark;
    int r = read_definition(sampling, guest, now_ns, entry, &mark, &definition, err);

    if (r < 0)
        return can_do_without(sampling, guest, entry, now_ns, r, err) ? 0 : r;
    entry->has_failed = false;
    if (r > 0) {
        if (sampling->ignores_metadata)
            definition.policy = (struct guest_policy){0};
        complain(sampling, guest, group, &entry->definition.policy, &definition.policy);
        guest_entry_set(entry, now_ns, mark, &definition);
        r = entry->definition.is_transient ? bind_to_originals(sampling, entry, err) : 0;
        if (r < 0)
            entry->mark = 0; /* not all of it */
    }
    if (group == LIBVIRT_VCPUS)
        read_limits(sampling, guest, entry);
    return r;
}

/* The next sample begins with the first guest that had to wait. */
static bool may_read(struct sampling *sampling, uint64_t now_ns)
{
    if (sampling->n_definitions < MIN_DEFINITIONS ||
        (sampling->n_definitions < MAX_DEFINITIONS &&
         clock_monotonic_ns() - now_ns < max_definitions_ns)) {
        sampling->n_definitions++;
        return true;
    }
    if (!sampling->has_postponed)
        sampling->next_guest = sampling->this_guest;
    sampling->has_postponed = true;
    return false;
}

/* Who was touched since the last sample is looked at in this one, and everybody by a new connection,
 * which tells nothing of before. */
static void hear(struct sampling *sampling)
{
    struct libvirt *libvirt = sampling->libvirt;
    struct guest_table *guests = &sampling->guests;
    unsigned char uuid[16] = {0};
    enum libvirt_touch touch = LIBVIRT_ANYBODY;

    if (sampling->heard == libvirt->connections)
        touch = libvirt_next_touched(libvirt, uuid);
    else
        libvirt_listen(libvirt);
    sampling->heard = libvirt->connections;
    for (; touch != LIBVIRT_NOBODY; touch = libvirt_next_touched(libvirt, uuid)) {
        guest_table_ask_vcpus(guests, touch == LIBVIRT_ANYBODY ? NULL : uuid);
        if (touch != LIBVIRT_PINS)
            guest_table_reread(guests, touch == LIBVIRT_ANYBODY ? NULL : uuid);
    }
}

void sampling_begin(struct sampling *sampling)
{
    hear(sampling);
    sampling->n_definitions = 0;
    sampling->has_postponed = false;
}

void sampling_begin_guest(struct sampling *sampling, const struct active_guest *guest, size_t i)
{
    sampling->this_guest = i;
    guest_store_begin(sampling->store, sampling->worker, guest->id.uuid, guest->number);
}

void sampling_end(struct sampling *sampling, bool is_whole)
{
    guest_store_begin(sampling->store, sampling->worker, NULL, 0);
    if (!is_whole)
        return;
    guest_table_sweep(&sampling->guests);
    guest_store_sweep(sampling->store, sampling->worker, &sampling->guests);
}

/* libvirt does not tell when somebody else changes how often a balloon reports. */
static uint64_t rereading_ns(const struct sampling *sampling, const struct guest_entry *entry)
{
    return libvirt_tells(sampling->libvirt) && !entry->is_silent ? guest_checked_ns
                                                                 : guest_reread_ns;
}

int sampling_see(struct sampling *sampling, const struct active_guest *guest, uint64_t now_ns,
                 enum libvirt_group group, struct guest_entry **ret, struct err *err)
{
    struct guest_entry *entry = guest_table_see(&sampling->guests, guest->id.uuid, guest->number);
    int r = 0;

    if (!entry)
        return err_set(err, -ENOMEM, "out of memory");
    if (entry->hangs_until_ns > now_ns)
        return err_set(err, -EBUSY, "guest '%s': calls about it did not return", guest->id.name);
    if (guest_entry_is_due(entry, now_ns, rereading_ns(sampling, entry)) &&
        may_read(sampling, now_ns)) {
        r = read_guest(sampling, guest, now_ns, group, entry, err);
        guest_store_put(sampling->store, sampling->worker, entry);
    }
    *ret = entry;
    return r;
}

bool sampling_is_bearable(struct sampling *sampling, const struct active_guest *guest, int r,
                          const struct err *err)
{
    struct guest_entry *entry;
    bool known;

    if (r == -ENOTCONN || r == -ENOMEM)
        return false;
    entry = guest_table_see(&sampling->guests, guest->id.uuid, guest->number);
    known = r == -ENOENT || !entry || entry->left_out;
    log_line(&sampling->log, known ? LOG_DEBUG : LOG_WARNING,
             "%s; it is left out as long as this lasts", err->text);
    if (entry)
        entry->left_out = true;
    return true;
}

void sampling_done(struct sampling *sampling)
{
    libvirt_free(sampling->libvirt);
    log_done(&sampling->log);
    originals_done(&sampling->originals);
    guest_store_free(sampling->store);
    guest_table_done(&sampling->guests);
    others_done(&sampling->others);
}
