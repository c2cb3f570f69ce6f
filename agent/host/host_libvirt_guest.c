/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/host_libvirt_guest.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host/sample_build.h"

enum { BUSY_MS = 1000 }; /* a monitor that is taken for longer is not about to answer */

/* NOWAIT: a guest whose monitor is taken tells less, instead of holding everybody up. */
static int read_records(struct libvirt *libvirt, unsigned groups, virDomainStatsRecordPtr **ret)
{
    unsigned nowait = libvirt->must_wait ? 0 : VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
    int n = virConnectGetAllDomainStats(libvirt_call(libvirt), groups, ret,
                                        VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | nowait);

    if (n >= 0 || !nowait || virGetLastErrorCode() != VIR_ERR_INVALID_ARG)
        return n;
    libvirt->must_wait = true;
    return read_records(libvirt, groups, ret);
}

static uint64_t param_value(const virTypedParameter *param)
{
    switch (param->type) {
    case VIR_TYPED_PARAM_INT: /* none is negative */
    case VIR_TYPED_PARAM_UINT:
        return param->value.ui;
    case VIR_TYPED_PARAM_LLONG: /* the same bits */
    case VIR_TYPED_PARAM_ULLONG:
        return param->value.ul;
    default:
        return 0;
    }
}

static int take_record(const virDomainStatsRecord *record, struct active_guest *guest)
{
    unsigned char uuid[VIR_UUID_BUFLEN] = {0};
    int r = 0;

    virDomainGetUUID(record->dom, uuid); /* answered from the handle, without a call */
    guest_id_set(&guest->id, uuid, virDomainGetName(record->dom));
    guest->number = (int)virDomainGetID(record->dom);
    guest->domain = record->dom;
    for (int i = 0; i < record->nparams && r >= 0; i++)
        r = guest_stats_take(&guest->stats, record->params[i].field,
                             param_value(&record->params[i]));
    return r;
}

static int compare(const void *a, const void *b)
{
    const struct active_guest *left = a, *right = b;

    return guest_compare(&left->id, &right->id);
}

int libvirt_guests(struct libvirt *libvirt, enum libvirt_group group, struct active_guests *ret,
                   struct err *err)
{
    unsigned groups = VIR_DOMAIN_STATS_STATE |
                      (group == LIBVIRT_VCPUS ? VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_CPU_TOTAL
                                              : VIR_DOMAIN_STATS_BALLOON);
    struct active_guests guests = {0};
    virDomainStatsRecordPtr *records = NULL;
    int n = read_records(libvirt, groups, &records);
    int r = 0;

    if (n < 0)
        return libvirt_fail(libvirt, NULL, "read the guests' statistics", err);
    guests.records = records;
    guests.guests = calloc((size_t)n + 1, sizeof(*guests.guests));
    if (!guests.guests)
        r = -ENOMEM;
    for (int i = 0; i < n && r >= 0; i++)
        r = take_record(records[i], &guests.guests[guests.n++]);
    if (r < 0) {
        libvirt_guests_done(&guests);
        return err_set(err, -ENOMEM, "out of memory");
    }
    qsort(guests.guests, guests.n, sizeof(*guests.guests), compare);
    *ret = guests;
    return 0;
}

void libvirt_guests_done(struct active_guests *guests)
{
    for (size_t i = 0; i < guests->n; i++)
        guest_stats_done(&guests->guests[i].stats);
    free(guests->guests);
    virDomainStatsRecordListFree(guests->records);
    *guests = (struct active_guests){0};
}

/* NULL: it has none, or the driver does not tell. Of one that arrives only the other end tells more. */
static const char *job_of(virDomainPtr domain)
{
    virDomainJobInfo job;

    if (virDomainGetJobInfo(domain, &job) < 0)
        return virGetLastErrorCode() == VIR_ERR_OPERATION_UNSUPPORTED ? "arriving by migration"
                                                                      : NULL;
    return job.type == VIR_DOMAIN_JOB_BOUNDED || job.type == VIR_DOMAIN_JOB_UNBOUNDED
               ? "migrating or being saved"
               : NULL;
}

