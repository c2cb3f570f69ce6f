/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/host_libvirt.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/host/busy_times.h"
#include "agent/host/host_xml.h"

enum { KEEPALIVE_S = 5, KEEPALIVE_TRIES = 2 };
enum { EVENTS_MS = 1000 }; /* how often the thread looks whether it is to end */

/* Keepalive is sent and heard by libvirt's event loop, which needs somebody to run it. */
struct libvirt_events {
    atomic_bool is_ending;
};

static void look(int timer, void *arg)
{
    (void)timer, (void)arg;
}

static void *run_events(void *arg)
{
    struct libvirt_events *events = arg;
    int timer = virEventAddTimeout(EVENTS_MS, look, NULL, NULL);

    while (!atomic_load(&events->is_ending) && virEventRunDefaultImpl() >= 0)
        ;
    if (timer >= 0)
        virEventRemoveTimeout(timer);
    while (!atomic_load(&events->is_ending))
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    free(events);
    return NULL;
}

static void be_quiet(void *arg, virErrorPtr error)
{
    (void)arg, (void)error; /* every failure is returned and said once, with the guest's name */
}

/* Guests that were touched, each once; the thread of events writes, a worker reads. */
enum { MAX_TOUCHED = 256 };
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
};

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

static void touch(struct libvirt_touched *touched, const struct touched_guest *guest)
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

/* A pin ("cputune.vcpupin0"), of other threads as well, or a limit. */
static void on_tunable(virConnectPtr connection, virDomainPtr domain, virTypedParameterPtr params,
                       int n, void *arg)
{
    static const char pin[] = "cputune.vcpupin";
    struct libvirt_touched *touched = arg;
    struct touched_guest guest = {.is_more = false};

    (void)connection;
    for (int i = 0; i < n; i++)
        guest.is_more |= strncmp(params[i].field, pin, strlen(pin)) != 0;
    if (virDomainGetUUID(domain, guest.uuid) < 0)
        return;
    pthread_mutex_lock(&touched->lock);
    touch(touched, &guest);
    pthread_mutex_unlock(&touched->lock);
}

void libvirt_listen_for_pins(struct libvirt *libvirt)
{
    const char *type = libvirt->connection ? virConnectGetType(libvirt->connection) : NULL;
    struct libvirt_touched *touched;

    if (libvirt->touched || !type || strcmp(type, "QEMU") != 0 ||
        (touched = calloc(1, sizeof(*touched))) == NULL)
        return;
    pthread_mutex_init(&touched->lock, NULL);
    touched->references = 2;
    libvirt->touched_id =
        virConnectDomainEventRegisterAny(libvirt_call(libvirt), NULL, VIR_DOMAIN_EVENT_ID_TUNABLE,
                                         VIR_DOMAIN_EVENT_CALLBACK(on_tunable), touched, let_go);
    if (libvirt->touched_id >= 0) {
        libvirt->touched = touched;
        return;
    }
    touched->references = 1;
    let_go(touched);
}

bool libvirt_tells_pins(const struct libvirt *libvirt)
{
    return libvirt->touched != NULL;
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

        found = guest->is_more ? LIBVIRT_TUNABLES : LIBVIRT_PINS;
        memcpy(ret_uuid, guest->uuid, sizeof(guest->uuid));
    }
    pthread_mutex_unlock(&touched->lock);
    return found;
}

static void drop_connection(struct libvirt *libvirt)
{
    if (libvirt->touched) {
        virConnectDomainEventDeregisterAny(libvirt->connection, libvirt->touched_id);
        let_go(libvirt->touched);
        libvirt->touched = NULL;
    }
    if (libvirt->connection)
        virConnectClose(libvirt->connection);
    libvirt->connection = NULL;
}

/* What is invalid is so because the guest has ended, or because it lacks something, like a
 * balloon. */
static bool has_ended(struct libvirt *libvirt, const struct guest_id *guest)
{
    virDomainPtr domain = virDomainLookupByUUID(libvirt_call(libvirt), guest->uuid);
    bool runs = domain && virDomainIsActive(domain) == 1;

    if (domain)
        virDomainFree(domain);
    return !runs;
}

int libvirt_fail(struct libvirt *libvirt, const struct guest_id *guest, const char *doing,
                 struct err *err)
{
    int number = virGetLastErrorCode();
    char message[160];
    int code = -EIO;

    snprintf(message, sizeof(message), "%s",
             virGetLastErrorMessage()); /* the next call clears it */
    if (number == VIR_ERR_NO_DOMAIN ||
        (number == VIR_ERR_OPERATION_INVALID && guest && has_ended(libvirt, guest)))
        code = -ENOENT;
    if (!libvirt->connection || virConnectIsAlive(libvirt->connection) != 1) {
        code = -ENOTCONN;
        drop_connection(libvirt);
    }
    if (guest)
        return err_set(err, code, "guest '%.100s': cannot %s: %s", guest->name, doing, message);
    return err_set(err, code, "cannot %s: %s", doing, message);
}

struct libvirt_events *libvirt_events_start(void)
{
    struct libvirt_events *events = calloc(1, sizeof(*events));
    pthread_t thread;

