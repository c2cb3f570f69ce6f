/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_REPORT_ORDER_H
#define EVENKEEL_AGENT_REPORT_ORDER_H

#include "planner/base/plan.h"

/* The order for people: by name, and guests of one name by UUID. */
struct order_row {
    const struct guest_id *guest;
    unsigned vcpu;
    size_t at; /* where it is in its list */
};

/* The rows of each list, malloc'ed; NULL without memory. */
struct order_row *order_places(const struct vcpu_sample *sample, const struct vcpu_plan *plan);
struct order_row *order_pins(const struct vcpu_pin *pins, size_t n);
struct order_row *order_releases(const struct vcpu_release *releases, size_t n);
struct order_row *order_guests(const struct memory_plan *plan);
/* Of the guests with a row of their own. */
struct memory_summary;
struct order_row *order_tracks(const struct memory_summary *summary);
struct order_row *order_steps(const struct balloon_step *steps, size_t n);

#endif