/* libvirt lets a call wait for 30 s where a guest's monitor does not answer somebody else, and a
 * change for as long as a migration, save or dump takes. Asked in this order, because the second
 * question may have to wait for the monitor itself. */
static int check_free(virDomainPtr domain, const struct guest_id *guest, struct err *err)
{
    const char *why = NULL;
    virDomainControlInfo control;

    if (virDomainGetControlInfo(domain, &control, 0) == 0 &&
        control.state != VIR_DOMAIN_CONTROL_OK && control.stateTime > BUSY_MS)
        why = "libvirt is busy with it";
    else
        why = job_of(domain);
    return why ? err_set(err, -EBUSY, "guest '%.100s': %s, leaving it alone", guest->name, why) : 0;
}

bool libvirt_is_free(const struct active_guest *guest)
{
    return check_free(guest->domain, &guest->id, NULL) == 0;
}

int libvirt_definition(struct libvirt *libvirt, const struct active_guest *guest, char **ret_live,
                       char **ret_persistent, struct err *err)
{
    int is_persistent;
    char *live, *persistent = NULL;

    libvirt_call(libvirt);
    is_persistent = virDomainIsPersistent(guest->domain);
    libvirt_call(libvirt);
    live = is_persistent < 0 ? NULL : virDomainGetXMLDesc(guest->domain, 0);

    if (!live)
        return libvirt_fail(libvirt, &guest->id, "read its definition", err);
    libvirt_call(libvirt);
    if (is_persistent)
        persistent = virDomainGetXMLDesc(guest->domain, VIR_DOMAIN_XML_INACTIVE);
    if (is_persistent && !persistent) {
        free(live);
        return libvirt_fail(libvirt, &guest->id, "read its persistent definition", err);
    }
    *ret_live = live;
    *ret_persistent = persistent;
    return 0;
}

int libvirt_vcpus(struct libvirt *libvirt, const struct active_guest *guest, struct vcpu_fact **ret,
                  size_t *ret_n, struct err *err)
{
    int most =
        guest->stats.max_vcpus ? (int)guest->stats.max_vcpus : virDomainGetMaxVcpus(guest->domain);
    size_t room = most > 0 ? (size_t)most : 1;
    virVcpuInfo *infos = calloc(room, sizeof(*infos));
    unsigned char *maps = calloc(room, (size_t)libvirt->map_bytes);
    struct vcpu_fact *facts = calloc(room, sizeof(*facts));
    int n = -1;
    int r = 0;

    if (!infos || !maps || !facts) {
        r = err_set(err, -ENOMEM, "out of memory");
        goto out;
    }
    libvirt_call(libvirt);
    if (most > 0)
        n = virDomainGetVcpus(guest->domain, infos, most, maps, libvirt->map_bytes);
    if (n < 0) {
        r = libvirt_fail(libvirt, &guest->id, "read its vCPUs", err);
        goto out;
    }
    for (int i = 0; i < n; i++) {
        facts[i] = (struct vcpu_fact){.vcpu = infos[i].number,
                                      .online = infos[i].state != VIR_VCPU_OFFLINE,
                                      .last_pcpu = infos[i].cpu,
                                      .time_ns = infos[i].cpuTime};
        cpuset_from_bytes(&facts[i].affinity, VIR_GET_CPUMAP(maps, libvirt->map_bytes, i),
                          (size_t)libvirt->map_bytes);
    }
    *ret = facts;
    *ret_n = (size_t)n;
    facts = NULL;
out:
    free(infos);
    free(maps);
    free(facts);
    return r;
}

int libvirt_quotas(struct libvirt *libvirt, const struct active_guest *guest, struct quotas *ret,
                   struct err *err)
{
    virTypedParameter params[32];
    int n = sizeof(params) / sizeof(params[0]);

