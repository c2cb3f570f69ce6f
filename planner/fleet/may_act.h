/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_FLEET_MAY_ACT_H
#define EVENKEEL_PLANNER_FLEET_MAY_ACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a cluster, a guest or a host is in a state in which something may be done about it. Pure:
 * pictures in, a conclusion and a sentence out. What is not known is no reason to go on, unless it is
 * said so below. */

enum { ACT_WHY_SIZE = 300 };

struct act_cluster {
    bool is_told; /* the engine has said how the cluster is; else nothing below holds */
    bool has_quorum;
    bool is_maintained, is_stopped; /* the whole of it: maintenance mode, stop-all-resources */
    /* Names, or NULL: of the first node, guest or target of which it is so. */
    const char *unclean;         /* lost, and not yet fenced */
    const char *joining;         /* neither there nor away */
    const char *fencing_pending; /* its fencing is due or under way */
    const char *fencing_failed;  /* its last fencing has failed */
    const char *busy;            /* started, stopped, migrated or recovered right now */
    const char *fails_to_move;   /* a migration of it has failed, and nobody has cleaned that up */
};

enum act_verdict {
    ACT_MAY,
    ACT_NOT_TOLD,
    ACT_NO_QUORUM,
    ACT_MAINTENANCE,
    ACT_UNCLEAN,
    ACT_JOINING,
    ACT_FENCING_PENDING,
    ACT_FENCING_FAILED,
    ACT_BUSY,
    ACT_FAILED_MOVE,
};
/* why: one sentence with the way out; "" for ACT_MAY. */
enum act_verdict act_on_cluster(const struct act_cluster *cluster, char why[ACT_WHY_SIZE]);

/* A guest about which a wish would be written. */
struct act_guest {
    int64_t stickiness; /* what it stays for, finite */
    int64_t
        preference; /* by how much it likes one host better than another, finite; 0: it does not */
    int64_t arrived_s;    /* Unix time of its last migration; 0: none is known */
    bool has_failed_move; /* a migration of it failed, and nobody has cleaned that up */
    /* Only where its host was asked. */
    bool has_host_device;
    bool has_job; /* a snapshot, a backup, a migration by hand */
};
enum act_guest_verdict {
    ACT_GUEST_MAY,
    ACT_GUEST_NOT_HELD, /* it would go back once the wish is gone */
    ACT_GUEST_RECENT,
    ACT_GUEST_FAILED,
    ACT_GUEST_DEVICE,
    ACT_GUEST_JOB,
};
/* A guest that is stopped may be started whenever it would stay where it is then. A time of arrival
 * that lies in the future is one of now: clocks of hosts differ. */
enum act_guest_verdict act_on_guest(const struct act_guest *guest, bool is_running, int64_t now_s,
                                    int64_t hold_s, char why[ACT_WHY_SIZE]);

/* A host to which guests would go. */
struct act_host {
    bool is_told;     /* it was asked; else ACT_HOST_MAY, and the caller says so */
    int64_t free_mib; /* memory that nobody uses */
    int64_t reserve_mib, incoming_mib;
};
enum act_host_verdict { ACT_HOST_MAY, ACT_HOST_FULL };
enum act_host_verdict act_on_host(const struct act_host *host, char why[ACT_WHY_SIZE]);

/* Whether a plan is worth it. Something that has to be done always is. */
struct act_worth {
    bool is_due;            /* guests are to be started, or have to leave */
    double deviation_pct;   /* largest distance from the fair share now, in points */
    double hold, objective; /* what doing nothing and what the plan costs */
    double threshold_pct;   /* nothing is done below so many points */
    double margin;          /* and unless the plan is cheaper by such a share of `hold`, 0 .. 1 */
};
enum act_worth_verdict { ACT_WORTH_IT, ACT_BELOW_THRESHOLD, ACT_BELOW_MARGIN };
enum act_worth_verdict act_worth(const struct act_worth *worth, char why[ACT_WHY_SIZE]);

/* A score as it may be sent: finite, and above what it has to outweigh. */
bool act_score_is_sound(int64_t score, int64_t stickiness, int64_t preference);

#endif
