/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into a program, between it and libvirt's test driver: a stand-in for a libvirtd with QEMU's
 * guests. It tells in bulk what QEMU's driver tells, has its event of pins, and each call takes as long as
 * tests/live/calls.py measured it over a socket; what a bulk call costs beside its guests, and the
 * scheduler's parameters, are guessed. With LOAD, guests have more to do and less every now and
 * then; without, they are idle. */
#include <dlfcn.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { VCPUS = 4, MEMORY_KIB = 2097152, LOAD_CHANGES_S = 30 };

/* Microseconds; tests/bench/README.md, Cost. A bulk call has a part for each guest. */
enum {
    BULK_VCPUS = 100,
    BULK_VCPUS_EACH = 1300,
    BULK_BALLOONS = 100,
    BULK_BALLOONS_EACH = 900,
    PCPU_MAP = 66,
    LOOKUP = 73,
    IS_PERSISTENT = 64,
    DEFINITION = 78,
    GET_VCPUS = 379,
    SCHEDULER = 100,
    MEMORY = 744,
    HOST_MEMORY = 138,
    CONTROL = 95,
    JOB = 77,
};

static void take(long us)
{
    const struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

    nanosleep(&time, NULL);
}

/* CPU time that the driver takes within calls, which is not the program's; in nanoseconds, as text, in the
 * file that DRIVER_CPU names. */
static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static _Atomic uint64_t driver_ns;

static void leave(uint64_t since_ns)
{
    driver_ns += cpu_ns() - since_ns;
}

static void tell_cpu(void)
{
    static int fd = -1;
    const char *path = getenv("DRIVER_CPU");
    char text[32];
    int n = snprintf(text, sizeof(text), "%020llu\n", (unsigned long long)driver_ns);

    if (path && fd < 0)
        fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && pwrite(fd, text, (size_t)n, 0) != n)
        abort();
}

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Share of a pCPU that each vCPU of the guest runs, 0 to 0.6. */
static double share_of(const char *name, uint64_t epoch)
{
    uint32_t hash = 2166136261u;

    if (!getenv("LOAD"))
        return 0.005;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    hash = (hash ^ (uint32_t)epoch) * 16777619u;
    return (hash >> 8) % 61 / 100.0;
}

/* What it has run by now, from the start of the machine. */
static uint64_t run_ns(const char *name)
{
    static double began_s;
    double s, sum = 0;
    uint64_t epoch = 0;

    if (began_s == 0)
        began_s = now_s();
    s = now_s() - began_s;
    while (s > LOAD_CHANGES_S) {
        sum += share_of(name, epoch++) * LOAD_CHANGES_S;
        s -= LOAD_CHANGES_S;
    }
    sum += share_of(name, epoch) * s;
    return (uint64_t)(1e9 * sum);
}

static void add(virDomainStatsRecordPtr record, int *room, const char *name,
                unsigned long long value)
{
    if (virTypedParamsAddULLong(&record->params, &record->nparams, room, name, value) < 0)
        abort();
}

static void add_vcpus(virDomainStatsRecordPtr record, int *room)
{
    uint64_t time_ns = run_ns(virDomainGetName(record->dom));
    char name[40];

    add(record, room, "cpu.time", VCPUS * time_ns * 11 / 10);
    add(record, room, "vcpu.current", VCPUS);
    add(record, room, "vcpu.maximum", VCPUS);
    for (int v = 0; v < VCPUS; v++) {
        snprintf(name, sizeof(name), "vcpu.%d.state", v);
        add(record, room, name, 1);
        snprintf(name, sizeof(name), "vcpu.%d.time", v);
        add(record, room, name, time_ns);
        snprintf(name, sizeof(name), "vcpu.%d.wait", v);
        add(record, room, name, 0);
        snprintf(name, sizeof(name), "vcpu.%d.delay", v);
        add(record, room, name, time_ns / 50);
    }
}

static void add_balloon(virDomainStatsRecordPtr record, int *room)
{
    double share = share_of(virDomainGetName(record->dom), (uint64_t)(now_s() / LOAD_CHANGES_S));
    virDomainInfo info = {.memory = MEMORY_KIB};
    unsigned long long size, used = (unsigned long long)(MEMORY_KIB * (0.2 + share));

    if (virDomainGetInfo(record->dom, &info) < 0)
        abort();
    size = info.memory;
    add(record, room, "balloon.current", size);
    add(record, room, "balloon.maximum", MEMORY_KIB);
    add(record, room, "balloon.swap_in", 0);
    add(record, room, "balloon.swap_out", 0);
    add(record, room, "balloon.major_fault", 0);
    add(record, room, "balloon.minor_fault", 0);
    add(record, room, "balloon.unused", size > used ? size - used : 0);
    add(record, room, "balloon.available", size * 97 / 100);
    add(record, room, "balloon.usable", size > used ? size - used : 0);
    add(record, room, "balloon.last-update", (unsigned long long)time(NULL));
    add(record, room, "balloon.disk_caches", 0);
    add(record, room, "balloon.rss", size);
}

