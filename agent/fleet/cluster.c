/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/cluster.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/text.h"

struct cluster_block {
    struct cluster_block *next;
    max_align_t room[];
};

void cluster_done(struct cluster *cluster)
{
    struct cluster_block *block = cluster->blocks;

    while (block) {
        struct cluster_block *next = block->next;

        free(block);
        block = next;
    }
    *cluster = (struct cluster){0};
}

void *cluster_room(struct cluster *cluster, size_t n, size_t size)
{
    struct cluster_block *block = NULL;

    if (size == 0 || n <= (SIZE_MAX - sizeof(*block)) / size - 1)
        block = calloc(1, sizeof(*block) + (n + 1) * size);
    if (!block) {
        cluster->is_short = true;
        return NULL;
    }
    block->next = cluster->blocks;
    cluster->blocks = block;
    return block->room;
}

const char *cluster_text(struct cluster *cluster, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = cluster_room(cluster, size, 1);

    if (copy)
        memcpy(copy, text, size);
    return copy;
}

/* Strangers' words are in it: whatever a reader cannot see becomes '?'. */
__attribute__((format(printf, 2, 0))) static const char *sentence(struct cluster *cluster,
                                                                  const char *format, va_list args)
{
    char text[400];

    vsnprintf(text, sizeof(text), format, args);
    text_trim_utf8(text);
    text_printable(text);
    return cluster_text(cluster, text);
}

__attribute__((format(printf, 3, 0))) static void say(struct cluster *cluster,
                                                      struct cluster_sentences *to,
                                                      const char *format, va_list args)
{
    const char *text;

    if (to->n == CLUSTER_MOST_SENTENCES) {
        to->n_more++;
        return;
    }
    if (!to->text)
        to->text = cluster_room(cluster, CLUSTER_MOST_SENTENCES, sizeof(*to->text));
    text = to->text ? sentence(cluster, format, args) : NULL;
    if (text)
        to->text[to->n++] = text;
}

void cluster_note(struct cluster *cluster, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(cluster, &cluster->notes, format, args);
    va_end(args);
}

void cluster_refuse(struct cluster *cluster, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(cluster, &cluster->refusals, format, args);
    va_end(args);
}

/* Hosts and guests begin with their names, and are sorted by them. */
static int by_name(const void *name, const void *other)
{
    return strcmp(name, *(const char *const *)other);
}

static int find(const char *name, const void *list, size_t n, size_t size)
{
    const char *found = n > 0 ? bsearch(name, list, n, size, by_name) : NULL;

    return found ? (int)((size_t)(found - (const char *)list) / size) : FLEET_NOWHERE;
}

int cluster_host(const struct cluster *cluster, const char *name)
{
    const struct fleet_host *hosts = cluster->fleet.hosts;

    static_assert(offsetof(struct fleet_host, name) == 0, "a host begins with its name");
    return find(name, hosts, cluster->fleet.n_hosts, sizeof(*hosts));
}

int cluster_guest(const struct cluster *cluster, const char *name)
{
    const struct fleet_guest *guests = cluster->fleet.guests;

    static_assert(offsetof(struct fleet_guest, name) == 0, "a guest begins with its name");
    return find(name, guests, cluster->fleet.n_guests, sizeof(*guests));
}

bool *cluster_allowed(struct cluster *cluster, size_t guest)
{
    struct fleet_guest *of = &cluster->fleet.guests[guest];
    bool *row;

    if (of->allowed)
        return (bool *)of->allowed; /* made here */
    row = cluster_room(cluster, cluster->fleet.n_hosts, sizeof(*row));
    for (size_t p = 0; row && p < cluster->fleet.n_hosts; p++)
        row[p] = true;
    of->allowed = row;
    return row;
}

bool *cluster_restart(struct cluster *cluster, size_t guest)
{
    struct fleet_guest *of = &cluster->fleet.guests[guest];
    size_t n = cluster->fleet.n_hosts;
    bool *row;

    if (of->restart)
        return (bool *)of->restart; /* made here */
    row = cluster_room(cluster, n, sizeof(*row));
    for (size_t p = 0; row && p < n; p++)
        row[p] = !of->allowed || of->allowed[p];
    of->restart = row;
    return row;
}

void cluster_unjudge(struct cluster *cluster, size_t guest, const char *format, ...)
{
    struct fleet_guest *of = &cluster->fleet.guests[guest];
    va_list args;

    if (of->why_unjudged)
        return;
    va_start(args, format);
    of->why_unjudged = sentence(cluster, format, args);
    va_end(args);
}

__attribute__((format(printf, 3, 0))) static void fix(struct cluster *cluster,
                                                      struct fleet_guest *guest, const char *format,
                                                      va_list args)
{
    if (!guest->is_fixed)
        guest->why_fixed = sentence(cluster, format, args);
    guest->is_fixed = true;
}

void cluster_fix(struct cluster *cluster, size_t guest, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fix(cluster, &cluster->fleet.guests[guest], format, args);
    cluster->fleet.guests[guest].may_restart = false;
    va_end(args);
}

void cluster_hold(struct cluster *cluster, size_t guest, const char *format, ...)
{
    struct fleet_guest *of = &cluster->fleet.guests[guest];
    va_list args;

    va_start(args, format);
    of->may_restart |= !of->is_fixed;
    fix(cluster, of, format, args);
    va_end(args);
}

void cluster_close(struct cluster *cluster, size_t host, const char *format, ...)
{
    struct fleet_host *of = &cluster->fleet.hosts[host];
    va_list args;

    if (!of->is_open)
        return;
    va_start(args, format);
    of->is_open = false;
    of->why_closed = sentence(cluster, format, args);
    va_end(args);
}
