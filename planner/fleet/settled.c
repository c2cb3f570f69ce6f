/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planner/fleet/settled.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct member {
    int set;
    size_t guest;
};

static const char why_left[] = "rules about it contradict each other";

bool settled_runs_well(const struct fleet *fleet, const struct fleet_guest *guest)
{
    return guest->home >= 0 && fleet->hosts[guest->home].is_open &&
           (guest->is_fixed || !guest->allowed || guest->allowed[guest->home]);
}

void settled_free(struct settled *settled)
{
    if (!settled)
        return;
    free(settled->guests);
    free(settled->is_at_odds);
    free(settled->is_out);
    free(settled->conflicts);
    free(settled);
}

__attribute__((format(printf, 3, 4))) static int tell(struct settled *settled, size_t guest,
                                                      const char *format, ...)
{
    struct fleet_conflict *grown =
        realloc(settled->conflicts, (settled->n_conflicts + 1) * sizeof(*grown));
    va_list args;

    if (!grown)
        return -ENOMEM;
    settled->conflicts = grown;
    grown += settled->n_conflicts++;
    grown->guest = guest;
    va_start(args, format);
    vsnprintf(grown->text, sizeof(grown->text), format, args);
    va_end(args);
    return 0;
}

static void leave_one(struct settled *settled, size_t i, bool is_at_odds)
{
    struct fleet_guest *guest = &settled->guests[i];

    settled->is_at_odds[i] = is_at_odds;
    guest->together = FLEET_NOWHERE;
    if (!settled_runs_well(&settled->fleet, guest)) {
        settled->is_out[i] = true;
    } else if (!guest->is_fixed) {
        guest->is_fixed = guest->may_restart = true;
        guest->why_fixed = why_left;
    }
}

static void leave_set(struct settled *settled, size_t guest, bool is_at_odds)
{
    int set = settled->guests[guest].together;

    for (size_t i = 0; set >= 0 && i < settled->fleet.n_guests; i++)
        if (settled->guests[i].together == set)
            leave_one(settled, i, is_at_odds);
    leave_one(settled, guest, is_at_odds);
}

/* Another guest of its set, or -1. */
static int companion_of(const struct fleet *fleet, size_t guest)
{
    for (size_t i = 0; fleet->guests[guest].together >= 0 && i < fleet->n_guests; i++)
        if (i != guest && fleet->guests[i].together == fleet->guests[guest].together)
            return (int)i;
    return -1;
}

/* A guest that is to be apart from it, or -1. */
static int opponent_of(const struct fleet *fleet, size_t guest)
{
    for (size_t s = 0; s < fleet->n_apart; s++) {
        int opponent = -1;
        bool is_in = false;

        for (int k = fleet->apart_first[s]; k < fleet->apart_first[s + 1]; k++) {
            is_in |= fleet->apart_guest[k] == (int)guest;
            if (fleet->apart_guest[k] != (int)guest)
                opponent = fleet->apart_guest[k];
        }
        if (is_in && opponent >= 0)
            return opponent;
    }
    return -1;
}

/* The resource of which a set takes more than each open host has that all of it may use, or -1. */
static int lacking_of(const struct fleet *fleet, int set, int64_t *ret_size)
{
    int lacking = -1;

    for (size_t p = 0; p < fleet->n_hosts; p++) {
        bool may = fleet->hosts[p].is_open, fits = true;

        for (size_t i = 0; may && i < fleet->n_guests; i++)
            may = fleet->guests[i].together != set || !fleet->guests[i].allowed ||
                  fleet->guests[i].allowed[p];
        for (size_t r = 0; may && fits && r < fleet->n_resources; r++) {
            int64_t size = 0;

            for (size_t i = 0; i < fleet->n_guests; i++)
                size += fleet->guests[i].together == set ? fleet->guests[i].size[r] : 0;
            fits = size <= fleet->hosts[p].room[r];
            if (!fits) {
                lacking = (int)r;
                *ret_size = size;
            }
        }
        if (may && fits)
            return -1;
    }
    return lacking;
}

static int tell_why(struct settled *settled, size_t guest, int companion)
{
    const struct fleet *fleet = &settled->fleet;
    const struct fleet_guest *one = &fleet->guests[guest];
    const char *other = fleet->guests[companion].name;
    int64_t size = 0;
    int lacking = lacking_of(fleet, one->together, &size);

    if (one->together < 0)
        return tell(settled, guest,
                    "'%.60s' and '%.60s' are to be apart, and no plan was found that keeps all "
                    "rules about them and stops neither",
                    one->name, other);
    if (lacking >= 0)
        return tell(settled, guest,
                    "'%.60s' and '%.60s' are to be together, and all of their set takes %" PRId64
                    " of %s, more than any host has that they may use",
                    one->name, other, size, fleet->resource[lacking]);
    return tell(settled, guest,
                "'%.60s' and '%.60s' are to be together, and no plan was found that keeps all "
                "rules about them and stops nobody",
                one->name, other);
}

int settled_leave(struct settled *settled, size_t guest)
{
    int other = companion_of(&settled->fleet, guest), r;

    if (other < 0)
        other = opponent_of(&settled->fleet, guest);
    r = other < 0 ? 0 : tell_why(settled, guest, other);
    if (r == 0)
        leave_set(settled, guest, other >= 0);
    return r;
}

