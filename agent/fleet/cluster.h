/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_CLUSTER_H
#define EVENKEEL_AGENT_FLEET_CLUSTER_H

#include "planner/base/err.h"
#include "planner/fleet/fleet.h"

/* A cluster as an adapter has read it: the planner's picture, what the picture cannot hold in words,
 * and whatever all of that points at. Hosts and guests are in the order of their names. */

/* More are refused: a document can be made to say anything. */
enum {
    CLUSTER_MOST_HOSTS = 4096,
    CLUSTER_MOST_GUESTS = 65536,
    CLUSTER_MOST_RESOURCES = 8,
    CLUSTER_NAME_SIZE = 256,
    CLUSTER_MOST_SENTENCES = 64, /* of each kind; further ones are counted */
};

struct cluster_sentences {
    const char **text; /* [n] owned by the cluster */
    size_t n, n_more;
};

struct cluster_guest {
    int64_t wish;    /* least score of a constraint that brings it to a host and holds it there */
    int64_t hold;    /* most that it says about hosts by itself: stickiness and preferences */
    int knot;        /* same number: the engine weighs their wishes against each other; -1: alone */
    bool needs_wish; /* the engine might move it by itself, were it not told to leave it */
    int64_t stickiness;   /* what it stays for where it is */
    int64_t preference;   /* by how much it likes one host better than another, all else added up */
    int64_t arrived_s;    /* Unix time of its last migration, 0: none is known */
    bool is_busy;         /* the engine is at work on it */
    bool has_failed_move; /* a migration of it failed, and nobody has cleaned that up */
    bool is_unwanted;     /* its owner has stopped it */
    bool is_sampled;      /* its load was measured and not configured */
    /* Without an engine: its host's URI, and what libvirt calls it. */
    const char *uri, *uuid, *domain;
    bool is_transient; /* its host has no definition of it once it has gone */
};

/* The engine starts the second guest only after the first. */
struct cluster_order {
    int first, then;
};

struct cluster {
    struct fleet fleet;
    struct cluster_guest *about;  /* [n_guests] */
    struct cluster_order *orders; /* [n_orders] */
    size_t n_orders;
    const char *const *uris; /* [n_hosts] without an engine, else NULL */
    bool heeds_sizes;        /* the engine places guests by their sizes */
    const char *engine;      /* "Pacemaker", or NULL: nobody but the reader moves guests */
    struct cluster_sentences notes, refusals; /* refusals: why nothing may be planned */
    /* Of a document: its version, and how many constraints of ours are in it. */
    char version[CLUSTER_NAME_SIZE]; /* "admin_epoch.epoch" */
    size_t n_ours;
    bool is_short;                /* memory ran out; checked at the end */
    struct cluster_block *blocks; /* all that is owned */
};

void cluster_done(struct cluster *cluster);

/* Memory of zeros that lives as long as the cluster; NULL (and is_short) without. */
void *cluster_room(struct cluster *cluster, size_t n, size_t size);
const char *cluster_text(struct cluster *cluster, const char *text);
void cluster_note(struct cluster *cluster, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void cluster_refuse(struct cluster *cluster, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Its index, or FLEET_NOWHERE. */
int cluster_host(const struct cluster *cluster, const char *name);
int cluster_guest(const struct cluster *cluster, const char *name);

/* The row of where a guest may be, made on first use with true throughout. NULL: out of memory. */
bool *cluster_allowed(struct cluster *cluster, size_t guest);
/* Where it may be after the loss of its host, made on first use from the row above. NULL: out of memory. */
bool *cluster_restart(struct cluster *cluster, size_t guest);
/* Nobody knows whether it can be restarted then. The first reason counts. */
void cluster_unjudge(struct cluster *cluster, size_t guest, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* From now on it stays where it is, and stopped after the loss of its host. The first reason counts. */
void cluster_fix(struct cluster *cluster, size_t guest, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Likewise, but only while it runs: it is restarted elsewhere after the loss of its host. */
void cluster_hold(struct cluster *cluster, size_t guest, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void cluster_close(struct cluster *cluster, size_t host, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
