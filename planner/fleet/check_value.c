/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/check_value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Written again, with nothing of models/: what the model says of loads in permille of the largest host
 * (models/README.md, "Water level"). */
struct scales {
    size_t n_units; /* guests that are together are one */
    int *load;      /* [n_units] */
    int *host;      /* [n_units] where it is */
    int *capacity;  /* [n_hosts] 0: closed */
    double largest;
};

/* Where units are unequal the model rounds how much a small host counts to a thousandth. */
static const double SAME = 1e-6, ALMOST = 2e-3;

static int descending(const void *a, const void *b)
{
    const int *x = a, *y = b;

    return (*x < *y) - (*x > *y);
}

static void fill_units(const struct fleet *fleet, const struct fleet_plan *plan, int *unit_of_set,
                       double *milli, struct scales *scales)
{
    for (size_t i = 0; i < fleet->n_guests; i++)
        unit_of_set[i] = -1;
    for (size_t i = 0; i < fleet->n_guests; i++) {
        const struct fleet_guest *guest = &fleet->guests[i];
        bool is_alone = guest->together < 0 || plan->is_at_odds[i];
        int unit = is_alone ? -1 : unit_of_set[guest->together], host = plan->host_of[i];

        if (host < 0 || scales->capacity[host] == 0)
            continue;
        if (unit < 0) {
            unit = (int)scales->n_units++;
            scales->host[unit] = host;
            if (!is_alone)
                unit_of_set[guest->together] = unit;
        }
        milli[unit] += (double)guest->load_milli;
    }
    for (size_t k = 0; k < scales->n_units; k++)
        scales->load[k] = (int)fmin(1000, round(1000 * milli[k] / scales->largest));
}

static void scales_done(struct scales *scales)
{
    free(scales->load);
    free(scales->host);
    free(scales->capacity);
}

static int scales_new(const struct fleet *fleet, const struct fleet_plan *plan, struct scales *ret)
{
    struct scales scales = {.load = calloc(fleet->n_guests + 1, sizeof(int)),
                            .host = calloc(fleet->n_guests + 1, sizeof(int)),
                            .capacity = calloc(fleet->n_hosts + 1, sizeof(int))};
    int *unit_of_set = calloc(fleet->n_guests + 1, sizeof(int));
    double *milli = calloc(fleet->n_guests + 1, sizeof(double));
    int r = -ENOMEM;

    if (!scales.load || !scales.host || !scales.capacity || !unit_of_set || !milli)
        goto out;
    for (size_t p = 0; p < fleet->n_hosts; p++)
        if (fleet->hosts[p].is_open)
            scales.largest = fmax(scales.largest, (double)fleet->hosts[p].cpu_milli);
    for (size_t p = 0; p < fleet->n_hosts; p++)
        if (fleet->hosts[p].is_open)
            scales.capacity[p] =
                (int)fmax(1, round(1000 * (double)fleet->hosts[p].cpu_milli / scales.largest));
    fill_units(fleet, plan, unit_of_set, milli, &scales);
    *ret = scales;
    r = 0;
out:
    if (r < 0)
        scales_done(&scales);
    free(unit_of_set);
    free(milli);
    return r;
}

/* What a guest counts at most: 50 permille above the level that the others could reach if the heaviest
 * had a host for themselves, at least 250. 0 or -ENOMEM. */
static int cut_of(const struct fleet *fleet, const struct scales *scales, int *ret)
{
    int *load = calloc(scales->n_units + 1, sizeof(int));
    int *capacity = calloc(fleet->n_hosts + 1, sizeof(int));
    double total = 0, room = 0, level = 1e6;

    if (!load || !capacity) {
        free(load);
        free(capacity);
        return -ENOMEM;
    }
    for (size_t k = 0; k < scales->n_units; k++)
        total += load[k] = scales->load[k];
    for (size_t p = 0; p < fleet->n_hosts; p++)
        room += capacity[p] = scales->capacity[p];
    qsort(load, scales->n_units, sizeof(int), descending);
    qsort(capacity, fleet->n_hosts, sizeof(int), descending);
    for (size_t k = 0; k <= scales->n_units && k < fleet->n_hosts && room > 0.5; k++) {
        level = fmin(level, total / room);
        total -= load[k];
        room -= capacity[k];
    }
    *ret = (int)fmax(250, floor(1000 * level + SAME) + 50);
    free(load);
    free(capacity);
    return 0;
}

/* The largest deviation of all open hosts with loads cut, in points of the host. */
static int cut_pct(const struct fleet *fleet, const struct fleet_plan *plan, double *ret)
{
    struct scales scales;
    double *load = calloc(fleet->n_hosts + 1, sizeof(*load)), total = 0, room = 0;
    int cut = 0, r = load ? scales_new(fleet, plan, &scales) : -ENOMEM;

    *ret = 0;
    if (r < 0) {
        free(load);
        return r;
    }
    r = cut_of(fleet, &scales, &cut);
    for (size_t k = 0; r == 0 && k < scales.n_units; k++) {
        double weight = fmin(scales.load[k], cut);

        load[scales.host[k]] += weight;
        total += weight;
    }
    for (size_t p = 0; p < fleet->n_hosts; p++)
        room += scales.capacity[p];
    for (size_t p = 0; r == 0 && p < fleet->n_hosts; p++)
        if (scales.capacity[p] > 0)
            *ret = fmax(*ret, 100 * fabs(load[p] / scales.capacity[p] - total / room));
    scales_done(&scales);
    free(load);
    return r;
}

