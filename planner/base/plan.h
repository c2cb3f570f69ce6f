/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_PLAN_H
#define EVENKEEL_PLANNER_BASE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/lp/lp.h"
#include "models/placement/problem.h"
#include "planner/base/sample.h"

/* What was decided, and why. The lists of actions (pins, reclaims, grants) hold what changes and
 * nothing else, so they are empty on every HOLD. */

enum verdict {
    VERDICT_APPLY,
    VERDICT_HOLD_OBSERVING,  /* first interval, or nothing has a history yet */
    VERDICT_HOLD_IDLE,       /* no guest, or no load worth balancing */
    VERDICT_HOLD_BALANCED,   /* inside the deadband, or no plan gains more than noise promises */
    VERDICT_HOLD_SETTLING,   /* demand is still changing; a plan made now would be made twice */
    VERDICT_HOLD_OPTIMAL,    /* the solver proved or found that changing nothing is cheapest */
    VERDICT_HOLD_STOPPED,    /* asked to stop before a plan was ready */
    VERDICT_HOLD_INFEASIBLE, /* constraints clash; the note names them */
    VERDICT_HOLD_FLOATING,   /* vCPUs are left floating, because pins are not worth it */
    VERDICT_HOLD_HARMFUL,    /* the plan would make overload, sigma or waiting worse */
    VERDICT_HOLD_UNSAFE,     /* the independent checker refused the plan; the note says why */
};
const char *verdict_text(enum verdict verdict); /* "apply", "hold-observing", ... */

/* What GLPK was asked and how it answered; "patterns" and the like are told in models/README.md.
 * pivots = 0: the first basis that it was given was the best already. */
struct plan_solver {
    const char *model;       /* "none": it was not asked */
    int rows, columns, free; /* columns that had a choice left */
    int64_t pivots, nodes;
    double ms; /* by the caller's clock; 0 without one. Not part of the decision */
};

/* ---- vCPUs ---- */

struct vcpu_pin {
    struct guest_id guest;
    unsigned vcpu;
    int from_place; /* as in struct vcpu_place; -1: floated */
    unsigned to_place;
    struct cpuset to; /* what it is pinned to: that pCPU, or what it may use of that set */
    int demand_permille;
    char reason[120]; /* one clause in operator's terms */
};

/* One of our own pins that is taken back: the vCPU floats again as it was found. */
struct vcpu_release {
    struct guest_id guest;
    unsigned vcpu;
    int from_place;
    int demand_permille;
};

/* Threads of a guest that are no vCPUs, and the pCPUs where they run from now on: those of the node where
 * its vCPUs are, or where they may if nobody pins them. */
struct helper_pin {
    struct guest_id guest;
    unsigned iothread; /* as in a sample */
    int to_node;       /* -1: set free */
    struct cpuset from, to;
    int demand_permille; /* of all such threads of the guest */
    char reason[120];
};

enum { HELPER_NAME_SIZE = 24 };
/* "emulator" or "I/O thread 3". Returns ret. */
const char *plan_helper_name(unsigned iothread, char ret[HELPER_NAME_SIZE]);
/* "pin", or "free" where nobody holds it any more. */
const char *helper_pin_verb(const struct helper_pin *pin);

/* What such threads of a guest want. It counts where that vCPU of the guest is placed. */
struct plan_helpers {
    size_t vcpu; /* index into the sample: the first one that runs */
    int demand_permille;
};

/* At level pcpu a place is a pCPU, by its number. Above, it is one of the plan's sets, by its index. */
struct vcpu_place {
    size_t vcpu;    /* index into the sample that the plan was made from */
    int from_place; /* before, -1: floats */
    int to_place;   /* after, -1: left floating or not part of the problem */
    int demand_permille;
    int reserve_permille; /* it counts with no less than this while it runs */
    bool is_reset;        /* above level pcpu: its mask changes, whether or not its place does */
    bool is_yielded; /* somebody else moves it again and again: it is left to him for a while */
    bool is_apart;   /* it stays where guests may not be planned, and waits for nobody elsewhere */
    /* Above level pcpu: on this set, which is a part of what guests may use, somebody else's mask holds it
     * as soon as no pin of ours does. */
    bool is_held;
    int held_at;
};

/* pCPUs that are one place above level pcpu. */
struct plan_set {
    struct cpuset pcpus;
    size_t n_pcpus, node;
    long speed_permille; /* of its pCPUs together, 1000: as fast as the fastest */
    double cores;        /* what they get done while no core runs a second thread, in pCPUs */
    double siblings;     /* further threads of those cores; each adds a part of a pCPU */
    /* Of one of its pCPUs on average: what runs there beside the vCPUs that are placed, and all. */
    int background_permille, before_permille, after_permille;
};

/* What a further thread of a core adds to its first one, in pCPUs: 0.2 to 0.3 are reported for
 * two busy threads. */
#define PLAN_SIBLING_SHARE 0.25

