/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/roster.h"

#include <stdlib.h>

static void name_missing(const struct roster *before, const struct roster *now,
                         const struct log *log)
{
    size_t k = 0;

    for (size_t i = 0; i < before->n; i++) {
        const struct guest_id *guest = &before->guests[i];

        while (k < now->n && guest_compare(&now->guests[k], guest) < 0)
            k++;
        if (k == now->n || guest_compare(&now->guests[k], guest) != 0)
            log_line(log, LOG_NOTICE, "guest '%s' is no longer there", guest->name);
    }
}

static void take_over(struct roster *roster, struct roster *now, const struct log *log)
{
    if (now->guests)
        name_missing(roster, now, log);
    roster_done(roster);
    *roster = *now;
}

void roster_see_vcpus(struct roster *roster, const struct vcpu_sample *sample,
                      const struct log *log)
{
    struct roster now = {.guests = calloc(sample->n_vcpus + 1, sizeof(*now.guests))};

    for (size_t i = 0; now.guests && i < sample->n_vcpus; i++) {
        const struct guest_id *guest = &sample->vcpus[i].guest;

        if (now.n == 0 || guest_compare(&now.guests[now.n - 1], guest) != 0)
            now.guests[now.n++] = *guest;
    }
    take_over(roster, &now, log);
}

void roster_see_memory(struct roster *roster, const struct memory_sample *sample,
                       const struct log *log)
{
    struct roster now = {.guests = calloc(sample->n_guests + 1, sizeof(*now.guests))};

    for (size_t i = 0; now.guests && i < sample->n_guests; i++)
        now.guests[now.n++] = sample->guests[i].guest;
    take_over(roster, &now, log);
}

void roster_done(struct roster *roster)
{
    free(roster->guests);
    *roster = (struct roster){0};
}
