/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/hosts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/text.h"
#include "agent/fleet/at_once.h"
#include "agent/fleet/demand.h"
#include "agent/fleet/host_link.h"
#include "agent/fleet/hosts_file.h"

/* A 95th percentile of 20 readings is their second largest. */
enum { READINGS = 20, KIB_PER_MIB = 1024, MIB_PER_GIB = 1024, MILLI = 1000 };
enum { NS_PER_MS = 1000000, MOST_GIB = FLEET_MOST_PRICE - 1 };
/* What a host keeps for itself where nobody says: a twentieth. */
enum { RESERVE_PART = 20 };

struct track {
    const struct seen_guest *guest; /* of the first look */
    int index;                      /* of the cluster, or FLEET_NOWHERE */
    uint64_t cpu_time_ns, at_ns;    /* of the last look; at_ns 0: it was not there */
    int64_t milli[READINGS];
    size_t n;
};

struct one_host {
    const struct hosts_entry *entry;
    struct host_link *link;
    struct seen_host seen; /* the first look */
    struct track *tracks;  /* [seen.n_guests] by UUID */
    char why_not[200];     /* empty: it answers */
};

struct hosts {
    struct hosts_file file;
    bool by_floor;
    size_t n_by_floor;
    struct one_host *list; /* [file.n] by name */
};

void hosts_free(struct hosts *hosts)
{
    if (!hosts)
        return;
    for (size_t p = 0; hosts->list && p < hosts->file.n; p++) {
        host_link_free(hosts->list[p].link);
        seen_host_done(&hosts->list[p].seen);
        free(hosts->list[p].tracks);
    }
    free(hosts->list);
    hosts_file_done(&hosts->file);
    free(hosts);
}

static void look_first(void *arg, size_t p)
{
    struct one_host *host = &((struct hosts *)arg)->list[p];
    struct err why = {0};

    if (host_link_look(host->link, true, &host->seen, &why) < 0)
        snprintf(host->why_not, sizeof(host->why_not), "%s", why.text);
}

static int make_tracks(struct one_host *host, struct err *err)
{
    host->tracks = calloc(host->seen.n_guests + 1, sizeof(*host->tracks));
    if (!host->tracks)
        return err_set(err, -ENOMEM, "out of memory");
    for (size_t i = 0; i < host->seen.n_guests; i++)
        host->tracks[i] = (struct track){.guest = &host->seen.guests[i], .index = FLEET_NOWHERE};
    return 0;
}

int hosts_open(const char *path, struct hosts **ret, struct err *err)
{
    struct hosts *hosts = calloc(1, sizeof(*hosts));
    size_t n_silent = 0;
    int r;

    if (!hosts)
        return err_set(err, -ENOMEM, "out of memory");
    r = hosts_file_read(path, &hosts->file, err);
    if (r == 0) {
        hosts->list = calloc(hosts->file.n, sizeof(*hosts->list));
        if (!hosts->list)
            r = err_set(err, -ENOMEM, "out of memory");
    }
    for (size_t p = 0; r == 0 && hosts->list && p < hosts->file.n; p++) {
        hosts->list[p].entry = &hosts->file.entries[p];
        hosts->list[p].link = host_link_new(hosts->file.entries[p].uri);
        if (!hosts->list[p].link)
            r = err_set(err, -ENOMEM, "out of memory");
    }
    if (r == 0)
        at_once(hosts->file.n, look_first, hosts);
    for (size_t p = 0; r == 0 && p < hosts->file.n; p++) {
        r = make_tracks(&hosts->list[p], err);
        n_silent += hosts->list[p].why_not[0] != '\0';
    }
    if (r == 0 && n_silent == hosts->file.n)
        r = err_set(err, -EIO, "none of %zu host%s answers: %s", n_silent, text_plural(n_silent),
                    hosts->list[0].why_not);
    if (r < 0)
        hosts_free(hosts);
    else
        *ret = hosts;
    return r;
}

/* Names are those of one host; on two hosts they are different guests. */
struct named {
    const char *name;
    size_t host;
    struct track *track;
};