struct pcpu_load {
    unsigned id;
    int before_permille, after_permille; /* demand of the vCPUs placed there plus background */
    int background_permille;             /* what else runs there, smoothed */
    /* Time that the same work takes, 1 on the fastest pCPU: planner/vcpu/speed.h, above level pcpu
     * core_speed.h. */
    double cost;
    int error_permille; /* by which the background seen last may be wrong, because guests float */
    /* What it really ran in the last interval, floating vCPUs and all, and what it would run under
     * the plan; at most 1000. */
    int ran_permille, ran_after_permille;
    enum pcpu_use use; /* guests are planned only onto usable ones, and sigmas are about those */
};

/* Standard deviations over the pCPUs that guests may use: of what they really ran, of what they would
 * run under the plan, and the least that pins can bring it to. Those of the demands that are placed
 * there, which the objective is about, are beside it in the plan. */
struct vcpu_ran {
    double sigma_pct, sigma_after_pct, sigma_least_pct;
};

/* Time that vCPUs wait for pCPUs, per time that they run: 0.05 is a twentieth. What is expected is NAN
 * where guests may use no pCPU, or too many vCPUs share pCPUs to work it out. */
struct vcpu_waiting {
    bool is_measured;
    double measured;   /* in the last interval */
    double now, after; /* expected where everybody is, and where the plan puts them */
    double in_line;    /* of now, what can be measured (planner/vcpu/waiting.h) */
    /* Expected if all ran wherever there is room, without any loss; above level pcpu within the sets
     * where others' masks hold them. */
    double floating;
};

/* Above level pcpu on a host of several nodes: guests that run, those of whom nobody tells where their
 * memory lies, which costs nothing then, and the part of all running that is lost to memory on other
 * nodes. Else all 0. */
struct plan_memory {
    size_t n_guests, n_unknown;
    double now, after, floating; /* if all floated (planner/vcpu/gate_memory.h) */
};

/* `--level auto` (planner/vcpu/floating.h). */
enum floating_course {
    FLOATING_NO_MATTER, /* every busy vCPU is pinned: `--level pcpu` */
    FLOATING_LEFT,      /* vCPUs are left as they are */
    FLOATING_PINNED,    /* they are pinned where that is worth it */
    FLOATING_LOOKED_AT, /* a few are pinned, and the others wait for what is seen of them */
    FLOATING_RELEASED,  /* our own pins are taken back */
};
struct plan_level {
    enum floating_course course;
    bool is_crowded; /* there are more busy vCPUs than pCPUs that guests may use */
    double most;     /* waiting per unit of running, beyond floating, that pins may cost */
    bool knows_part;
    double part;    /* of what is expected of pinned vCPUs, that is seen; 1 while it is not known */
    double floated; /* what floating vCPUs were measured to wait, per unit of running */
};

/* `--level auto` above level pcpu: pins may let vCPUs wait no longer than floating and so much more. */
enum gate_course { GATE_PASSED, GATE_WAITS, GATE_FLOATS };
struct plan_gate {
    bool is_on;
    enum gate_course course;
    double most;        /* waiting per unit of running beyond floating */
    bool counts_memory; /* where memory is known, pins have to be worth their waiting by it */
    bool heeds_owners;  /* floating, vCPUs stay within others' masks */
    char left
        [24]; /* "llc, node": levels that are left alone, because vCPUs waited longer there than was expected */
};

struct vcpu_plan {
    enum verdict verdict;
    /* Sentences for people: why hold, what cannot be balanced away, which pCPUs are left out; may
     * be empty. The lists of a host with a thousand pCPUs fit as long as every second one is
     * missing. */
    char note[4000];
    char harm[80]; /* what would get worse by the plan that was refused, or "" */
    enum solve_status status;
    enum placement_method method;
    double sigma_pct, sigma_after_pct, sigma_bound_pct; /* of demands; what floats is in none */
    struct vcpu_ran ran;
    struct vcpu_waiting waiting;
    struct plan_memory memory;
    double objective, bound, gap, hold_objective; /* percentage points */
    struct work work;
    struct pcpu_load *pcpus;
    size_t n_pcpus;
    struct vcpu_place *places; /* every vCPU of the sample, in its order */
    size_t n_places;
    struct vcpu_pin *pins; /* the diff */
    size_t n_pins;
    struct vcpu_release *releases; /* where there are any, there are no pins */
    size_t n_releases;
    bool is_yielded; /* somebody else pins many vCPUs again and again: all is left to him */
    struct plan_helpers *helpers; /* above level core, by vcpu; all others are background */
    size_t n_helpers;
    struct helper_pin *helper_pins; /* part of the diff, by UUID and I/O thread */
    size_t n_helper_pins;
    struct plan_level level;
    enum topology_level grain; /* what a place is */
    bool counts_reserves;      /* the places have what is reserved for them */
    bool by_core;          /* at level pcpu: siblings share cores, and cores are evened out first */
    struct plan_set *sets; /* [n_sets] above level pcpu: those of the level, then wider ones */
    size_t n_sets, n_bins; /* n_bins of them are of the level */
    struct plan_gate gate;
    struct plan_solver solver;
    /* The compact model behind the plan, and what GLPK got where that was another one. NULL unless
     * asked for, or evidence: GLPK contradicts what was known. */
    struct lp *lp, *lp_given;
    bool is_evidence;
};
void vcpu_plan_done(struct vcpu_plan *plan);
/* Frees pCPUs, places, pins, and what is known of helpers. */
void vcpu_plan_forget_places(struct vcpu_plan *plan);
/* The pCPUs of a place; none for -1 and for what is no place of the plan. */
struct cpuset vcpu_plan_pcpus(const struct vcpu_plan *plan, int place);
/* Whether the i-th of the plan's places is left, or its mask is set anew. */
static inline bool vcpu_plan_changes(const struct vcpu_plan *plan, size_t i)
{
    return plan->places[i].is_reset || plan->places[i].to_place != plan->places[i].from_place;
}
/* How many changes it makes. */
static inline size_t vcpu_plan_actions(const struct vcpu_plan *plan)
{
    return plan->n_pins + plan->n_releases + plan->n_helper_pins;
}
/* A vCPU that wants so much may be cut off by its pCPU: what it would want on a faster or slower one is not
 * told, and no move of it tells how fast they are. */
