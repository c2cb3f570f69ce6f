/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libvirt tells of guests and host, interval by interval: here it tells what the bytes say, and
 * something sensible where they say nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/host/host_libvirt_events.h"
#include "agent/host/libvirt_sample_memory.h"
#include "agent/host/libvirt_sample_vcpus.h"
#include "tests/fuzz/decide.h"
#include "tests/fuzz/fuzz.h"

enum { INTERVALS = 6, MOST_GUESTS = 4, MOST_CHANGES = 12, MOST_VCPUS = 3, PCPUS = 4 };
static const uint64_t SECOND_NS = 1000000000;
enum { GIB_KIB = 1 << 20 };

/* One host, and the time there. */
struct told {
    struct bytes bytes;
    struct libvirt libvirt;
    uint64_t now_ns;
    int64_t real_s;
    unsigned interval;
    int n_guests;
    uint64_t asked_kib[MOST_GUESTS];
};
static struct told told;

uint64_t clock_monotonic_ns(void)
{
    return told.now_ns;
}

int64_t clock_real_s(void)
{
    return told.real_s;
}

/* ---- What libvirt would be asked ---- */

int libvirt_connect(struct libvirt *libvirt, const char *uri, bool read_only, struct err *err)
{
    (void)libvirt, (void)uri, (void)read_only, (void)err;
    return 0;
}

void libvirt_free(struct libvirt *libvirt)
{
    (void)libvirt;
}

void libvirt_listen(struct libvirt *libvirt)
{
    (void)libvirt;
}

bool libvirt_tells(const struct libvirt *libvirt)
{
    (void)libvirt;
    return false;
}

enum libvirt_touch libvirt_next_touched(struct libvirt *libvirt, unsigned char ret_uuid[16])
{
    (void)libvirt, (void)ret_uuid;
    return LIBVIRT_NOBODY;
}

static uint64_t usual(const char *field, int guest)
{
    uint64_t seconds = told.interval * 2 + 10;

    if (strcmp(field, "state.state") == 0 || strstr(field, ".state"))
        return 1;
    if (strcmp(field, "balloon.current") == 0)
        return told.asked_kib[guest];
    if (strcmp(field, "balloon.maximum") == 0)
        return 2 * GIB_KIB;
    if (strcmp(field, "balloon.available") == 0)
        return told.asked_kib[guest] - 20000;
    if (strcmp(field, "balloon.unused") == 0)
        return GIB_KIB / 4 / (1 + told.interval * (unsigned)guest);
    if (strcmp(field, "balloon.last-update") == 0)
        return (uint64_t)told.real_s;
    return strstr(field, "time") ? seconds * SECOND_NS / (1 + (unsigned)guest) : 0;
}

static void tell(struct guest_stats *stats, const char *field, uint64_t value)
{
    must(guest_stats_take(stats, field, value) == 0, "there is memory");
}

static void tell_guest(struct guest_stats *stats, int guest)
{
    static const char *const fields[] = {
        "state.state",        "state.reason",      "vcpu.current",    "vcpu.maximum",
        "vcpu.0.time",        "vcpu.0.state",      "vcpu.0.delay",    "vcpu.1.time",
        "vcpu.1.delay",       "vcpu.2.state",      "vcpu.2.time",     "vcpu.16383.time",
        "vcpu.99999.time",    "cpu.time",          "balloon.current", "balloon.maximum",
        "balloon.unused",     "balloon.available", "balloon.usable",  "balloon.last-update",
        "balloon.swap_in",    "balloon.swap_out",  "balloon.rss",     "balloon.major_fault",
        "balloon.disk_caches"};
    enum { FIELDS = sizeof(fields) / sizeof(fields[0]), NEW = 11 };
    uint64_t left_out = take(&told.bytes, 4);
    int changes = take_between(&told.bytes, 0, MOST_CHANGES);

    for (int f = 0; f < FIELDS; f++) {
        if (!(left_out >> f & 1) && f != NEW)
            tell(stats, fields[f], usual(fields[f], guest));
    }
    for (int c = 0; c < changes; c++) {
        const char *field = fields[take_between(&told.bytes, 0, FIELDS - 1)];

        tell(stats, field, take_strange(&told.bytes));
    }
}