static int compare(const void *a, const void *b)
{
    const struct named *left = a, *right = b;
    int order = strcmp(left->name, right->name);

    return order ? order : (left->host > right->host) - (left->host < right->host);
}

static const char *with_host(struct cluster *cluster, const char *name, const char *host)
{
    char text[GUEST_NAME_SIZE + CLUSTER_NAME_SIZE + 1];

    snprintf(text, sizeof(text), "%s@%s", name, host);
    return cluster_text(cluster, text);
}

static size_t collect(struct hosts *hosts, struct cluster *cluster, struct named *ret)
{
    size_t n = 0;

    for (size_t p = 0; p < hosts->file.n; p++)
        for (size_t i = 0; i < hosts->list[p].seen.n_guests; i++)
            ret[n++] =
                (struct named){hosts->list[p].seen.guests[i].name, p, &hosts->list[p].tracks[i]};
    if (n)
        qsort(ret, n, sizeof(*ret), compare);
    for (size_t i = 0; i + 1 < n; i++) {
        if (strcmp(ret[i].name, ret[i + 1].name) != 0)
            continue;
        if (strcmp(ret[i].track->guest->uuid, ret[i + 1].track->guest->uuid) == 0)
            cluster_refuse(cluster, "guest '%.60s' is active on two hosts", ret[i].name);
        else
            cluster_note(cluster, "guests of two hosts are called '%.60s'", ret[i].name);
    }
    return n;
}

/* Twins are called by their hosts, too; then all are in order anew. */
static int name_all(struct hosts *hosts, struct cluster *cluster, struct named *guests, size_t n)
{
    bool *is_twin = calloc(n + 1, sizeof(*is_twin));

    if (!is_twin)
        return -ENOMEM;
    for (size_t i = 0; i + 1 < n; i++)
        if (strcmp(guests[i].name, guests[i + 1].name) == 0)
            is_twin[i] = is_twin[i + 1] = true;
    for (size_t i = 0; i < n; i++) {
        const char *name =
            is_twin[i] ? with_host(cluster, guests[i].name, hosts->list[guests[i].host].entry->name)
                       : guests[i].name;

        guests[i].name = name ? name : guests[i].name;
    }
    if (n)
        qsort(guests, n, sizeof(*guests), compare);
    free(is_twin);
    return 0;
}

static void put_host(const struct one_host *from, struct cluster *cluster, size_t p, int64_t *room)
{
    int64_t total_mib = (int64_t)(from->seen.total_kib / KIB_PER_MIB);
    int64_t reserve =
        from->entry->reserve_mib >= 0 ? from->entry->reserve_mib : total_mib / RESERVE_PART;

    *room = total_mib > reserve ? total_mib - reserve : 0;
    cluster->fleet.hosts[p] = (struct fleet_host){
        .name = cluster_text(cluster, from->entry->name),
        .is_open = true,
        .cpu_milli = from->seen.n_pcpus ? MILLI * (int64_t)from->seen.n_pcpus : MILLI,
        .room = room};
    if (from->why_not[0]) {
        cluster_close(cluster, p, "does not answer");
        cluster_refuse(cluster, "host '%.60s' does not answer: %s", from->entry->name,
                       from->why_not);
    }
}

static int64_t to_mib(uint64_t kib)
{
    return (int64_t)((kib + KIB_PER_MIB - 1) / KIB_PER_MIB);
}

static void put_guest(struct hosts *hosts, const struct named *named, struct cluster *cluster,
                      size_t i, int64_t *size)
{
    const struct seen_guest *seen = named->track->guest;
    int64_t gib = to_mib(seen->maximum_kib) / MIB_PER_GIB;

    *size = to_mib(hosts->by_floor && seen->floor_kib ? seen->floor_kib : seen->maximum_kib);
    hosts->n_by_floor += hosts->by_floor && seen->floor_kib;
    cluster->fleet.guests[i] =
        (struct fleet_guest){.name = cluster_text(cluster, named->name),
                             .home = (int)named->host,
                             .size = size,
                             .together = FLEET_NOWHERE,
                             .price = 1 + (int)(gib < MOST_GIB ? gib : MOST_GIB)};
    cluster->about[i] = (struct cluster_guest){.uri = hosts->list[named->host].entry->uri,
                                               .uuid = seen->uuid,
                                               .domain = seen->name,
                                               .is_transient = seen->is_transient};
    named->track->index = (int)i;
    if (seen->why_stays)
        cluster_fix(cluster, i, "%s", seen->why_stays);
    if (!seen->is_running)
        cluster_fix(cluster, i, "it is paused, or something is being done with it");
}