enum { PLAN_CUT_OFF_PERMILLE = 900 };
/* What vCPU i of the plan's places would want on a pCPU (-1: floating): its demand, as much more as that
 * pCPU is slower than the one it is pinned to, but no more than 1000. */
int vcpu_plan_demand_on(const struct vcpu_plan *plan, size_t i, int pcpu);
/* What a plan has to find room for: that, or what is reserved for the vCPU if that is more. */
int vcpu_plan_charge_on(const struct vcpu_plan *plan, size_t i, int pcpu);
static inline int vcpu_place_charge(const struct vcpu_place *place)
{
    return place->demand_permille > place->reserve_permille ? place->demand_permille
                                                            : place->reserve_permille;
}
/* Which part of the objective is not proven: 0 .. 1. */
double plan_gap(double objective, double bound);
/* Turns a plan into "change nothing": no pins, and nothing is predicted to change. The objective and
 * its gap are those of changing nothing. The note is copied, and cut where it is too long. */
void vcpu_plan_hold(struct vcpu_plan *plan, enum verdict verdict, const char *note);

/* ---- memory ---- */

enum guest_state {
    GUEST_OK,
    GUEST_LEARNING, /* too little history to trust */
    GUEST_SLOW,     /* moves, but late */
    GUEST_STUCK,    /* asked to move and does not */
    GUEST_SILENT,   /* no believable statistics */
    GUEST_REFUSED,  /* its balloon call failed: left alone for a while */
    GUEST_KEEPING,  /* its balloon shrank, and the host got nothing back */
    GUEST_LEFT,  /* somebody else sets its size again and again, or itself: left to them a while */
    GUEST_FIXED, /* not ours to change: no balloon, locked, paused, migrating, excluded */
};
const char *guest_state_text(enum guest_state state); /* "ok", "learning", ... */

/* One balloon call. from is the size that the guest holds or was last asked to take. A step that
 * ends at the guest's actual size withdraws an earlier request: it frees and takes nothing. */
struct balloon_step {
    struct guest_id guest;
    uint64_t from_kib, to_kib;
    char reason[120];
};

struct memory_place {
    struct guest_id guest;
    enum guest_state state;
    bool is_foreign;         /* its size has changed, and it was not our doing */
    uint64_t state_since_ns; /* when it entered the state, on the samples' clock */
    uint64_t actual_kib, unused_kib, demand_kib, wish_kib, target_kib, floor_kib, ceiling_kib;
    uint64_t asked_kib; /* what its balloon was last asked for, while that is under way; or 0 */
    char explain[240];  /* why this size (the binding constraint) and what would change it */
};

struct memory_plan {
    enum verdict verdict;
    char note[200];
    enum solve_status status;
    uint64_t host_total_kib, host_reserve_kib;
    uint64_t host_free_kib;      /* free now, or droppable by the host */
    uint64_t host_droppable_kib; /* the droppable part of that */
    uint64_t host_arc_kib;       /* in ZFS's cache above its least size: not counted as free */
    /* Granted, but not arrived yet or not touched yet. It counts as spent. */
    uint64_t host_promised_kib;
    uint64_t missing_kib; /* least total by which the floors cannot be met; 0 = they can */
    double objective, bound, gap, hold_objective;
    struct work work;
    struct plan_solver solver;
    struct memory_place *places; /* every guest of the sample, in its order */
    size_t n_places;
    struct balloon_step *reclaims; /* first ... */
    size_t n_reclaims;
    struct balloon_step *grants; /* ... then these, out of memory that is free now */
    size_t n_grants;
    struct lp *lp; /* where every guest should come to rest; NULL unless asked for and solved */
    /* What of it can be given now, while reclaimed memory is still under way; NULL where that is
     * all of it. */
    struct lp *lp_now;
};
/* Turns the plan into "change nothing": no steps, every guest keeps its size or what it was last
 * asked for. note says why; NULL leaves the note. */
void memory_plan_hold(struct memory_plan *plan, enum verdict verdict, const char *note);
void memory_plan_done(struct memory_plan *plan);

#endif
