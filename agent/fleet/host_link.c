/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/host_link.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/guest_name.h"
#include "agent/host/guest_xml.h"
#include "agent/host/host_libvirt.h"
#include "agent/host/host_libvirt_guest.h"
#include "agent/host/worker.h"

enum { LIMIT_MS = 20000 }; /* without a call that ends; a connection by ssh is one */

struct look {
    char *uri;
    bool is_first;
    struct seen_host seen;
    struct err err;
};

struct host_link {
    char *uri;
    struct worker *worker;
    const atomic_uint *progress;
    atomic_uint strays;
    bool is_given_up;
};

void seen_host_done(struct seen_host *seen)
{
    free(seen->guests);
    *seen = (struct seen_host){0};
}

static void look_free(void *arg)
{
    struct look *look = arg;

    if (!look)
        return;
    seen_host_done(&look->seen);
    free(look->uri);
    free(look);
}

static const char *why_stays(const struct guest_definition *definition)
{
    switch (definition->memory.lock) {
    case MEMORY_LOCK_DEVICE:
        return "it has a device of the host";
    case MEMORY_LOCK_DISK:
        return "it has a disk that its process drives itself";
    case MEMORY_LOCK_ENCRYPTED:
        return "its memory is encrypted";
    default:
        return NULL;
    }
}

/* What the coordinator keeps for it, where it can take anything else away. */
static uint64_t floor_of(const struct guest_definition *definition)
{
    const struct memory_policy *policy = &definition->policy.memory;

    if (!definition->has_policy || definition->policy.memory_error[0] || policy->excluded ||
        definition->locked || !definition->has_balloon)
        return 0;
    if (policy->has_pin)
        return policy->pin_kib;
    return policy->has_floor ? policy->floor_kib : 0;
}

/* A definition that cannot be read says nothing of what would go wrong. */
static void read_definition(struct libvirt *libvirt, const struct active_guest *from,
                            struct seen_guest *guest)
{
    struct guest_definition definition = {0};
    char *live = NULL, *persistent = NULL;

    guest->why_stays = "its definition cannot be read";
    if (libvirt_definition(libvirt, from, &live, &persistent, NULL) == 0 &&
        guest_xml_parse(live, &definition, NULL) == 0) {
        guest->why_stays = why_stays(&definition);
        guest->is_transient = !persistent;
        guest->has_job |= strstr(live, "<mirror ") != NULL; /* a disk is being copied */
        guest->floor_kib = floor_of(&definition);
        guest_definition_done(&definition);
    }
    free(live);
    free(persistent);
}

static void take_guest(const struct active_guest *from, struct seen_guest *guest)
{
    snprintf(guest->name, sizeof(guest->name), "%s", guest_name_true(&from->id));
    guest_uuid_text(&from->id, guest->uuid);
    guest->has_cpu_time = from->stats.has_cpu_time;
    guest->cpu_time_ns = from->stats.cpu_time_ns;
    guest->is_running = guest_stats_run(&from->stats) == GUEST_RUNNING;
}