static int fill(struct hosts *hosts, struct cluster *cluster, size_t n_guests)
{
    struct named *named = calloc(n_guests + 1, sizeof(*named));
    int64_t *rooms = cluster_room(cluster, hosts->file.n, sizeof(*rooms));
    int64_t *sizes = cluster_room(cluster, n_guests, sizeof(*sizes));
    const char **resource = cluster_room(cluster, 1, sizeof(*resource));
    const char **uris = cluster_room(cluster, hosts->file.n, sizeof(*uris));
    struct fleet *fleet = &cluster->fleet;
    int r = -ENOMEM;

    fleet->hosts = cluster_room(cluster, hosts->file.n, sizeof(*fleet->hosts));
    fleet->guests = cluster_room(cluster, n_guests, sizeof(*fleet->guests));
    cluster->about = cluster_room(cluster, n_guests, sizeof(*cluster->about));
    if (!named || cluster->is_short)
        goto out;
    resource[0] = "memory";
    fleet->resource = resource;
    fleet->n_resources = 1;
    fleet->n_hosts = hosts->file.n;
    cluster->uris = uris;
    for (size_t p = 0; p < fleet->n_hosts; p++)
        uris[p] = hosts->file.entries[p].uri;
    for (size_t p = 0; p < fleet->n_hosts; p++)
        put_host(&hosts->list[p], cluster, p, &rooms[p]);
    fleet->n_guests = collect(hosts, cluster, named);
    r = name_all(hosts, cluster, named, fleet->n_guests);
    for (size_t i = 0; i < fleet->n_guests && r == 0; i++)
        put_guest(hosts, &named[i], cluster, i, &sizes[i]);
    cluster_note(cluster, "that guests find their disks on every host is taken for granted");
    if (hosts->n_by_floor)
        cluster_note(cluster, "guests that count with the floor of their definition: %zu",
                     hosts->n_by_floor);
out:
    free(named);
    return cluster->is_short ? -ENOMEM : r;
}

int hosts_cluster(struct hosts *hosts, bool by_floor, struct cluster *ret, struct err *err)
{
    struct cluster cluster = {0};
    size_t n = 0;

    for (size_t p = 0; p < hosts->file.n; p++)
        n += hosts->list[p].seen.n_guests;
    hosts->by_floor = by_floor;
    if (n > CLUSTER_MOST_GUESTS)
        return err_set(err, -EINVAL, "there are more than %d guests", CLUSTER_MOST_GUESTS);
    if (fill(hosts, &cluster, n) < 0) {
        cluster_done(&cluster);
        return err_set(err, -ENOMEM, "out of memory");
    }
    *ret = cluster;
    return 0;
}

void hosts_now(struct hosts *hosts, hosts_each *each, void *arg)
{
    for (size_t p = 0; p < hosts->file.n; p++) {
        const struct one_host *host = &hosts->list[p];
        struct seen_host seen = {0};
        struct err why = {0};
        bool is_told = !host->why_not[0] && host_link_look(host->link, true, &seen, &why) == 0;

        each(arg, host->entry->name,
             host->entry->reserve_mib >= 0 ? host->entry->reserve_mib
                                           : (int64_t)(seen.total_kib / KIB_PER_MIB) / RESERVE_PART,
             is_told ? &seen : NULL);
        seen_host_done(&seen);
    }
}

static int compare_tracks(const void *key, const void *track)
{
    return strcmp(key, ((const struct track *)track)->guest->uuid);
}

