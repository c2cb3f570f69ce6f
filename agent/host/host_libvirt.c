/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/host_libvirt.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/busy_times.h"
#include "agent/host/host_libvirt_events.h"
#include "agent/host/host_xml.h"

enum { KEEPALIVE_S = 5, KEEPALIVE_TRIES = 2 };
static void be_quiet(void *arg, virErrorPtr error)
{
    (void)arg, (void)error; /* every failure is returned and said once, with the guest's name */
}

static void drop_connection(struct libvirt *libvirt)
{
    libvirt_stop_listening(libvirt);
    if (libvirt->connection)
        virConnectClose(libvirt->connection);
    libvirt->connection = NULL;
}

/* What is invalid is so because the guest has ended, or because it lacks something, like a
 * balloon. */
static bool has_ended(struct libvirt *libvirt, const struct guest_id *guest)
{
    virDomainPtr domain = virDomainLookupByUUID(libvirt_call(libvirt), guest->uuid);
    bool has_ended = domain ? virDomainIsActive(domain) == 0 /* -1: nobody tells */
                            : virGetLastErrorCode() == VIR_ERR_NO_DOMAIN;

    if (domain)
        virDomainFree(domain);
    return has_ended;
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

struct libvirt *libvirt_new(bool has_events)
{
    struct libvirt *libvirt = calloc(1, sizeof(*libvirt));

    virSetErrorFunc(NULL, be_quiet);
    if (libvirt)
        libvirt->has_events = has_events;
    return libvirt;
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
