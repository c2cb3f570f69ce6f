/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/host_libvirt_events.h"

#include <libvirt/libvirt.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/host/policy_xml.h"

enum { NEVER_MS = -1 };

struct libvirt_events {
    int timer; /* runs out when the thread is to end; any thread of this kind may see that */
    atomic_bool is_ending;
};

/* Once, and last what the thread waits for: it frees them then. */
static void end(int timer, void *arg)
{
    struct libvirt_events *events = arg;

    virEventUpdateTimeout(timer, NEVER_MS);
    atomic_store(&events->is_ending, true);
}

static void *run_events(void *arg)
{
    struct libvirt_events *events = arg;

    while (!atomic_load(&events->is_ending)) {
        if (virEventRunDefaultImpl() < 0)
            nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
    virEventRemoveTimeout(events->timer);
    free(events);
    return NULL;
}

struct libvirt_events *libvirt_events_start(void)
{
    struct libvirt_events *events = calloc(1, sizeof(*events));
    pthread_t thread;

    if (!events || virEventRegisterDefaultImpl() < 0) {
        free(events);
        return NULL;
    }
    events->timer = virEventAddTimeout(NEVER_MS, end, events, NULL);
    if (events->timer >= 0 && pthread_create(&thread, NULL, run_events, events) == 0) {
        pthread_detach(thread);
        return events;
    }
    if (events->timer >= 0)
        virEventRemoveTimeout(events->timer);
    free(events);
    return NULL;
}

void libvirt_events_stop(struct libvirt_events *events)
{
    if (events)
        virEventUpdateTimeout(events->timer, 0);
}

/* Guests that were touched, each once; the thread of events writes, a worker reads. */
enum { MAX_TOUCHED = 256, KINDS = 5 };
struct touched_guest {
    unsigned char uuid[VIR_UUID_BUFLEN];
    bool is_more; /* than vCPUs' pins */
};
struct libvirt_touched {
    pthread_mutex_t lock;
    unsigned references;
    bool is_full; /* more than there is room for */
    size_t n;
    struct touched_guest list[MAX_TOUCHED];
    int ids[KINDS]; /* of the registrations; the worker's */
};

static void hold(struct libvirt_touched *touched)
{
    pthread_mutex_lock(&touched->lock);
    touched->references++;
    pthread_mutex_unlock(&touched->lock);
}

/* Not the last one: that is the connection's. */
static void hold_no_more(struct libvirt_touched *touched)
{
    pthread_mutex_lock(&touched->lock);
    touched->references--;
    pthread_mutex_unlock(&touched->lock);
}

static void let_go(void *arg)
{
    struct libvirt_touched *touched = arg;
    bool is_last;

    pthread_mutex_lock(&touched->lock);
    is_last = --touched->references == 0;
    pthread_mutex_unlock(&touched->lock);
    if (!is_last)
        return;
    pthread_mutex_destroy(&touched->lock);
    free(touched);
}

static void add(struct libvirt_touched *touched, const struct touched_guest *guest)
{
    for (size_t i = 0; i < touched->n; i++) {
        if (memcmp(touched->list[i].uuid, guest->uuid, sizeof(guest->uuid)) == 0) {
            touched->list[i].is_more |= guest->is_more;
            return;
        }
    }
    if (touched->n == MAX_TOUCHED)
        touched->is_full = true;
    else
        touched->list[touched->n++] = *guest;
}

static void touch(struct libvirt_touched *touched, virDomainPtr domain, bool is_more)
{
    struct touched_guest guest = {.is_more = is_more};

    if (virDomainGetUUID(domain, guest.uuid) < 0)
        return;
    pthread_mutex_lock(&touched->lock);
    add(touched, &guest);
    pthread_mutex_unlock(&touched->lock);
}

/* A pin ("cputune.vcpupin0"), of other threads as well, or a limit. */
static void on_tunable(virConnectPtr connection, virDomainPtr domain, virTypedParameterPtr params,
                       int n, void *arg)
{
    static const char pin[] = "cputune.vcpupin";
    bool is_more = false;

    (void)connection;
    for (int i = 0; i < n; i++)
        is_more |= strncmp(params[i].field, pin, strlen(pin)) != 0;
    touch(arg, domain, is_more);
}

/* One that was started or ended shows in the next sample by itself. */
static int on_lifecycle(virConnectPtr connection, virDomainPtr domain, int event, int detail,
                        void *arg)
{
    (void)connection, (void)detail;
    if (event == VIR_DOMAIN_EVENT_DEFINED || event == VIR_DOMAIN_EVENT_UNDEFINED)
        touch(arg, domain, true);
    return 0;
}

/* Some that manage guests write theirs all the time. */
static void on_metadata(virConnectPtr connection, virDomainPtr domain, int type, const char *uri,
                        void *arg)
{
    (void)connection;
    if (type == VIR_DOMAIN_METADATA_ELEMENT && (!uri || policy_is_namespace(uri)))
        touch(arg, domain, true);
}

static void on_device(virConnectPtr connection, virDomainPtr domain, const char *alias, void *arg)
{
    (void)connection, (void)alias;
    touch(arg, domain, true);
}

struct kind {
    int event;
    virConnectDomainEventGenericCallback callback;
};
static const struct kind kinds[KINDS] = {
    {VIR_DOMAIN_EVENT_ID_TUNABLE, VIR_DOMAIN_EVENT_CALLBACK(on_tunable)},
    {VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle)},
    {VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_metadata)},
    {VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_device)},
    {VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(on_device)},
};