int libvirt_guests(struct libvirt *libvirt, enum libvirt_group group, struct active_guests *ret,
                   struct err *err)
{
    (void)libvirt, (void)group, (void)err;
    ret->guests = calloc(MOST_GUESTS, sizeof(*ret->guests));
    must(ret->guests, "there is memory");
    ret->n = (size_t)told.n_guests;
    for (int g = 0; g < told.n_guests; g++) {
        struct active_guest *guest = &ret->guests[g];

        guest->id.uuid[0] = (unsigned char)(g + 1);
        snprintf(guest->id.name, sizeof(guest->id.name), "g%d", g);
        guest->number = 1 + (int)take(&told.bytes, 1) / 200;
        tell_guest(&guest->stats, g);
    }
    return 0;
}

void libvirt_guests_done(struct active_guests *guests)
{
    for (size_t g = 0; g < guests->n; g++)
        guest_stats_done(&guests->guests[g].stats);
    free(guests->guests);
    *guests = (struct active_guests){0};
}

int libvirt_definition(struct libvirt *libvirt, const struct active_guest *guest, char **ret_live,
                       char **ret_persistent, struct err *err)
{
    static const char *const definitions[] = {
        "<domain><vcpu>2</vcpu><devices><memballoon model='virtio'/></devices></domain>",
        "<domain><vcpu cpuset='0-1'>2</vcpu><devices><memballoon model='virtio'/>"
        "<memory model='virtio-mem'><target><size unit='KiB'>524288</size>"
        "<current unit='KiB'>262144</current></target></memory></devices></domain>",
        "<domain><memtune><hard_limit>1500000</hard_limit></memtune><metadata><e:guest "
        "xmlns:e='tag:evenkeel.dev,2026:guest'><e:memory floor='900' ceiling='1000'/></e:guest>"
        "</metadata><devices><memballoon model='virtio'/></devices></domain>",
        "<domain><cputune><quota>50000</quota><period>100000</period></cputune></domain>",
        "no definition",
    };

    (void)libvirt, (void)guest, (void)err;
    *ret_live = strdup(definitions[take(&told.bytes, 1) % 5]);
    *ret_persistent = strdup(definitions[0]);
    must(*ret_live && *ret_persistent, "there is memory");
    return 0;
}

int libvirt_vcpus(struct libvirt *libvirt, const struct active_guest *guest, struct vcpu_fact **ret,
                  size_t *ret_n, struct err *err)
{
    (void)libvirt, (void)guest, (void)err;
    *ret_n = 1 + (size_t)take(&told.bytes, 1) % MOST_VCPUS;
    *ret = calloc(MOST_VCPUS, sizeof(**ret));
    must(*ret, "there is memory");
    for (size_t v = 0; v < *ret_n; v++) {
        struct vcpu_fact *fact = &(*ret)[v];
        uint64_t where = take(&told.bytes, 1);

        fact->vcpu = (unsigned)v;
        fact->online = where != 255;
        fact->last_pcpu = (int)(where % 9) - 1;
        fact->time_ns = where > 128 ? take_strange(&told.bytes) : told.interval * SECOND_NS;
        for (unsigned p = 0; p < 8; p++) {
            if (where >> 3 == p || where < 64)
                cpuset_add(&fact->affinity, p);
        }
    }
    return 0;
}

int libvirt_quotas(struct libvirt *libvirt, const struct active_guest *guest, struct quotas *ret,
                   struct err *err)
{
    (void)libvirt, (void)guest;
    if (take(&told.bytes, 1) < 128)
        return err_set(err, -EIO, "not told");
    quotas_take(ret, "vcpu_quota", take_strange(&told.bytes));
    quotas_take(ret, "vcpu_period", take_strange(&told.bytes));
    quotas_take(ret, "global_quota", take_strange(&told.bytes));
    quotas_take(ret, "global_period", take_strange(&told.bytes));
    return 0;
}

int libvirt_balloon(struct libvirt *libvirt, struct active_guest *guest, bool all, struct err *err)
{
    (void)libvirt, (void)err;
    for (int n = all ? take_between(&told.bytes, 0, 3) : 0; n > 0; n--) {
        int tag = take_between(&told.bytes, 0, 15);

        guest_stats_take_tag(&guest->stats, tag, take_strange(&told.bytes));
    }
    return 0;
}

bool libvirt_is_free(const struct active_guest *guest)
{
    (void)guest;
    return true;
}

int libvirt_online_pcpus(struct libvirt *libvirt, struct cpuset *ret, struct err *err)
{
    (void)libvirt, (void)err;
    *ret = (struct cpuset){{(1 << PCPUS) - 1}};
    return 0;
}