/* Together and apart. */
static int settle_apart(struct settled *settled)
{
    const struct fleet *fleet = &settled->fleet;
    struct met {
        size_t apart; /* of this set of those that are apart, counted from 1, ... */
        int guest;    /* ... this one was met */
    } *met = calloc(fleet->n_guests + 1, sizeof(*met));
    int r = met ? 0 : -ENOMEM;

    for (size_t s = 0; r == 0 && s < fleet->n_apart; s++)
        for (int k = fleet->apart_first[s]; r == 0 && k < fleet->apart_first[s + 1]; k++) {
            int guest = fleet->apart_guest[k], set = fleet->guests[guest].together;

            if (set < 0)
                continue;
            if (met[set].apart != s + 1 || met[set].guest == guest) {
                met[set] = (struct met){s + 1, guest};
                continue;
            }
            r = tell(settled, (size_t)guest,
                     "'%.60s' and '%.60s' are to be together and apart: take one of the two rules "
                     "back",
                     fleet->guests[met[set].guest].name, fleet->guests[guest].name);
            if (r == 0)
                leave_set(settled, (size_t)guest, true);
        }
    free(met);
    return r;
}

static bool is_fixed_on_open(const struct fleet *fleet, const struct fleet_guest *guest)
{
    return guest->is_fixed && guest->home >= 0 && fleet->hosts[guest->home].is_open;
}

/* Together, and fixed on different hosts. */
static int settle_fixed(struct settled *settled)
{
    const struct fleet *fleet = &settled->fleet;
    int *who = calloc(fleet->n_guests + 1, sizeof(*who)), r = who ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < fleet->n_guests; i++) {
        const struct fleet_guest *guest = &fleet->guests[i], *other;

        if (guest->together < 0 || !is_fixed_on_open(fleet, guest))
            continue;
        if (who[guest->together] == 0) {
            who[guest->together] = (int)i + 1;
            continue;
        }
        other = &fleet->guests[who[guest->together] - 1];
        if (other->home == guest->home)
            continue;
        r = tell(settled, i,
                 "'%.60s' and '%.60s' are to be together, and stay on '%.60s' and '%.60s': move "
                 "one of them, or let one go",
                 other->name, guest->name, fleet->hosts[other->home].name,
                 fleet->hosts[guest->home].name);
        if (r == 0)
            leave_set(settled, i, true);
    }
    free(who);
    return r;
}

static int by_set(const void *a, const void *b)
{
    const struct member *left = a, *right = b;

    return left->set != right->set ? (left->set > right->set) - (left->set < right->set)
                                   : (left->guest > right->guest) - (left->guest < right->guest);
}

static bool are_all_fixed(const struct fleet *fleet, const struct member *members, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (!fleet->guests[members[k].guest].is_fixed)
            return false;
    return true;
}

static bool have_common_host(const struct fleet *fleet, const struct member *members, size_t n)
{
    for (size_t p = 0; p < fleet->n_hosts; p++) {
        bool may = fleet->hosts[p].is_open;

        for (size_t k = 0; may && k < n; k++) {
            const struct fleet_guest *guest = &fleet->guests[members[k].guest];

            if (is_fixed_on_open(fleet, guest))
                may = guest->home == (int)p;
            else
                may = guest->is_fixed || !guest->allowed || guest->allowed[p];
        }
        if (may)
            return true;
    }
    return false;
}

/* Together, without a host for all. */
static int settle_homeless(struct settled *settled)
{
    const struct fleet *fleet = &settled->fleet;
    struct member *members = calloc(fleet->n_guests + 1, sizeof(*members));
    size_t n = 0, end;
    int r = members ? 0 : -ENOMEM;

    for (size_t i = 0; members && i < fleet->n_guests; i++)
        if (fleet->guests[i].together >= 0)
            members[n++] = (struct member){fleet->guests[i].together, i};
    if (n > 0)
        qsort(members, n, sizeof(*members), by_set);
    for (size_t k = 0; r == 0 && k < n; k = end) {
        for (end = k; end < n && members[end].set == members[k].set; end++)
            continue;
        if (end - k < 2 || are_all_fixed(fleet, &members[k], end - k) ||
            have_common_host(fleet, &members[k], end - k))
            continue;
        r = tell(settled, members[k].guest,
                 "'%.60s' and '%.60s' are to be together, and no open host is one that all of "
                 "their set may use",
                 fleet->guests[members[k].guest].name, fleet->guests[members[k + 1].guest].name);
        if (r == 0)
            leave_set(settled, members[k].guest, true);
    }
    free(members);
    return r;
}

int settled_new(const struct fleet *fleet, struct settled **ret)
{
    struct settled *settled = calloc(1, sizeof(*settled));
    size_t n = fleet->n_guests;
    int r = -ENOMEM;

    if (!settled)
        return r;
    settled->guests = calloc(n + 1, sizeof(*settled->guests));
    settled->is_at_odds = calloc(n + 1, sizeof(bool));
    settled->is_out = calloc(n + 1, sizeof(bool));
    if (settled->guests && settled->is_at_odds && settled->is_out) {
        memcpy(settled->guests, fleet->guests, n * sizeof(*settled->guests));
        settled->fleet = *fleet;
        settled->fleet.guests = settled->guests;
        r = settle_apart(settled);
    }
    if (r == 0)
        r = settle_fixed(settled);
    if (r == 0)
        r = settle_homeless(settled);
    if (r < 0)
        settled_free(settled);
    else
        *ret = settled;
    return r;
}
