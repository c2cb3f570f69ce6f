/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/input.h"
#include "agent/fleet/child.h"
#include "agent/fleet/cib.h"
#include "agent/fleet/demand.h"
#include "agent/fleet/hosts.h"
#include "agent/fleet/request.h"

enum { QUERY_LIMIT_MS = 30000 };

/* Errors are about the file: "-" is standard input. */
static int read_file(const char *path, char **ret, size_t *ret_n, struct err *err)
{
    struct input *input = NULL;
    int r = input_open(strcmp(path, "-") == 0 ? "/dev/stdin" : path, NULL, &input);
    ssize_t n = r < 0 ? r : input_all(input, CIB_MOST_BYTES, ret);

    input_free(input);
    if (n == -EFBIG)
        return err_set(err, -EFBIG, "'%.100s' is larger than %d MiB", path, CIB_MOST_BYTES >> 20);
    if (n < 0)
        return err_set(err, (int)n, "'%.100s' cannot be read: %s", path, strerror((int)-n));
    *ret_n = (size_t)n;
    return 0;
}

static int read_document(const struct request *request, struct scene *scene, struct err *err)
{
    static const char *const argv[] = {"cibadmin", "--query", NULL};
    const struct child_job job = {
        .argv = argv, .most_output = CIB_MOST_BYTES, .limit_ms = QUERY_LIMIT_MS};
    int r;

    if (request->cib)
        return read_file(request->cib, &scene->text, &scene->n_text, err);
    r = child_run(&job, &scene->text, &scene->n_text, err);
    if (r == -ENOENT)
        return err_set(err, r,
                       "there is no cibadmin here: run this on a node of the cluster, or give its "
                       "document with --cib, or a list of hosts with --hosts");
    return r;
}

static int close_hosts(const struct request *request, struct cluster *cluster, struct err *err)
{
    for (size_t k = 0; k < request->n_closed; k++) {
        const char *name = request->closed[k].host;
        int host = cluster_host(cluster, name);

        if (host < 0)
            return err_set(err, -EINVAL, "there is no host '%.100s'", name);
        fleet_close_host(&cluster->fleet, (size_t)host, request->closed[k].how);
    }
    return 0;
}

static int read_cluster(const struct request *request, struct scene *scene, struct err *err)
{
    int r;

    if (!request->cib && request->hosts && request->deed == REQUEST_LOOK)
        return hosts_cluster(scene->hosts, request->memory != REQUEST_MAXIMUM, &scene->cluster,
                             err);
    r = read_document(request, scene, err);
    if (r == 0)
        r = cib_read(scene->text, scene->n_text, clock_real_s(), &scene->cluster, err);
    if (r == 0 && request->memory == REQUEST_FLOORS)
        r = hosts_floors(scene->hosts, &scene->cluster, err);
    return r;
}

static int read_demand(const struct request *request, struct scene *scene, struct err *err)
{
    int r = request->stats ? demand_read(request->stats, &scene->cluster, err) : 0;

    if (r == 0 && scene->hosts && !request->stats)
        hosts_measure(scene->hosts, request->window_s, &scene->cluster);
    if (r == 0)
        demand_note(&scene->cluster);
    return r;
}

int scene_open(const struct request *request, struct scene *ret, struct err *err)
{
    struct scene scene = {0};
    int r = request->hosts ? hosts_open(request->hosts, &scene.hosts, err) : 0;

    if (r == 0)
        r = read_cluster(request, &scene, err);
    if (r == 0)
        r = read_demand(request, &scene, err);
    if (r == 0)
        r = close_hosts(request, &scene.cluster, err);
    if (r < 0)
        scene_done(&scene);
    else
        *ret = scene;
    return r;
}

static void carry_demand(const struct cluster *from, struct cluster *to)
{
    for (size_t i = 0; i < from->fleet.n_guests; i++) {
        int guest = from->about[i].is_sampled ? cluster_guest(to, from->fleet.guests[i].name)
                                              : FLEET_NOWHERE;

        if (guest < 0)
            continue;
        assert(to->fleet.guests);
        to->fleet.guests[guest].load_milli = from->fleet.guests[i].load_milli;
        to->fleet.guests[guest].peak_milli = from->fleet.guests[i].peak_milli;
        to->about[guest].is_sampled = true;
    }
}

int scene_again(const struct request *request, struct scene *scene, struct err *err)
{
    struct scene next = {0};
    int r = read_document(request, &next, err);

    if (r == 0)
        r = cib_read(next.text, next.n_text, clock_real_s(), &next.cluster, err);
    if (r == 0 && request->memory == REQUEST_FLOORS)
        r = hosts_floors(scene->hosts, &next.cluster, err);
    if (r < 0) {
        scene_done(&next);
        return r;
    }
    carry_demand(&scene->cluster, &next.cluster);
    demand_note(&next.cluster);
    next.hosts = scene->hosts;
    scene->hosts = NULL;
    scene_done(scene);
    *scene = next;
    return 0;
}

void scene_done(struct scene *scene)
{
    cluster_done(&scene->cluster);
    hosts_free(scene->hosts);
    free(scene->text);
    *scene = (struct scene){0};
}