static int see_guests(struct libvirt *libvirt, struct seen_host *seen, struct err *err)
{
    struct active_guests guests;
    int r = libvirt_guests(libvirt, LIBVIRT_VCPUS, &guests, err);

    if (r < 0)
        return r;
    seen->at_ns = clock_monotonic_ns();
    seen->guests = calloc(guests.n + 1, sizeof(*seen->guests));
    for (size_t i = 0; seen->guests && i < guests.n; i++)
        take_guest(&guests.guests[i], &seen->guests[seen->n_guests++]);
    libvirt_guests_done(&guests);
    return seen->guests ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static struct seen_guest *find(struct seen_host *seen, const struct guest_id *id)
{
    char uuid[GUEST_UUID_SIZE];

    guest_uuid_text(id, uuid);
    for (size_t i = 0; i < seen->n_guests; i++)
        if (strcmp(seen->guests[i].uuid, uuid) == 0)
            return &seen->guests[i];
    return NULL;
}

/* Sizes and definitions: of guests that were there in the look at CPU times. */
static int see_sizes(struct libvirt *libvirt, struct seen_host *seen, struct err *err)
{
    struct active_guests guests;
    int r = libvirt_guests(libvirt, LIBVIRT_BALLOONS, &guests, err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < guests.n; i++) {
        struct active_guest *from = &guests.guests[i];
        struct seen_guest *guest = find(seen, &from->id);

        if (!guest)
            continue;
        if (!from->stats.has_maximum)
            libvirt_balloon(libvirt, from, false, NULL);
        guest->maximum_kib = from->stats.memory.maximum_kib;
        guest->has_job = !libvirt_is_free(from);
        read_definition(libvirt, from, guest);
        if (guest->floor_kib > guest->maximum_kib)
            guest->floor_kib = guest->maximum_kib;
        if (guest->maximum_kib == 0)
            guest->why_stays = "nobody tells how much memory it has";
    }
    libvirt_guests_done(&guests);
    return 0;
}

static int run(void *state, void *request)
{
    struct libvirt *libvirt = state;
    struct look *look = request;
    struct seen_host *seen = &look->seen;
    struct host_memory memory = {0};
    struct cpuset pcpus;
    int r = libvirt_connect(libvirt, look->uri, true, &look->err);

    if (r == 0)
        r = see_guests(libvirt, seen, &look->err);
    if (r < 0 || !look->is_first)
        return r;
    r = libvirt_online_pcpus(libvirt, &pcpus, &look->err);
    if (r == 0)
        r = libvirt_host_memory(libvirt, &memory, &look->err);
    if (r < 0)
        return r;
    seen->n_pcpus = cpuset_count(&pcpus);
    seen->total_kib = memory.total_kib;
    seen->available_kib = memory.available_kib;
    return see_sizes(libvirt, seen, &look->err);
}

static void free_libvirt(void *state)
{
    libvirt_free(state);
}

struct host_link *host_link_new(const char *uri)
{
    struct host_link *link = calloc(1, sizeof(*link));
    struct libvirt *libvirt = libvirt_new(false);

    if (link && libvirt) {
        atomic_init(&link->strays, 0);
        link->progress = &libvirt->calls;
        link->uri = strdup(uri);
        if (link->uri)
            link->worker = worker_new(libvirt, free_libvirt, &link->strays);
    }
    if (link && link->worker)
        return link;
    libvirt_free(libvirt);
    if (link)
        free(link->uri);
    free(link);
    return NULL;
}

int host_link_look(struct host_link *link, bool is_first, struct seen_host *ret, struct err *err)
{
    struct look *look = link->is_given_up ? NULL : calloc(1, sizeof(*look));
    const struct worker_job job = {
        .run = run, .request = look, .free_request = look_free, .progress = link->progress};
    int r;

    if (link->is_given_up)
        return err_set(err, -ETIMEDOUT, "libvirt at '%.100s' does not answer", link->uri);
    if (look)
        look->uri = strdup(link->uri);
    if (!look || !look->uri) {
        look_free(look);
        return err_set(err, -ENOMEM, "out of memory");
    }
    look->is_first = is_first;
    r = worker_run(link->worker, &job, LIMIT_MS, NULL, NULL);
    if (r == -ETIMEDOUT) { /* worker and request are gone */
        link->is_given_up = true;
        link->worker = NULL;
        return err_set(err, r, "libvirt at '%.100s' does not answer within %d s", link->uri,
                       LIMIT_MS / 1000);
    }
    if (r == 0) {
        *ret = look->seen;
        look->seen = (struct seen_host){0};
    } else if (err) {
        *err = look->err;
    }
    look_free(look);
    return r;
}

/* What hangs may come back one day, and counts itself then. */
void host_link_free(struct host_link *link)
{
    if (!link)
        return;
    worker_free(link->worker);
    free(link->uri);
    if (atomic_load(&link->strays) == 0)
        free(link);
}
