/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/virsh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"
#include "planner/base/guest.h"

char *virsh_quoted(const char *text)
{
    static const char quote[] = "'\\''";
    size_t size = 3;
    char *quoted, *at;

    for (const char *c = text; *c; c++)
        size += *c == '\'' ? sizeof(quote) - 1 : 1;
    quoted = at = calloc(size, 1);
    if (!quoted)
        return NULL;
    *at++ = '\'';
    for (const char *c = text; *c; c++) {
        if (*c != '\'') {
            *at++ = *c;
            continue;
        }
        memcpy(at, quote, sizeof(quote) - 1);
        at += sizeof(quote) - 1;
    }
    *at++ = '\'';
    *at = '\0';
    return quoted;
}

/* A name that a reader cannot see as it is, or that may have been cut, goes by its UUID. */
static const char *domain_of(const struct cluster_guest *guest)
{
    char shown[GUEST_NAME_SIZE];

    snprintf(shown, sizeof(shown), "%s", guest->domain);
    text_printable(shown);
    return strcmp(shown, guest->domain) == 0 && strlen(shown) + 1 < GUEST_NAME_SIZE ? guest->domain
                                                                                    : guest->uuid;
}

static char *command(const struct cluster_guest *guest, const char *to)
{
    char *from = virsh_quoted(guest->uri), *domain = virsh_quoted(domain_of(guest));
    char *target = virsh_quoted(to), *line = NULL;
    const char *keep = guest->is_transient ? "" : " --persistent --undefinesource";
    size_t size;

    if (from && domain && target) {
        size = strlen(from) + strlen(domain) + strlen(target) + 100;
        line = malloc(size);
        if (line)
            snprintf(line, size, "virsh -c %s migrate --live%s --domain %s --desturi %s", from,
                     keep, domain, target);
    }
    free(from);
    free(domain);
    free(target);
    return line;
}

static void use(const struct fleet *fleet, int64_t *left, int host, size_t guest, int sign)
{
    for (size_t d = 0; d < fleet->n_resources; d++)
        left[(size_t)host * fleet->n_resources + d] -= sign * fleet->guests[guest].size[d];
}

static bool fits(const struct fleet *fleet, const int64_t *left, const struct fleet_move *move)
{
    for (size_t d = 0; d < fleet->n_resources; d++)
        if (fleet->guests[move->guest].size[d] > left[(size_t)move->to * fleet->n_resources + d])
            return false;
    return true;
}

/* The first that finds room, again and again; *ret_free of them do. */
static void put_in_order(const struct fleet *fleet, const struct fleet_plan *plan, int64_t *left,
                         size_t *order, size_t *ret_free)
{
    size_t n = plan->n_moves, done = 0;
    bool is_changed = true;

    for (size_t k = 0; k < n; k++)
        order[k] = k;
    while (is_changed) {
        is_changed = false;
        for (size_t k = done; k < n; k++) {
            const struct fleet_move *move = &plan->moves[order[k]];
            size_t chosen = order[k];

            if (!fits(fleet, left, move))
                continue;
            use(fleet, left, move->to, move->guest, 1);
            if (move->from >= 0)
                use(fleet, left, move->from, move->guest, -1);
            memmove(&order[done + 1], &order[done], (k - done) * sizeof(*order));
            order[done++] = chosen;
            is_changed = true;
        }
    }
    *ret_free = done;
}

static int64_t *rooms_left(const struct fleet *fleet)
{
    int64_t *left = calloc(fleet->n_hosts * fleet->n_resources + 1, sizeof(*left));

    for (size_t p = 0; left && p < fleet->n_hosts; p++)
        for (size_t d = 0; d < fleet->n_resources; d++)
            left[p * fleet->n_resources + d] = fleet->hosts[p].room[d];
    for (size_t i = 0; left && i < fleet->n_guests; i++)
        if (fleet->guests[i].home >= 0)
            use(fleet, left, fleet->guests[i].home, i, 1);
    return left;
}

int virsh_commands(const struct cluster *cluster, const struct fleet_plan *plan,
                   struct virsh_commands *ret)
{
    struct virsh_commands commands = {.lines = calloc(plan->n_moves + 1, sizeof(char *))};
    size_t *order = calloc(plan->n_moves + 1, sizeof(*order)), n_free = 0;
    int64_t *left = rooms_left(&cluster->fleet);
    int r = commands.lines && order && left ? 0 : -ENOMEM;

    if (r == 0)
        put_in_order(&cluster->fleet, plan, left, order, &n_free);
    for (size_t k = 0; k < plan->n_moves && r == 0; k++) {
        const struct fleet_move *move = &plan->moves[order[k]];

        if (move->from < 0)
            continue; /* of a host that is lost: there is nothing to migrate */
        commands.lines[commands.n] = command(&cluster->about[move->guest], cluster->uris[move->to]);
        r = commands.lines[commands.n] ? 0 : -ENOMEM;
        commands.n += r == 0;
        commands.n_stuck += k >= n_free;
    }
    free(order);
    free(left);
    if (r < 0)
        virsh_commands_done(&commands);
    else
        *ret = commands;
    return r;
}

void virsh_commands_done(struct virsh_commands *commands)
{
    for (size_t k = 0; k < commands->n; k++)
        free(commands->lines[k]);
    free(commands->lines);
    *commands = (struct virsh_commands){0};
}