/* All of them, or none: what is not told has to be asked for, as if nothing were. */
static bool listen_for_all(struct libvirt *libvirt, struct libvirt_touched *touched)
{
    size_t n = 0;

    for (size_t i = 0; i < KINDS; i++) {
        hold(touched);
        touched->ids[i] = virConnectDomainEventRegisterAny(
            libvirt_call(libvirt), NULL, kinds[i].event, kinds[i].callback, touched, let_go);
        if (touched->ids[i] >= 0)
            n++;
        else
            hold_no_more(touched);
    }
    return n == KINDS;
}

void libvirt_listen(struct libvirt *libvirt)
{
    const char *type = libvirt->connection ? virConnectGetType(libvirt->connection) : NULL;
    struct libvirt_touched *touched;

    if (libvirt->touched || !libvirt->has_events || !type || strcmp(type, "QEMU") != 0 ||
        (touched = calloc(1, sizeof(*touched))) == NULL)
        return;
    pthread_mutex_init(&touched->lock, NULL);
    touched->references = 1;
    libvirt->touched = touched;
    if (!listen_for_all(libvirt, touched))
        libvirt_stop_listening(libvirt);
}

bool libvirt_tells(const struct libvirt *libvirt)
{
    return libvirt->touched != NULL;
}

void libvirt_stop_listening(struct libvirt *libvirt)
{
    struct libvirt_touched *touched = libvirt->touched;

    for (size_t i = 0; touched && i < KINDS; i++)
        if (touched->ids[i] >= 0)
            virConnectDomainEventDeregisterAny(libvirt->connection, touched->ids[i]);
    if (touched)
        let_go(touched);
    libvirt->touched = NULL;
}

enum libvirt_touch libvirt_next_touched(struct libvirt *libvirt, unsigned char ret_uuid[16])
{
    struct libvirt_touched *touched = libvirt->touched;
    enum libvirt_touch found = LIBVIRT_NOBODY;

    if (!touched)
        return found;
    pthread_mutex_lock(&touched->lock);
    if (touched->is_full) {
        found = LIBVIRT_ANYBODY;
        touched->is_full = false;
        touched->n = 0;
    } else if (touched->n) {
        const struct touched_guest *guest = &touched->list[--touched->n];

        found = guest->is_more ? LIBVIRT_DEFINITION : LIBVIRT_PINS;
        memcpy(ret_uuid, guest->uuid, sizeof(guest->uuid));
    }
    pthread_mutex_unlock(&touched->lock);
    return found;
}