    libvirt_call(libvirt);
    if (virDomainGetSchedulerParametersFlags(guest->domain, params, &n, VIR_DOMAIN_AFFECT_LIVE) < 0)
        return libvirt_fail(libvirt, &guest->id, "read its scheduler parameters", err);
    *ret = (struct quotas){0};
    for (int i = 0; i < n; i++)
        quotas_take(ret, params[i].field, param_value(&params[i]));
    virTypedParamsClear(params, n);
    return 0;
}

int libvirt_balloon(struct libvirt *libvirt, struct active_guest *guest, bool all, struct err *err)
{
    virDomainMemoryStatStruct stats[VIR_DOMAIN_MEMORY_STAT_NR];
    int n;

    if (guest->stats.has_actual && guest->stats.has_maximum &&
        (!all || (guest->stats.memory.has & MEMORY_HAS_UNUSED)))
        return 0;
    n = check_free(guest->domain, &guest->id, err);
    if (n < 0)
        return n;
    libvirt_call(libvirt);
    n = virDomainMemoryStats(guest->domain, stats, VIR_DOMAIN_MEMORY_STAT_NR, 0);
    if (n < 0)
        return libvirt_fail(libvirt, &guest->id, "read its memory statistics", err);
    for (int i = 0; i < n; i++)
        guest_stats_take_tag(&guest->stats, stats[i].tag, stats[i].val);
    guest_stats_take(&guest->stats, "balloon.maximum", virDomainGetMaxMemory(guest->domain));
    return 0;
}

/* The guest's handle for a change, when it is in the run that is meant and a call on it can be expected to
 * return soon. Whoever asked may have gone on without an answer: what was planned then is of no use now, and
 * what was put back since has to stay so. */
static int find_guest(struct libvirt *libvirt, const struct guest_id *guest, int run,
                      virDomainPtr *ret, struct err *err)
{
    virDomainPtr domain;
    int r;

    if (!libvirt->connection)
        return err_set(err, -ENOTCONN, "guest '%.100s': not connected to libvirt", guest->name);
    domain = virDomainLookupByUUID(libvirt_call(libvirt), guest->uuid);
    if (!domain)
        return libvirt_fail(libvirt, guest, "find it", err);
    if (run != LIBVIRT_ANY_RUN && virDomainGetID(domain) != (unsigned)run)
        r = err_set(err, -ENOENT, "guest '%.100s' has ended, or was started again", guest->name);
    else
        r = check_free(domain, guest, err);
    if (r >= 0 && stop_is_asked(&libvirt->given_up))
        r = err_set(err, -ECANCELED, "guest '%.100s': the change was given up", guest->name);
    if (r < 0)
        virDomainFree(domain);
    else
        *ret = domain;
    return r;
}

int libvirt_pin(struct libvirt *libvirt, const struct guest_id *guest, int run, unsigned vcpu,
                const struct cpuset *affinity, struct err *err)
{
    unsigned char map[CPUSET_SIZE / 8];
    virDomainPtr domain = NULL;
    int r = find_guest(libvirt, guest, run, &domain, err);

    if (r < 0)
        return r;
    cpuset_to_bytes(affinity, map, sizeof(map));
    libvirt_call(libvirt);
    if (virDomainPinVcpu(domain, vcpu, map, libvirt->map_bytes) < 0) /* live only */
        r = libvirt_fail(libvirt, guest, "pin a vCPU", err);
    virDomainFree(domain);
    return r;
}

