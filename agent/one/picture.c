/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/picture.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "agent/one/storage.h"

enum { MEMORY, CPU, ROOMS, MIB_PER_GIB = 1024, KIB_PER_MIB = 1024, MILLI_PER_PERCENT = 10 };
enum { HOST_MONITORING = 1, HOST_MONITORED = 2 };

static const char *name_of(struct cluster *cluster, const char *name, int id)
{
    char text[CLUSTER_NAME_SIZE];

    snprintf(text, sizeof(text), "%.200s", name);
    text_trim_utf8(text);
    text_printable(text);
    snprintf(text + strlen(text), sizeof(text) - strlen(text), " (%d)", id);
    return cluster_text(cluster, text);
}

/* As oned counts them: a VM's CPU in whole hundredths. */
static int64_t cpu_of(const struct one_vm *vm)
{
    return (int64_t)ceil(vm->cpu * 100 - 1e-6);
}

static int64_t load_of(const struct one_document *document, enum one_job job,
                       const struct one_vm *vm)
{
    const struct one_cluster *how = &document->cluster;
    double handed_out = vm->cpu * 1000, used = handed_out;

    if (job == ONE_PLACE)
        return (int64_t)handed_out;
    if (vm->is_measured)
        used = vm->cpu_pct * MILLI_PER_PERCENT;
    if (vm->is_measured && how->predictive > 0 && vm->forecast_pct > 0)
        used =
            used * (1 - how->predictive) + vm->forecast_pct * MILLI_PER_PERCENT * how->predictive;
    return (int64_t)round((how->usage_weight * used + how->cpu_weight * handed_out) /
                          (how->usage_weight + how->cpu_weight));
}

static void put_host(const struct one_host *host, struct cluster *cluster, size_t p, int64_t *room)
{
    room[MEMORY] = host->max_mem_kib / KIB_PER_MIB;
    room[CPU] = host->max_cpu;
    cluster->fleet.hosts[p] = (struct fleet_host){
        .name = name_of(cluster, host->name, host->id),
        .is_open = true,
        .cpu_milli = host->total_cpu > 0 ? host->total_cpu * MILLI_PER_PERCENT : 1,
        .room = room};
    if (host->state != HOST_MONITORING && host->state != HOST_MONITORED)
        cluster_close(cluster, p, "it is in state %" PRId64, host->state);
    else if (host->max_cpu == 0)
        cluster_close(cluster, p, "it has no CPU to hand out");
}

/* Whether it takes room on a host; others have been put away. */
static bool takes_room(const struct one_vm *vm)
{
    return vm->state == ONE_ACTIVE || vm->state == ONE_POWEROFF || vm->state == ONE_SUSPENDED;
}

static bool is_guest(const struct one_document *document, enum one_job job, const struct one_vm *vm)
{
    if (job == ONE_PLACE)
        return vm->wanted && (vm->state == ONE_PENDING || vm->resched);
    return takes_room(vm) && one_find_host(document, vm->host) >= 0;
}

/* Why a VM that runs is left where it is; NULL: it may be moved. */
static const char *why_fixed(const struct one_vm *vm)
{
    if (vm->state != ONE_ACTIVE || vm->lcm_state != ONE_LCM_RUNNING)
        return "it is not running, or something is being done with it";
    if (vm->is_blocked)
        return "its owner has set ONEDRS_BLOCKED";
    if (vm->resched)
        return "it waits to be placed anew";
    if (vm->has_pci)
        return "it has a PCI device of its host";
    if (vm->is_pinned)
        return "it is pinned to CPUs or NUMA nodes";
    if (!vm->wanted)
        return "it is locked, or no host meets its requirements";
    return NULL;
}

static int price_of(const struct one_vm *vm)
{
    int64_t price = 1 + vm->memory_mib / MIB_PER_GIB;

    return price < FLEET_MOST_PRICE ? (int)price : FLEET_MOST_PRICE;
}

static void put_guest(const struct one_document *document, enum one_job job, int vm_index,
                      struct one_picture *picture, size_t i, int64_t *size)
{
    const struct one_vm *vm = &document->vms[vm_index];
    struct cluster *cluster = &picture->cluster;
    const char *why = job == ONE_OPTIMIZE ? why_fixed(vm) : NULL;

