/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/families.h"

#include <math.h>

static void host_memory(struct page *page, uint64_t kib)
{
    page_line(page, NULL, page->scrape->is_up ? (double)kib * 1024 : NAN);
}

static void memory_target(struct page *page)
{
    for (size_t i = 0; i < page->scrape->n_guests; i++)
        page_guest_line(page, &page->scrape->guests[i], NULL,
                        (double)page->scrape->guests[i].target_kib * 1024);
}

static void memory_floor(struct page *page)
{
    for (size_t i = 0; i < page->scrape->n_guests; i++)
        page_guest_line(page, &page->scrape->guests[i], NULL,
                        (double)page->scrape->guests[i].floor_kib * 1024);
}

static void memory_state(struct page *page)
{
    for (size_t i = 0; i < page->scrape->n_guests; i++)
        page_guest_line(page, &page->scrape->guests[i],
                        guest_state_text(page->scrape->guests[i].state), 1);
}

static void memory_age(struct page *page)
{
    for (size_t i = 0; i < page->scrape->n_guests; i++) {
        if (page->scrape->guests[i].has_age)
            page_guest_line(page, &page->scrape->guests[i], NULL, page->scrape->guests[i].age_s);
    }
}

static void memory_free(struct page *page)
{
    host_memory(page, page->scrape->free_kib);
}

static void memory_reserve(struct page *page)
{
    host_memory(page, page->scrape->reserve_kib);
}

static void memory_promised(struct page *page)
{
    host_memory(page, page->scrape->promised_kib);
}

static void memory_missing(struct page *page)
{
    host_memory(page, page->scrape->missing_kib);
}

static const struct family rows[] = {
    {"memory_target_bytes", "gauge", "Size that a guest should come to.", memory_target},
    {"memory_floor_bytes", "gauge", "Size that a guest is guaranteed.", memory_floor},
    {"memory_state", "gauge", "The state that a guest is in, always 1.", memory_state},
    {"memory_report_age_seconds", "gauge",
     "Time since a guest told of its memory; missing where it never has.", memory_age},
    {"memory_free_bytes", "gauge", "Host memory that is free or can be dropped at once.",
     memory_free},
    {"memory_reserve_bytes", "gauge", "Host memory that is never handed out.", memory_reserve},
    {"memory_promised_bytes", "gauge", "Host memory that guests may still take without asking.",
     memory_promised},
    {"memory_missing_bytes", "gauge",
     "The least by which the guests' floors do not fit into the host.", memory_missing},
};
const struct family_table families_of_memory = {rows, sizeof(rows) / sizeof(rows[0])};
