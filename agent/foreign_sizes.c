/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/foreign_sizes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/event.h"
#include "planner/base/units.h"

static const double SAY_AGAIN_S = 900;

struct foreign_size {
    unsigned char uuid[16];
    bool is_ours; /* we have set it, and nobody else since */
    bool is_left; /* as of the last plan */
    uint64_t said_ns;
};

void foreign_sizes_done(struct foreign_sizes *sizes)
{
    free(sizes->list);
    *sizes = (struct foreign_sizes){0};
}

/* Both lists are sorted by UUID, so *at only moves forward. */
static struct foreign_size before_of(const struct foreign_sizes *sizes,
                                     const struct guest_id *guest, size_t *at)
{
    struct foreign_size nothing = {.said_ns = 0};

    memcpy(nothing.uuid, guest->uuid, sizeof(nothing.uuid));
    while (*at < sizes->n && memcmp(sizes->list[*at].uuid, guest->uuid, sizeof(guest->uuid)) < 0)
        ++*at;
    return *at < sizes->n && memcmp(sizes->list[*at].uuid, guest->uuid, sizeof(guest->uuid)) == 0
               ? sizes->list[*at]
               : nothing;
}

static void say_changed(const struct memory_place *place, uint64_t at_ns, struct foreign_size *size,
                        const struct log *log)
{
    bool is_news = !size->said_ns || at_ns - size->said_ns > ns_from_seconds(SAY_AGAIN_S);

    event_line(log, EVENT_FOREIGN, is_news && size->is_ours ? LOG_NOTICE : LOG_DEBUG, &place->guest,
               "guest '%s': somebody else has set its size to %" PRIu64 " MiB", place->guest.name,
               place->actual_kib / KIB_PER_MIB);
    if (is_news)
        size->said_ns = at_ns;
    size->is_ours = false;
}

static void say_left(const struct memory_place *place, const struct log *log)
{
    event_line(log, EVENT_FOREIGN, LOG_WARNING, &place->guest,
               "guest '%s': somebody else sets its size again and again: it is left to him for a "
               "while; stop him, or leave the guest out with --match '!%s'",
               place->guest.name, place->guest.name);
}

static void note_steps(const struct balloon_step *steps, size_t n, struct foreign_sizes *sizes)
{
    for (size_t i = 0, at = 0; i < n; i++) {
        while (at < sizes->n && memcmp(sizes->list[at].uuid, steps[i].guest.uuid, 16) != 0)
            at++;
        if (at < sizes->n)
            sizes->list[at].is_ours = true;
    }
}

void foreign_sizes_say(struct foreign_sizes *sizes, const struct memory_plan *plan, uint64_t at_ns,
                       bool is_acting, const struct log *log)
{
    struct foreign_sizes now = {.list = calloc(plan->n_places + 1, sizeof(*now.list))};

    for (size_t i = 0, at = 0; now.list && i < plan->n_places; i++) {
        const struct memory_place *place = &plan->places[i];
        struct foreign_size *size = &now.list[now.n++];

        *size = before_of(sizes, &place->guest, &at);
        if (place->is_foreign)
            say_changed(place, at_ns, size, log);
        if (place->state == GUEST_LEFT && !size->is_left)
            say_left(place, log);
        size->is_left = place->state == GUEST_LEFT;
    }
    if (is_acting) {
        note_steps(plan->reclaims, plan->n_reclaims, &now);
        note_steps(plan->grants, plan->n_grants, &now);
    }
    foreign_sizes_done(sizes);
    *sizes = now;
}