    size[MEMORY] = vm->memory_mib;
    size[CPU] = cpu_of(vm);
    cluster->fleet.guests[i] = (struct fleet_guest){
        .name = name_of(cluster, vm->name, vm->id),
        .home = job == ONE_PLACE ? FLEET_NOWHERE : one_find_host(document, vm->host),
        .load_milli = load_of(document, job, vm),
        .size = size,
        .together = FLEET_NOWHERE,
        .price = price_of(vm)};
    cluster->fleet.guests[i].peak_milli = cluster->fleet.guests[i].load_milli;
    if (why)
        cluster_fix(cluster, i, "%s", why);
    picture->vm_of[i] = vm_index;
    picture->guest_of[vm_index] = (int)i;
}

/* The hosts that oned found to meet its requirements, less those where its disks would find no room. Where it
 * runs, it may stay. */
static void mark_allowed(const struct one_document *document, const struct one_vm *vm, int home,
                         bool *row)
{
    size_t n;
    const int *ids = one_hosts_of(document, vm, &n);

    memset(row, 0, document->n_hosts * sizeof(*row));
    for (size_t k = 0; k < n; k++) {
        int host = one_find_host(document, ids[k]);

        if (host >= 0)
            row[host] = true;
    }
    one_storage_narrow(document, vm, row);
    if (home >= 0)
        row[home] = true;
}

/* One that may be everywhere needs no row. */
static int read_allowed(const struct one_document *document, struct one_picture *picture)
{
    struct cluster *cluster = &picture->cluster;
    struct fleet *fleet = &cluster->fleet;
    bool *row = calloc(document->n_hosts + 1, sizeof(*row));

    for (size_t i = 0; row && i < fleet->n_guests; i++) {
        const struct one_vm *vm = &document->vms[picture->vm_of[i]];
        bool *allowed;

        if (!vm->wanted || fleet->guests[i].is_fixed)
            continue;
        mark_allowed(document, vm, fleet->guests[i].home, row);
        if (!memchr(row, 0, document->n_hosts * sizeof(*row)))
            continue;
        allowed = cluster_allowed(cluster, i);
        if (allowed)
            memcpy(allowed, row, document->n_hosts * sizeof(*row));
    }
    free(row);
    return row ? 0 : -ENOMEM;
}

/* What guests of the document take of a host, in hundredths and KiB, and how much they use. */
struct known {
    int64_t cpu, kib, load_milli;
};

static void put_rest(const struct one_host *host, enum one_job job, const struct known *known,
                     struct one_picture *picture, int home, int64_t *size)
{
    struct cluster *cluster = &picture->cluster;
    struct fleet *fleet = &cluster->fleet;
    int64_t cpu = host->cpu_usage - known->cpu, kib = host->mem_usage_kib - known->kib;
    int64_t handed_out = (cpu > 0 ? cpu : 0) * MILLI_PER_PERCENT;
    int64_t used = host->used_cpu * MILLI_PER_PERCENT - known->load_milli;
    size_t i = fleet->n_guests;
    char name[CLUSTER_NAME_SIZE];

    if (cpu <= 0 && kib <= 0)
        return;
    if (job == ONE_PLACE || used > handed_out)
        used = handed_out;
    size[MEMORY] = kib > 0 ? (kib + KIB_PER_MIB - 1) / KIB_PER_MIB : 0;
    size[CPU] = cpu > 0 ? cpu : 0;
    snprintf(name, sizeof(name), "others on %.230s", fleet->hosts[home].name);
    fleet->guests[i] = (struct fleet_guest){.name = cluster_text(cluster, name),
                                            .home = home,
                                            .load_milli = used > 0 ? used : 0,
                                            .peak_milli = used > 0 ? used : 0,
                                            .size = size,
                                            .together = FLEET_NOWHERE,
                                            .price = 1};
    cluster_fix(cluster, i, "the document does not tell of it");
    picture->vm_of[i] = -1;
    fleet->n_guests++;
}