int libvirt_busy(struct libvirt *libvirt, int pcpu, uint64_t *ret_ns, struct err *err)
{
    uint64_t kind = take(&told.bytes, 1);

    (void)libvirt;
    *ret_ns = told.interval * SECOND_NS / (2 + (unsigned)(pcpu + 1) % 3);
    if (kind > 200)
        *ret_ns = take_strange(&told.bytes);
    return kind == 200 ? err_set(err, -EIO, "not told") : 0;
}

int libvirt_host_memory(struct libvirt *libvirt, struct host_memory *ret, struct err *err)
{
    uint64_t kind = take(&told.bytes, 1);

    (void)libvirt, (void)err;
    *ret = (struct host_memory){0};
    host_memory_take(ret, "total", kind & 1 ? take_strange(&told.bytes) : 8 * GIB_KIB);
    host_memory_take(ret, "free", kind & 2 ? take_strange(&told.bytes) : 2 * GIB_KIB);
    host_memory_take(ret, "cached", kind & 4 ? take_strange(&told.bytes) : GIB_KIB);
    host_memory_take(ret, "buffers", kind & 8 ? take_strange(&told.bytes) : 0);
    return 0;
}

/* ---- A host and a ticker around it ---- */

static int sample_vcpus(void *self, struct vcpu_sample *ret, struct err *err)
{
    return sampling_vcpus(self, ret, err);
}

static int sample_memory(void *self, struct memory_sample *ret, struct err *err)
{
    return sampling_memory(self, ret, err);
}

static int set_affinity(void *self, const struct guest_id *guest, unsigned vcpu,
                        const struct cpuset *affinity, struct err *err)
{
    (void)self, (void)vcpu;
    must(cpuset_count(affinity) == 1, "a pin names one pCPU");
    return take(&told.bytes, 1) < 200 ? 0 : err_set(err, -EIO, "guest '%s': refused", guest->name);
}

static int set_balloon(void *self, const struct guest_id *guest, uint64_t target_kib,
                       struct err *err)
{
    (void)self;
    must(target_kib > 0 && target_kib < UINT64_C(1) << 54, "a balloon is asked for a size");
    if (take(&told.bytes, 1) >= 200)
        return err_set(err, -EIO, "guest '%s': refused", guest->name);
    told.asked_kib[guest->uuid[0] - 1] = target_kib;
    return 0;
}

static int next_interval(void *self, struct err *err)
{
    uint64_t kind = take(&told.bytes, 1);

    (void)self, (void)err;
    told.interval++;
    told.now_ns += kind == 255 ? take(&told.bytes, 5) : 2 * SECOND_NS;
    told.real_s += kind == 254 ? take_between(&told.bytes, -100000, 100000) : 2;
    return 1;
}

static void play(const uint8_t *data, size_t size, bool is_memory)
{
    struct sampling sampling = {.uri = "qemu:///system", .libvirt = &told.libvirt};
    struct host host = {.self = &sampling,
                        .sample_vcpus = sample_vcpus,
                        .set_affinity = set_affinity,
                        .sample_memory = sample_memory,
                        .set_balloon = set_balloon};
    struct ticker ticker = {.wait = next_interval};
    struct vcpu_settings vcpu;
    struct memory_settings memory;

    told = (struct told){.bytes = {data, size}, .now_ns = SECOND_NS, .real_s = 1000000000};
    told.n_guests = take_between(&told.bytes, 1, MOST_GUESTS);
    for (int g = 0; g < MOST_GUESTS; g++)
        told.asked_kib[g] = GIB_KIB;
    sampling.log.level = LOG_EMERG;
    sampling.log.stream = stderr;
    sampling.store = guest_store_new();
    must(sampling.store, "there is memory");
    sampling.worker = guest_store_take_over(sampling.store, &sampling.guests);
    vcpu_settings_default(&vcpu);
    memory_settings_default(&memory);
    memory.interval_s = 2;
    memory.explain = true;
    decide_quickly(&vcpu.limits);
    if (is_memory)
        decide_memory(&host, &ticker, &memory, NULL, INTERVALS);
    else
        decide_vcpus(&host, &ticker, &vcpu, NULL, INTERVALS);
    sampling_done(&sampling);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0)
        play(data + 1, size - 1, data[0] & 1);
    return 0;
}
