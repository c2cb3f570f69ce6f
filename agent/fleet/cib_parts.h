/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_CIB_PARTS_H
#define EVENKEEL_AGENT_FLEET_CIB_PARTS_H

#include <libxml/tree.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/fleet/cluster.h"

/* A CIB while it is read: what its parts (cib_*.c) share. Texts are the document's. */

enum { CIB_INFINITY = 1000000 }; /* Pacemaker's */

struct cib_node {
    const char *name, *id;
    const xmlNode *node;  /* in <nodes> */
    const xmlNode *state; /* in <status>, or NULL */
    bool is_remote;       /* without a cluster stack: its connection is a resource of its name */
    bool is_maintained;   /* the engine manages nothing there */
    bool is_away;         /* what its history says is no more */
};

enum cib_kind { CIB_GUEST, CIB_OTHER, CIB_HOLDER }; /* a holder is a group, a clone, a bundle */
/* CIB_LEAVES: it migrates away. CIB_CANNOT: not there, and it cannot run there. */
enum cib_run { CIB_STOPPED, CIB_RUNS, CIB_BUSY, CIB_LEAVES, CIB_FAILED, CIB_CANNOT };

struct cib_resource {
    const char *name;
    enum cib_kind kind;
    const xmlNode *element, *template; /* template: NULL where it has none */
    const struct cib_resource *holder; /* NULL: it stands alone */
    int guest;                         /* of the fleet; FLEET_NOWHERE: it is none */
    int place;                         /* first of its places; FLEET_NOWHERE: it runs nowhere */
    int *score;                        /* [n_hosts] of its location constraints, or NULL */
    bool is_unclear;                   /* no guest, and some of those could not be evaluated */
    bool is_tied;                      /* it hangs on others: infinitely, or in a set */
    int follower; /* no guest: the first guest that has to be with it, or FLEET_NOWHERE */
    const struct cib_resource
        *follows; /* a guest: what it has to be with; NULL: nothing that is no guest */
    int64_t stickiness;
};

/* Where a resource is, or something of it goes on. */
struct cib_place {
    size_t resource; /* index into resources */
    int host;
    enum cib_run run;
    int64_t arrived_s;    /* when it came by migration; 0: not, or nobody tells */
    bool has_failed_move; /* a migration from or to here has failed */
    int next;             /* of the same resource, or FLEET_NOWHERE */
};

struct cib {
    struct cluster *cluster;
    const xmlNode *root, *configuration, *status;
    struct cib_node *nodes; /* [n_hosts] by name, as the fleet's hosts */
    size_t n_nodes;
    struct cib_resource *resources; /* by name */
    size_t n_resources;
    struct cib_place *places;
    size_t n_places, room_places;
    const char *strategy; /* placement-strategy */
    int64_t now_s;        /* Unix time */
    bool is_opt_in;       /* symmetric-cluster is off */
};

/* cib_xml.c: elements and attributes, without copies. */
bool cib_is(const xmlNode *node, const char *name);
const xmlNode *cib_child(const xmlNode *of, const char *name); /* the first, or NULL */
/* The next child element of that name; after NULL: the first. name NULL: any. */
const xmlNode *cib_next(const xmlNode *of, const xmlNode *after, const char *name);
const char *cib_attribute(const xmlNode *of, const char *name); /* "" where there is none */
const char *cib_id(const xmlNode *of);
/* A wish: a location constraint with the id "evenkeel-RESOURCE" for that very resource, or, where that is
 * taken, with a number behind it. Whatever else
 * somebody has given such an id, as for a resource called evenkeel-fleet, is not ours. */
enum { CIB_OUR_PREFIX_SIZE = 10 };
extern const char cib_our_prefix[CIB_OUR_PREFIX_SIZE];
bool cib_is_ours(const xmlNode *node);
/* As Pacemaker reads them: 0, or -EINVAL with *ret untouched. */
int cib_boolean(const char *text, bool *ret);
int cib_score(const char *text, int *ret); /* cut to +-CIB_INFINITY */
int cib_add_scores(int a, int b);          /* minus infinity wins */

/* cib_values.c: sets of <nvpair>. The value of that name in an element's sets, or NULL: of sets the one
 * with the highest score, of equals the first. What depends on a rule is left out. */
const char *cib_value(const xmlNode *of, const char *set, const char *name);
const char *cib_property(const struct cib *cib, const char *name);
/* Of a resource: its own, its template's, its holder's, the defaults. */
const char *cib_meta(const struct cib *cib, const struct cib_resource *resource, const char *name);
/* Refuses sets of an element that cannot be evaluated. */
void cib_check_sets(struct cib *cib, const xmlNode *of, const char *set);
/* A node's attribute: the transient one first, as the engine does. */
const char *cib_node_value(const struct cib_node *node, const char *name);

/* cib_nodes.c, cib_resources.c: what there is. 0 or -EINVAL, -ENOMEM with a sentence. */
int cib_read_nodes(struct cib *cib, struct err *err);
int cib_read_resources(struct cib *cib, struct err *err);
struct cib_resource *cib_find_resource(const struct cib *cib, const char *name);
/* The states of nodes, which are closed where nobody may come. Resources' places are due before. */
void cib_judge_nodes(struct cib *cib);
/* What guests' own attributes say: fixed, unwanted. */
void cib_judge_guests(struct cib *cib);

/* cib_history.c: where resources are, of the status section. 0 or -ENOMEM, -EINVAL with a sentence. */
int cib_read_history(struct cib *cib, struct err *err);
/* Whether a place counts as one where its resource is. */
bool cib_is_active(const struct cib *cib, const struct cib_place *place);
/* Where guests failed too often to be tried again. */
void cib_read_failures(struct cib *cib);

/* cib_utilization.c: rooms, sizes, CPUs and loads. 0 or -ENOMEM, -EINVAL with a sentence. */
int cib_read_utilization(struct cib *cib, struct err *err);

/* cib_rule.c: whether a rule holds on a node. 0, -ENOTSUP: that depends on a date that cannot be evaluated, whatever
 * the node; -EINVAL: it cannot be evaluated. */
int cib_rule(const struct cib *cib, const xmlNode *rule, const struct cib_node *node, bool *ret);
/* cib_date.c: whether a <date_expression> holds now, of times from and until. 0 or -ENOTSUP: it recurs, lasts, or is
 * too near to tell without knowing the cluster's time zone. */
int cib_date(const xmlNode *expression, int64_t now_s, bool *ret);
/* cib_sets.c: the sets of a colocation with that score as pairs of names. NULL, or why that cannot be. */
typedef void cib_pair(void *arg, const char *name, const char *with, int score);
const char *cib_sets(const xmlNode *element, int score, cib_pair *each, void *arg);

/* cib_location.c, cib_colocation.c. */
void cib_read_locations(struct cib *cib);
void cib_read_colocations(struct cib *cib);
/* cib_beside.c: a guest and a resource that is none, colocated with an infinite score; is_needed: the guest hangs on
 * the other. Another guest that follows it together with this one after a loss, or FLEET_NOWHERE. */
int cib_beside(struct cib *cib, const struct cib_resource *guest, const struct cib_resource *other,
               int score, bool is_needed);
/* cib_order.c: who is started only after another that stays stopped is fixed. After these two. */
void cib_read_orders(struct cib *cib);
/* Calls back with each resource that a name means: itself, or those of a tag. False: there is none. */
bool cib_resolve(struct cib *cib, const char *name, void (*each)(void *arg, struct cib_resource *),
                 void *arg);

#endif