static double plain_of(const struct fleet *fleet, const int *host_of, size_t host)
{
    double load = 0, total = 0, cpu = 0;

    for (size_t p = 0; p < fleet->n_hosts; p++)
        cpu += fleet->hosts[p].is_open ? (double)fleet->hosts[p].cpu_milli : 0;
    for (size_t i = 0; i < fleet->n_guests; i++) {
        double milli = (double)fleet->guests[i].load_milli;

        load += host_of[i] == (int)host ? milli : 0;
        total += host_of[i] >= 0 && fleet->hosts[host_of[i]].is_open ? milli : 0;
    }
    return 100 * fabs(load / (double)fleet->hosts[host].cpu_milli - total / cpu);
}

static bool is_near(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance * fmax(1, fabs(b));
}

static bool has_unequal_hosts(const struct fleet *fleet)
{
    int64_t cpu = 0;

    for (size_t p = 0; p < fleet->n_hosts; p++) {
        if (!fleet->hosts[p].is_open)
            continue;
        if (cpu > 0 && fleet->hosts[p].cpu_milli != cpu)
            return true;
        cpu = fleet->hosts[p].cpu_milli;
    }
    return false;
}

/* The host deviates by what is told. */
static int check_plain(const struct fleet *fleet, const int *host_of,
                       const struct fleet_deviation *told, struct err *err)
{
    if (told->host >= fleet->n_hosts ||
        (fleet->hosts[told->host].is_open &&
         !is_near(told->plain_pct, plain_of(fleet, host_of, told->host), SAME)))
        return err_set(err, -EINVAL, "host '%s' does not deviate by %.4f points",
                       told->host < fleet->n_hosts ? fleet->hosts[told->host].name : "?",
                       told->plain_pct);
    return 0;
}

static int check_before(const struct fleet *fleet, const struct fleet_plan *plan, struct err *err)
{
    int *home = calloc(fleet->n_guests + 1, sizeof(*home));
    int r = home ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < fleet->n_guests; i++)
        home[i] = fleet->guests[i].home;
    if (r == 0)
        r = check_plain(fleet, home, &plan->before, err);
    free(home);
    return r;
}

static int check_deviations(const struct fleet *fleet, const struct fleet_plan *plan,
                            struct err *err)
{
    double tolerance = has_unequal_hosts(fleet) ? ALMOST : SAME, after = 0;
    const struct fleet_deviation *told = &plan->after;
    int r = cut_pct(fleet, plan, &after);

    if (r < 0)
        return r;
    if (!is_near(told->cut_pct, after, tolerance))
        return err_set(err, -EINVAL, "the largest deviation is %.4f points, the plan says %.4f",
                       after, told->cut_pct);
    r = check_plain(fleet, plan->host_of, told, err);
    return r == 0 ? check_before(fleet, plan, err) : r;
}

static int kappa_of(const struct fleet *fleet, const struct fleet_settings *settings)
{
    double price = 0, hosts = 0;

    for (size_t i = 0; i < fleet->n_guests; i++)
        price += fleet->guests[i].price;
    for (size_t p = 0; p < fleet->n_hosts; p++)
        hosts += fleet->hosts[p].is_open;
    if (settings->point_prices <= 0 || fleet->n_guests == 0)
        return 0;
    return (int)fmin(
        1e6, fmax(1, round(settings->point_prices * hosts * price / (double)fleet->n_guests)));
}

int check_value(const struct fleet *fleet, const struct fleet_settings *settings,
                const struct fleet_plan *plan, struct err *err)
{
    int r = check_deviations(fleet, plan, err);
    double objective = plan->kappa * plan->after.cut_pct + (double)plan->price;
    double gap = plan->objective > plan->bound && plan->objective > 0
                     ? (plan->objective - plan->bound) / plan->objective
                     : 0;

    if (r < 0)
        return r;
    if (plan->kappa != kappa_of(fleet, settings))
        return err_set(err, -EINVAL, "a point is worth %d, the plan says %d",
                       kappa_of(fleet, settings), plan->kappa);
    if (!is_near(plan->objective, objective, SAME))
        return err_set(err, -EINVAL, "the plan is worth %.6f, it says %.6f", objective,
                       plan->objective);
    if (plan->bound > plan->objective + SAME * fmax(1, plan->objective))
        return err_set(err, -EINVAL, "the plan is worth %.6f, below its bound %.6f",
                       plan->objective, plan->bound);
    if (plan->objective > plan->hold_objective + SAME * fmax(1, plan->objective))
        return err_set(err, -EINVAL, "the plan is worth %.6f, and changing nothing %.6f",
                       plan->objective, plan->hold_objective);
    if (!is_near(plan->gap, gap, SAME) || (plan->status == SOLVE_OPTIMAL) != (gap <= SAME))
        return err_set(err, -EINVAL, "a gap of %.6f with status %s, where it is %.6f", plan->gap,
                       solve_status_text(plan->status), gap);
    return 0;
}