static int put_rests(const struct one_document *document, enum one_job job,
                     struct one_picture *picture, int64_t *sizes)
{
    struct fleet *fleet = &picture->cluster.fleet;
    struct known *known = calloc(document->n_hosts + 1, sizeof(*known));

    if (!known)
        return -ENOMEM;
    for (size_t i = 0; i < fleet->n_guests; i++) {
        const struct fleet_guest *guest = &fleet->guests[i];

        if (guest->home < 0)
            continue;
        known[guest->home].cpu += guest->size[CPU];
        known[guest->home].kib += guest->size[MEMORY] * KIB_PER_MIB;
        known[guest->home].load_milli += guest->load_milli;
    }
    for (size_t p = 0; p < document->n_hosts; p++)
        put_rest(&document->hosts[p], job, &known[p], picture, (int)p,
                 &sizes[fleet->n_guests * ROOMS]);
    free(known);
    return 0;
}

static int fill(const struct one_document *document, enum one_job job, struct one_picture *picture,
                struct err *err)
{
    struct cluster *cluster = &picture->cluster;
    struct fleet *fleet = &cluster->fleet;
    size_t most = document->n_vms + document->n_hosts;
    int64_t *rooms = cluster_room(cluster, document->n_hosts * ROOMS, sizeof(*rooms));
    int64_t *sizes = cluster_room(cluster, most * ROOMS, sizeof(*sizes));
    const char **resource = cluster_room(cluster, ROOMS, sizeof(*resource));
    int r;

    fleet->hosts = cluster_room(cluster, document->n_hosts, sizeof(*fleet->hosts));
    fleet->guests = cluster_room(cluster, most, sizeof(*fleet->guests));
    picture->vm_of = cluster_room(cluster, most, sizeof(*picture->vm_of));
    picture->guest_of = cluster_room(cluster, document->n_vms, sizeof(*picture->guest_of));
    if (cluster->is_short)
        return -ENOMEM;
    resource[MEMORY] = "memory";
    resource[CPU] = "cpu";
    fleet->resource = resource;
    fleet->n_resources = ROOMS;
    fleet->n_hosts = document->n_hosts;
    for (size_t p = 0; p < document->n_hosts; p++)
        put_host(&document->hosts[p], cluster, p, &rooms[p * ROOMS]);
    for (size_t k = 0; k < document->n_vms; k++) {
        picture->guest_of[k] = -1;
        if (!is_guest(document, job, &document->vms[k]))
            continue;
        put_guest(document, job, (int)k, picture, fleet->n_guests, &sizes[fleet->n_guests * ROOMS]);
        fleet->n_guests++;
    }
    r = read_allowed(document, picture);
    if (r == 0)
        r = one_group_rules(document, picture, err);
    if (r == 0)
        r = put_rests(document, job, picture, sizes);
    return cluster->is_short ? -ENOMEM : r;
}

static void note(const struct one_document *document, enum one_job job, struct cluster *cluster)
{
    size_t unmeasured = 0;

    for (size_t k = 0; k < document->n_vms; k++)
        unmeasured += is_guest(document, job, &document->vms[k]) && !document->vms[k].is_measured;
    if (job == ONE_OPTIMIZE && unmeasured > 0)
        cluster_note(cluster, "no CPU usage is known of VMs (%zu): they count with their CPU",
                     unmeasured);
    if (job == ONE_OPTIMIZE && document->cluster.other_weight > 0)
        cluster_note(cluster, "weights of memory, disk and network do not count here: memory is a "
                              "limit, and balance is of CPU");
}

int one_picture_new(const struct one_document *document, enum one_job job, struct one_picture *ret,
                    struct err *err)
{
    struct one_picture picture = {.cluster = {.engine = "OpenNebula"}};
    int r = fill(document, job, &picture, err);

    note(document, job, &picture.cluster);
    if (r < 0 || picture.cluster.is_short) {
        one_picture_done(&picture);
        return r == -EINVAL ? r : err_set(err, -ENOMEM, "out of memory");
    }
    *ret = picture;
    return 0;
}

void one_picture_done(struct one_picture *picture)
{
    cluster_done(&picture->cluster);
    *picture = (struct one_picture){0};
}
