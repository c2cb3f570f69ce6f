/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/demand.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/input.h"
#include "agent/base/text.h"

enum { MOST_BYTES = 64 << 20, MILLI = 1000, PERCENTILE = 95 };
static const double most_cpus = 65536;

static int to_milli(const json_t *value, int64_t *ret)
{
    double cpus = json_number_value(value);

    if (!json_is_number(value) || !(cpus >= 0 && cpus <= most_cpus))
        return -EINVAL;
    *ret = (int64_t)(cpus * MILLI + 0.5);
    return 0;
}

/* Names that say nothing here. */
struct unknown {
    size_t n;
    char first[CLUSTER_NAME_SIZE];
};

static int take(const json_t *one, struct cluster *cluster, struct unknown *unknown,
                const char **ret_why)
{
    const char *name = json_string_value(json_object_get(one, "guest"));
    const json_t *p95 = json_object_get(one, "p95_cpus");
    int guest = name ? cluster_guest(cluster, name) : FLEET_NOWHERE;
    int64_t mean, peak;

    *ret_why = "has no 'guest' with 'mean_cpus' between 0 and 65536";
    if (!name || to_milli(json_object_get(one, "mean_cpus"), &mean) < 0)
        return -EINVAL;
    peak = mean;
    if (p95 && to_milli(p95, &peak) < 0)
        return -EINVAL;
    *ret_why = "is about a guest that was there before";
    if (guest >= 0 && cluster->about[guest].is_sampled)
        return -EINVAL;
    if (guest < 0 && unknown->n++ == 0)
        snprintf(unknown->first, sizeof(unknown->first), "%s", name);
    if (guest >= 0) {
        cluster->fleet.guests[guest].load_milli = mean;
        cluster->fleet.guests[guest].peak_milli = peak;
        cluster->about[guest].is_sampled = true;
    }
    return 0;
}

int demand_read(const char *path, struct cluster *cluster, struct err *err)
{
    struct input *input = NULL;
    json_t *all = NULL, *guests;
    char *text = NULL;
    size_t i;
    json_t *one;
    struct unknown unknown = {0};
    const char *why;
    int r = input_open(path, NULL, &input);
    ssize_t n = r < 0 ? r : input_all(input, MOST_BYTES, &text);

    if (n < 0) {
        r = err_set(err, (int)n, "the statistics in '%.100s' cannot be read: %s", path,
                    strerror((int)-n));
        goto out;
    }
    all = json_loadb(text, (size_t)n, JSON_REJECT_DUPLICATES, NULL);
    guests = json_object_get(all, "guests");
    r = json_is_array(guests)
            ? 0
            : err_set(err, -EINVAL, "the statistics in '%.100s' are no JSON with 'guests'", path);
    json_array_foreach(guests, i, one)
    {
        if (r == 0 && take(one, cluster, &unknown, &why) < 0)
            r = err_set(err, -EINVAL, "the statistics in '%.100s': entry %zu %s", path, i + 1, why);
    }
    if (unknown.n > 0)
        cluster_note(cluster, "the statistics tell of %zu guest%s that %s not here ('%.60s'%s)",
                     unknown.n, text_plural(unknown.n), unknown.n == 1 ? "is" : "are",
                     unknown.first, unknown.n > 1 ? " and others" : "");
out:
    json_decref(all);
    free(text);
    input_free(input);
    return r;
}

void demand_note(struct cluster *cluster)
{
    size_t n_configured = 0, n = cluster->fleet.n_guests;
    const char *first = NULL, *more;

    for (size_t i = 0; i < n; i++)
        if (!cluster->about[i].is_sampled && cluster->fleet.guests[i].home >= 0) {
            first = n_configured++ ? first : cluster->fleet.guests[i].name;
        }
    more = n_configured > 1 ? " and others" : "";
    if (n_configured && cluster->engine)
        cluster_note(cluster,
                     "the load of %zu running guest%s ('%.60s'%s) is configured as 'cpu' and not "
                     "measured, which --hosts or --stats would do",
                     n_configured, text_plural(n_configured), first, more);
    else if (n_configured)
        cluster_note(cluster,
                     "nobody tells the load of %zu running guest%s ('%.60s'%s): counted as idle",
                     n_configured, text_plural(n_configured), first, more);
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

void demand_of_readings(int64_t *milli, size_t n, int64_t *ret_mean, int64_t *ret_p95)
{
    size_t rank = (n * PERCENTILE + 99) / 100;
    int64_t sum = 0;

    assert(n > 0);
    qsort(milli, n, sizeof(*milli), compare);
    for (size_t i = 0; i < n; i++)
        sum += milli[i];
    *ret_mean = sum / (int64_t)n;
    *ret_p95 = milli[rank - 1];
}
