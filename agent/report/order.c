/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/order.h"

#include <stdlib.h>

#include "agent/base/text.h"
#include "agent/report/summary.h"

static int compare(const void *a, const void *b)
{
    const struct order_row *left = a, *right = b;
    int by_name = text_compare(left->guest->name, right->guest->name);
    int by_uuid = by_name ? by_name : guest_compare(left->guest, right->guest);

    if (by_uuid)
        return by_uuid;
    if (left->vcpu != right->vcpu)
        return left->vcpu < right->vcpu ? -1 : 1;
    return left->at < right->at ? -1 : left->at > right->at;
}

static struct order_row *new_rows(size_t n)
{
    return calloc(n + 1, sizeof(struct order_row));
}

static struct order_row *sorted(struct order_row *rows, size_t n)
{
    if (rows && n)
        qsort(rows, n, sizeof(*rows), compare);
    return rows;
}

struct order_row *order_places(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    struct order_row *rows = new_rows(plan->n_places);

    for (size_t i = 0; rows && i < plan->n_places; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[plan->places[i].vcpu];

        rows[i] = (struct order_row){&reading->guest, reading->vcpu, i};
    }
    return sorted(rows, plan->n_places);
}

struct order_row *order_pins(const struct vcpu_pin *pins, size_t n)
{
    struct order_row *rows = new_rows(n);

    for (size_t i = 0; rows && i < n; i++)
        rows[i] = (struct order_row){&pins[i].guest, pins[i].vcpu, i};
    return sorted(rows, n);
}

struct order_row *order_releases(const struct vcpu_release *releases, size_t n)
{
    struct order_row *rows = new_rows(n);

    for (size_t i = 0; rows && i < n; i++)
        rows[i] = (struct order_row){&releases[i].guest, releases[i].vcpu, i};
    return sorted(rows, n);
}

struct order_row *order_guests(const struct memory_plan *plan)
{
    struct order_row *rows = new_rows(plan->n_places);

    for (size_t i = 0; rows && i < plan->n_places; i++)
        rows[i] = (struct order_row){&plan->places[i].guest, 0, i};
    return sorted(rows, plan->n_places);
}

struct order_row *order_steps(const struct balloon_step *steps, size_t n)
{
    struct order_row *rows = new_rows(n);

    for (size_t i = 0; rows && i < n; i++)
        rows[i] = (struct order_row){&steps[i].guest, 0, i};
    return sorted(rows, n);
}

struct order_row *order_tracks(const struct memory_summary *summary)
{
    size_t n = summary->n_guests < REPORT_MAX_ROWS ? summary->n_guests : REPORT_MAX_ROWS;
    struct order_row *rows = new_rows(n);

    for (size_t i = 0; rows && i < n; i++)
        rows[i] = (struct order_row){&summary->guests[i].guest, 0, i};
    return sorted(rows, n);
}