int libvirt_pin_helpers(struct libvirt *libvirt, const struct guest_id *guest, int run,
                        unsigned iothread, const struct cpuset *affinity, struct err *err)
{
    unsigned char map[CPUSET_SIZE / 8];
    virDomainPtr domain = NULL;
    int r = find_guest(libvirt, guest, run, &domain, err);
    int bytes = libvirt->map_bytes;

    if (r < 0)
        return r;
    cpuset_to_bytes(affinity, map, sizeof(map));
    libvirt_call(libvirt);
    if (iothread == 0 && virDomainPinEmulator(domain, map, bytes, VIR_DOMAIN_AFFECT_LIVE) < 0)
        r = libvirt_fail(libvirt, guest, "pin its emulator", err);
    else if (iothread > 0 &&
             virDomainPinIOThread(domain, iothread, map, bytes, VIR_DOMAIN_AFFECT_LIVE) < 0)
        r = libvirt_fail(libvirt, guest, "pin an I/O thread", err);
    virDomainFree(domain);
    return r;
}

int libvirt_set_memory(struct libvirt *libvirt, const struct guest_id *guest, int run,
                       uint64_t target_kib, struct err *err)
{
    virDomainPtr domain = NULL;
    int r = find_guest(libvirt, guest, run, &domain, err);

    if (r < 0)
        return r;
    libvirt_call(libvirt);
    if (virDomainSetMemoryFlags(domain, target_kib, VIR_DOMAIN_AFFECT_LIVE) < 0)
        r = libvirt_fail(libvirt, guest, "set its balloon", err);
    virDomainFree(domain);
    return r;
}

int libvirt_set_stats_period(struct libvirt *libvirt, const struct guest_id *guest, int run,
                             unsigned period_s, struct err *err)
{
    virDomainPtr domain = NULL;
    int r = find_guest(libvirt, guest, run, &domain, err);

    if (r < 0)
        return r;
    libvirt_call(libvirt);
    if (virDomainSetMemoryStatsPeriod(domain, (int)period_s, VIR_DOMAIN_AFFECT_LIVE) < 0)
        r = libvirt_fail(libvirt, guest, "ask for memory statistics", err);
    virDomainFree(domain);
    return r;
}

int libvirt_run_of(struct libvirt *libvirt, const struct guest_id *guest, int *ret, struct err *err)
{
    virDomainPtr domain;
    unsigned number;

    if (!libvirt->connection)
        return err_set(err, -ENOTCONN, "guest '%.100s': not connected to libvirt", guest->name);
    domain = virDomainLookupByUUID(libvirt_call(libvirt), guest->uuid);
    if (!domain)
        return libvirt_fail(libvirt, guest, "find it", err);
    number = virDomainGetID(domain);
    virDomainFree(domain);
    if (number > INT_MAX) /* it is not running */
        return err_set(err, -ENOENT, "guest '%.100s' has ended", guest->name);
    *ret = (int)number;
    return 0;
}

/* A guest that was paused since it began, or went on after a crash, does not tell any more how that was. */
static enum run_origin origin_of_reason(int reason)
{
    switch (reason) {
    case VIR_DOMAIN_RUNNING_BOOTED:
        return RUN_BOOTED;
    case VIR_DOMAIN_RUNNING_RESTORED:
    case VIR_DOMAIN_RUNNING_FROM_SNAPSHOT:
    case VIR_DOMAIN_RUNNING_MIGRATED:
        return RUN_RETURNED;
    default:
        return RUN_UNTOLD;
    }
}

int libvirt_origin_of(struct libvirt *libvirt, const struct guest_id *guest, enum run_origin *ret,
                      struct err *err)
{
    virDomainPtr domain;
    int state = 0, reason = 0, r = 0;

    if (!libvirt->connection)
        return err_set(err, -ENOTCONN, "guest '%.100s': not connected to libvirt", guest->name);
    domain = virDomainLookupByUUID(libvirt_call(libvirt), guest->uuid);
    if (!domain)
        return libvirt_fail(libvirt, guest, "find it", err);
    libvirt_call(libvirt);
    if (virDomainGetState(domain, &state, &reason, 0) < 0)
        r = libvirt_fail(libvirt, guest, "ask for its state", err);
    else
        *ret = state == VIR_DOMAIN_RUNNING ? origin_of_reason(reason) : RUN_UNTOLD;
    virDomainFree(domain);
    return r;
}