/* How much a guest ran since the last look. */
static void take_reading(struct track *track, const struct seen_guest *guest, uint64_t at_ns)
{
    if (!guest->has_cpu_time)
        return;
    if (track->at_ns && at_ns > track->at_ns && guest->cpu_time_ns >= track->cpu_time_ns &&
        track->n < READINGS)
        track->milli[track->n++] =
            (int64_t)((double)MILLI * (double)(guest->cpu_time_ns - track->cpu_time_ns) /
                      (double)(at_ns - track->at_ns));
    track->cpu_time_ns = guest->cpu_time_ns;
    track->at_ns = at_ns;
}

static void look_again(void *arg, size_t p)
{
    struct one_host *host = &((struct hosts *)arg)->list[p];
    struct seen_host seen = {0};
    struct err why = {0};

    if (host->why_not[0])
        return;
    if (host_link_look(host->link, false, &seen, &why) < 0) {
        snprintf(host->why_not, sizeof(host->why_not), "%s", why.text);
        return;
    }
    for (size_t i = 0; i < seen.n_guests; i++) {
        struct track *track = host->seen.n_guests == 0
                                  ? NULL
                                  : bsearch(seen.guests[i].uuid, host->tracks, host->seen.n_guests,
                                            sizeof(*host->tracks), compare_tracks);

        if (track)
            take_reading(track, &seen.guests[i], seen.at_ns);
    }
    seen_host_done(&seen);
}

static void apply(struct track *track, struct cluster *cluster)
{
    int guest = track->index >= 0 ? track->index : cluster_guest(cluster, track->guest->name);
    struct fleet_guest *of = guest >= 0 ? &cluster->fleet.guests[guest] : NULL;

    if (!of || track->n == 0)
        return;
    demand_of_readings(track->milli, track->n, &of->load_milli, &of->peak_milli);
    cluster->about[guest].is_sampled = true;
}

int hosts_floors(const struct hosts *hosts, struct cluster *cluster, struct err *err)
{
    const struct fleet *fleet = &cluster->fleet;

    if (cluster->heeds_sizes)
        return err_set(err, -EINVAL, "--memory floors: %s places guests by their utilization here",
                       cluster->engine);
    for (size_t p = 0; p < hosts->file.n; p++)
        for (size_t i = 0; i < hosts->list[p].seen.n_guests; i++) {
            const struct seen_guest *seen = &hosts->list[p].seen.guests[i];
            int guest = seen->floor_kib ? cluster_guest(cluster, seen->name) : FLEET_NOWHERE;
            int64_t *size =
                guest >= 0 && fleet->n_resources ? cluster_room(cluster, 1, sizeof(*size)) : NULL;

            if (size) /* memory is all there is where sizes are not heeded */
                *size = to_mib(seen->floor_kib);
            if (size && *size < fleet->guests[guest].size[0])
                fleet->guests[guest].size = size;
        }
    return 0;
}

void hosts_measure(struct hosts *hosts, double window_s, struct cluster *cluster)
{
    size_t n = window_s < READINGS ? (size_t)window_s : READINGS;
    uint64_t begin_ns = clock_monotonic_ns();

    for (size_t k = 0; k <= n; k++) {
        uint64_t at_ns = begin_ns + (uint64_t)(window_s * 1e9 * (double)k / (double)n);
        uint64_t now_ns = clock_monotonic_ns();

        if (now_ns < at_ns)
            clock_wait_ms((unsigned)((at_ns - now_ns) / NS_PER_MS));
        at_once(hosts->file.n, look_again, hosts);
    }
    for (size_t p = 0; p < hosts->file.n; p++) {
        const struct one_host *host = &hosts->list[p];

        if (host->why_not[0] && !cluster->engine && cluster->fleet.hosts[p].is_open)
            cluster_refuse(cluster, "host '%.60s': %s", host->entry->name, host->why_not);
        else if (host->why_not[0] && cluster->engine)
            cluster_note(cluster, "no load of host '%.60s': %s", host->entry->name, host->why_not);
        for (size_t i = 0; i < host->seen.n_guests; i++)
            apply(&host->tracks[i], cluster);
    }
}