int virConnectGetAllDomainStats(virConnectPtr connection, unsigned int stats,
                                virDomainStatsRecordPtr **ret, unsigned int flags)
{
    static int (*call)(virConnectPtr, unsigned int, virDomainStatsRecordPtr **, unsigned int);
    uint64_t since_ns = cpu_ns();
    int n;

    if (!call)
        *(void **)&call = real("virConnectGetAllDomainStats");
    n = call(connection, VIR_DOMAIN_STATS_STATE, ret,
             flags & ~(unsigned)VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
    for (int i = 0; i < n; i++) {
        int room = (*ret)[i]->nparams;

        if (stats & VIR_DOMAIN_STATS_VCPU)
            add_vcpus((*ret)[i], &room);
        if (stats & VIR_DOMAIN_STATS_BALLOON)
            add_balloon((*ret)[i], &room);
    }
    leave(since_ns);
    tell_cpu();
    take(stats & VIR_DOMAIN_STATS_VCPU ? BULK_VCPUS + (long)n * BULK_VCPUS_EACH
                                       : BULK_BALLOONS + (long)n * BULK_BALLOONS_EACH);
    return n;
}

const char *virConnectGetType(virConnectPtr connection)
{
    (void)connection;
    return "QEMU";
}

/* Nobody sets a pin. */
int virConnectDomainEventRegisterAny(virConnectPtr connection, virDomainPtr domain, int event,
                                     virConnectDomainEventGenericCallback callback, void *arg,
                                     virFreeCallback free_arg)
{
    (void)connection, (void)domain, (void)event, (void)callback, (void)arg, (void)free_arg;
    return 0;
}

int virConnectDomainEventDeregisterAny(virConnectPtr connection, int id)
{
    (void)connection, (void)id;
    return 0;
}

/* A call as the driver answers it, after as long as a real libvirtd takes. */
#define PASS_ON(step, type, name, parameters, arguments)                                           \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*call) parameters; /* NOLINT(bugprone-macro-parentheses): has its own */       \
        uint64_t since_ns;                                                                         \
        type ret;                                                                                  \
                                                                                                   \
        take(step);                                                                                \
        if (!call)                                                                                 \
            *(void **)&call = real(#name);                                                         \
        since_ns = cpu_ns();                                                                       \
        ret = call arguments;                                                                      \
        leave(since_ns);                                                                           \
        return ret;                                                                                \
    }

PASS_ON(PCPU_MAP, int, virNodeGetCPUMap,
        (virConnectPtr connection, unsigned char **map, unsigned int *online, unsigned int flags),
        (connection, map, online, flags))
PASS_ON(LOOKUP, virDomainPtr, virDomainLookupByUUID,
        (virConnectPtr connection, const unsigned char *uuid), (connection, uuid))
PASS_ON(IS_PERSISTENT, int, virDomainIsPersistent, (virDomainPtr domain), (domain))
PASS_ON(DEFINITION, char *, virDomainGetXMLDesc, (virDomainPtr domain, unsigned int flags),
        (domain, flags))
PASS_ON(GET_VCPUS, int, virDomainGetVcpus,
        (virDomainPtr domain, virVcpuInfoPtr info, int n, unsigned char *maps, int map_bytes),
        (domain, info, n, maps, map_bytes))

int virDomainGetSchedulerParametersFlags(virDomainPtr domain, virTypedParameterPtr params, int *n,
                                         unsigned int flags)
{
    (void)domain, (void)params, (void)flags;
    take(SCHEDULER);
    *n = 0;
    return 0;
}
PASS_ON(MEMORY, int, virDomainMemoryStats,
        (virDomainPtr domain, virDomainMemoryStatPtr stats, unsigned int n, unsigned int flags),
        (domain, stats, n, flags))
PASS_ON(HOST_MEMORY, int, virNodeGetMemoryStats,
        (virConnectPtr connection, int cell, virNodeMemoryStatsPtr params, int *n,
         unsigned int flags),
        (connection, cell, params, n, flags))

/* With FREE_MIB every host has so much. */
unsigned long long virNodeGetFreeMemory(virConnectPtr connection)
{
    const char *mib = getenv("FREE_MIB");
    unsigned long long (*call)(virConnectPtr);

    *(void **)&call = real("virNodeGetFreeMemory");
    return mib ? strtoull(mib, NULL, 10) << 20 : call(connection);
}

int virDomainGetControlInfo(virDomainPtr domain, virDomainControlInfoPtr info, unsigned int flags)
{
    (void)domain, (void)flags;
    take(CONTROL);
    memset(info, 0, sizeof(*info));
    return 0;
}

int virDomainGetJobInfo(virDomainPtr domain, virDomainJobInfoPtr info)
{
    const char *busy = getenv("JOB_OF"); /* a guest with a job, for ever */

    take(JOB);
    memset(info, 0, sizeof(*info));
    if (busy && strcmp(virDomainGetName(domain), busy) == 0)
        info->type = VIR_DOMAIN_JOB_UNBOUNDED;
    return 0;
}