    if (!events || virEventRegisterDefaultImpl() < 0 ||
        pthread_create(&thread, NULL, run_events, events) != 0) {
        free(events);
        return NULL;
    }
    pthread_detach(thread);
    return events;
}

void libvirt_events_stop(struct libvirt_events *events)
{
    if (events)
        atomic_store(&events->is_ending, true);
}

struct libvirt *libvirt_new(void)
{
    virSetErrorFunc(NULL, be_quiet);
    return calloc(1, sizeof(struct libvirt));
}

void libvirt_free(struct libvirt *libvirt)
{
    if (libvirt)
        drop_connection(libvirt);
    free(libvirt);
}

int libvirt_connect(struct libvirt *libvirt, const char *uri, bool read_only, struct err *err)
{
    if (libvirt->connection && virConnectIsAlive(libvirt->connection) == 1)
        return 0;
    drop_connection(libvirt);
    libvirt_call(libvirt);
    libvirt->connection = read_only ? virConnectOpenReadOnly(uri) : virConnectOpen(uri);
    if (libvirt
            ->connection) /* a peer that is lost without a word ends the calls that wait for it */
        virConnectSetKeepAlive(libvirt->connection, KEEPALIVE_S, KEEPALIVE_TRIES);
    libvirt->connections += libvirt->connection != NULL;
    if (!libvirt->connection)
        return err_set(err, -ENOTCONN, "cannot connect to libvirt at '%.80s': %.160s", uri,
                       virGetLastErrorMessage());
    return 0;
}

struct _virConnect *libvirt_call(struct libvirt *libvirt)
{
    atomic_fetch_add(&libvirt->calls, 1);
    return libvirt->connection;
}

int libvirt_capabilities(struct libvirt *libvirt, char **ret, struct err *err)
{
    *ret = virConnectGetCapabilities(libvirt_call(libvirt));
    return *ret ? 0 : libvirt_fail(libvirt, NULL, "read the host's capabilities", err);
}

int libvirt_identity(struct libvirt *libvirt, const char *uri, char ret[LIBVIRT_IDENTITY_SIZE],
                     struct err *err)
{
    char *xml, *name;
    bool has_uuid;
    int r = libvirt_capabilities(libvirt, &xml, err);

    if (r < 0)
        return r;
    has_uuid = host_xml_uuid(xml, ret, LIBVIRT_IDENTITY_SIZE);
    free(xml);
    if (has_uuid || strncmp(uri, "test:///", 8) == 0)
        return 0;
    name = virConnectGetHostname(libvirt_call(libvirt));
    if (!name)
        return libvirt_fail(libvirt, NULL, "read the host's name", err);
    snprintf(ret, LIBVIRT_IDENTITY_SIZE, "%s", name);
    free(name);
    return 0;
}

int libvirt_online_pcpus(struct libvirt *libvirt, struct cpuset *ret, struct err *err)
{
    unsigned char *map = NULL;
    int n = virNodeGetCPUMap(libvirt_call(libvirt), &map, NULL, 0);

    if (n < 0)
        return libvirt_fail(libvirt, NULL, "read the host's pCPUs", err);
    libvirt->map_pcpus = n;
    libvirt->map_bytes = VIR_CPU_MAPLEN(n);
    cpuset_from_bytes(ret, map, (size_t)libvirt->map_bytes);
    free(map);
    return 0;
}

int libvirt_busy(struct libvirt *libvirt, int pcpu, uint64_t *ret_ns, struct err *err)
{
    virNodeCPUStats stats[16];
    int n = 0;

    if (virNodeGetCPUStats(libvirt_call(libvirt), pcpu, NULL, &n, 0) < 0 || n > 16 ||
        virNodeGetCPUStats(libvirt_call(libvirt), pcpu, stats, &n, 0) < 0)
        return libvirt_fail(libvirt, NULL, "read how busy the host's pCPUs are", err);
    *ret_ns = 0;
    for (int i = 0; i < n; i++)
        *ret_ns += busy_times_is_busy(stats[i].field) ? stats[i].value : 0;
    return 0;
}

int libvirt_host_memory(struct libvirt *libvirt, struct host_memory *ret, struct err *err)
{
    virNodeMemoryStats stats[16];
    struct host_memory memory = {0};
    virNodeInfo node;
    int all = VIR_NODE_MEMORY_STATS_ALL_CELLS, n = 0;

    if (virNodeGetMemoryStats(libvirt_call(libvirt), all, NULL, &n, 0) == 0 && n > 0 && n <= 16 &&
        virNodeGetMemoryStats(libvirt_call(libvirt), all, stats, &n, 0) == 0) {
        for (int i = 0; i < n; i++)
            host_memory_take(&memory, stats[i].field, stats[i].value);
    } else if (virNodeGetInfo(libvirt_call(libvirt), &node) < 0) {
        return libvirt_fail(libvirt, NULL, "read the host's memory", err);
    } else {
        memory.total_kib = node.memory;
        memory.free_kib = memory.available_kib =
            virNodeGetFreeMemory(libvirt_call(libvirt)) / 1024; /* told in bytes */
    }
    *ret = memory;
    return 0;
}
