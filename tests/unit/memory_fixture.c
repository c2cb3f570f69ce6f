/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/memory_fixture.h"

#include <stdio.h>

void reading_set(struct memory_reading *reading, uint64_t actual_mib, uint64_t used_mib)
{
    reading->actual_kib = actual_mib * MIB;
    reading->unused_kib = (actual_mib - used_mib) * MIB;
    reading->usable_kib = reading->unused_kib;
    reading->available_kib = (actual_mib - 16) * MIB;
    reading->rss_kib = (actual_mib + 64) * MIB;
}

struct memory_reading reading_make(unsigned char id, uint64_t actual_mib, uint64_t used_mib)
{
    struct memory_reading reading = {.run = GUEST_RUNNING,
                                     .has_balloon = true,
                                     .has = MEMORY_HAS_UNUSED | MEMORY_HAS_AVAILABLE |
                                            MEMORY_HAS_USABLE | MEMORY_HAS_AGE | MEMORY_HAS_RSS,
                                     .maximum_kib = 2048 * MIB};

    reading.guest.uuid[0] = id;
    snprintf(reading.guest.name, sizeof(reading.guest.name), "guest-%u", id);
    reading_set(&reading, actual_mib, used_mib);
    return reading;
}

struct memory_sample sample_make(double at_s, uint64_t free_mib, struct memory_reading *guests,
                                 size_t n_guests)
{
    return (struct memory_sample){.at_ns = (uint64_t)(at_s * 1e9),
                                  .host_total_kib = 16384 * MIB,
                                  .host_free_kib = free_mib * MIB,
                                  .host_available_kib = free_mib * MIB,
                                  .guests = guests,
                                  .n_guests = n_guests};
}
