/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into a program, between it and libvirt: calls hang while the file that HANG_FILE names
 * is there, changes of memory are refused while that of REFUSE_FILE is, the host has the UUID
 * that HOST_UUID holds, with NO_KEEPALIVE nobody asks whether the other end lives, and with
 * NO_SECOND_CONNECTION only the first one is made. */
#include <dlfcn.h>
#include <libvirt/libvirt.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void hang(void)
{
    const char *path = getenv("HANG_FILE");
    const struct timespec moment = {.tv_nsec = 10000000};

    while (path && access(path, F_OK) == 0)
        nanosleep(&moment, NULL);
}

int virConnectGetAllDomainStats(virConnectPtr connection, unsigned int stats,
                                virDomainStatsRecordPtr **ret, unsigned int flags)
{
    int (*real)(virConnectPtr, unsigned int, virDomainStatsRecordPtr **, unsigned int);

    hang();
    *(void **)&real = dlsym(RTLD_NEXT, "virConnectGetAllDomainStats");
    return real(connection, stats, ret, flags);
}

char *virConnectGetCapabilities(virConnectPtr connection)
{
    const char *uuid = getenv("HOST_UUID");
    char *(*real)(virConnectPtr), *xml;

    *(void **)&real = dlsym(RTLD_NEXT, "virConnectGetCapabilities");
    if (!uuid)
        return real(connection);
    xml = malloc(200);
    if (xml)
        snprintf(xml, 200, "<capabilities><host><uuid>%.60s</uuid></host></capabilities>", uuid);
    return xml;
}

int virConnectSetKeepAlive(virConnectPtr connection, int interval, unsigned int count)
{
    int (*real)(virConnectPtr, int, unsigned int);

    *(void **)&real = dlsym(RTLD_NEXT, "virConnectSetKeepAlive");
    return getenv("NO_KEEPALIVE") ? 0 : real(connection, interval, count);
}

virConnectPtr virConnectOpen(const char *name)
{
    static atomic_uint calls;
    virConnectPtr (*real)(const char *);

    *(void **)&real = dlsym(RTLD_NEXT, "virConnectOpen");
    if (atomic_fetch_add(&calls, 1) > 0 && getenv("NO_SECOND_CONNECTION"))
        return NULL;
    return real(name);
}

int virDomainSetMemoryFlags(virDomainPtr domain, unsigned long memory, unsigned int flags)
{
    const char *path = getenv("REFUSE_FILE");
    int (*real)(virDomainPtr, unsigned long, unsigned int);

    if (path && access(path, F_OK) == 0)
        return -1;
    *(void **)&real = dlsym(RTLD_NEXT, "virDomainSetMemoryFlags");
    return real(domain, memory, flags);
}
