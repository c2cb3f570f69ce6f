/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/decide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/one/steps.h"

/* How often the planner is asked again, by the number of hosts: a plan of many takes long. */
enum { SOME_HOSTS = 32, MANY_HOSTS = 128, ROUNDS_OF_SOME = 6, ROUNDS_OF_MANY = 2 };

/* The document's fleet, with less that is allowed. */
struct narrow {
    struct fleet fleet;
    bool *rows;
};

struct deciding {
    const struct fleet *fleet; /* the document's */
    struct narrow asked;       /* what the planner is asked about: rows [guest * n_hosts + host] */
    const struct one_limits *limits;
    struct fleet_settings settings;
    struct one_decision *best;
    bool has_best;
};

static bool has_to_move(const struct fleet *fleet, const struct fleet_guest *guest)
{
    return guest->home >= 0 && !guest->is_fixed &&
           (!fleet->hosts[guest->home].is_open || (guest->allowed && !guest->allowed[guest->home]));
}

/* Guests that have to move and would not. */
static size_t n_held(const struct fleet *fleet, const struct fleet_plan *plan)
{
    size_t n = 0;

    for (size_t i = 0; i < fleet->n_guests; i++)
        n += has_to_move(fleet, &fleet->guests[i]) &&
             (plan->host_of[i] < 0 || plan->host_of[i] == fleet->guests[i].home);
    return n;
}

static bool is_better(const struct deciding *deciding, const struct fleet_plan *plan)
{
    const struct fleet *fleet = deciding->fleet;
    const struct fleet_plan *best = &deciding->best->plan;
    size_t held, best_held;

    if (!deciding->has_best)
        return true;
    held = n_held(fleet, plan);
    best_held = n_held(fleet, best);
    return held != best_held ? held < best_held : plan->objective < best->objective - 1e-9;
}

static int refuse_conflict(const struct fleet_plan *plan, struct err *err)
{
    if (plan->verdict != FLEET_PLAN_CONFLICT && plan->verdict != FLEET_PLAN_UNSAFE)
        return 0;
    return err_set(err, -EINVAL, "%s", plan->note);
}

static int narrow_new(const struct fleet *fleet, size_t n_rows, struct narrow *ret)
{
    struct fleet_guest *guests = calloc(fleet->n_guests + 1, sizeof(*guests));
    bool *rows = calloc(n_rows * fleet->n_hosts + 1, sizeof(*rows));

    *ret = (struct narrow){.fleet = *fleet, .rows = rows};
    ret->fleet.guests = guests;
    if (!guests || !rows)
        return -ENOMEM;
    memcpy(guests, fleet->guests, fleet->n_guests * sizeof(*guests));
    return 0;
}

/* Nobody but those of the taken moves can move, and those to nowhere else: what the planner makes of it is the
 * best that a part of these moves can be, with its price, and checked. */
static void leave_taken(struct narrow *narrow, const struct fleet_plan *plan,
                        const struct one_steps *steps)
{
    struct fleet_guest *guests = narrow->fleet.guests;
    bool *row = narrow->rows;

    for (size_t i = 0; i < narrow->fleet.n_guests; i++)
        if (!guests[i].is_fixed) {
            guests[i].is_fixed = true;
            guests[i].why_fixed = "it waits for a later round";
        }
    for (size_t k = 0; k < plan->n_moves; k++) {
        struct fleet_guest *guest = &guests[plan->moves[k].guest];

        if (!steps->is_taken[k])
            continue;
        row[guest->home] = !guest->allowed || guest->allowed[guest->home];
        row[plan->moves[k].to] = true;
        guest->is_fixed = false;
        guest->why_fixed = NULL;
        guest->allowed = row;
        row += narrow->fleet.n_hosts;
    }
}

static void narrow_done(struct narrow *narrow)
{
    free(narrow->fleet.guests);
    free(narrow->rows);
}

/* Takes a plan over where it is the best so far; else it is gone. */
static void offer(struct deciding *deciding, struct fleet_plan *plan)
{
    if (!is_better(deciding, plan)) {
        fleet_plan_done(plan);
        return;
    }
    if (deciding->has_best)
        fleet_plan_done(&deciding->best->plan);
    deciding->best->plan = *plan;
    deciding->has_best = true;
}

static int reprice(struct deciding *deciding, const struct fleet_plan *plan,
                   const struct one_steps *steps, struct err *err)
{
    struct fleet_plan part = {0};
    struct narrow narrow;
    int r = narrow_new(&deciding->asked.fleet, steps->n_taken, &narrow);

    if (r == 0) {
        leave_taken(&narrow, plan, steps);
        r = fleet_plan_make(&narrow.fleet, &deciding->settings, &part, err);
    }
    if (r == 0 && refuse_conflict(&part, NULL) == 0)
        offer(deciding, &part);
    else
        fleet_plan_done(&part);
    narrow_done(&narrow);
    return r;
}

/* Moves for which there is no room yet are none for the rest of this round. */
static size_t forbid(struct deciding *deciding, const struct fleet_plan *plan,
                     const struct one_steps *steps)
{
    size_t n = 0, n_hosts = deciding->fleet->n_hosts;

    for (size_t k = 0; k < plan->n_moves; k++) {
        struct fleet_guest *guest = &deciding->asked.fleet.guests[plan->moves[k].guest];
        bool *row = deciding->asked.rows + (size_t)plan->moves[k].guest * n_hosts;

        if (steps->is_taken[k])
            continue;
        for (size_t p = 0; guest->allowed != row && p < n_hosts; p++)
            row[p] = !guest->allowed || guest->allowed[p];
        guest->allowed = row;
        row[plan->moves[k].to] = false;
        n++;
    }
    return n;
}

static int rounds_of(const struct fleet *fleet)
{
    return fleet->n_hosts <= SOME_HOSTS   ? ROUNDS_OF_SOME
           : fleet->n_hosts <= MANY_HOSTS ? ROUNDS_OF_MANY
                                          : 0;
}

/* One plan of the planner and what of it can be done now; *ret: whether another one is worth a try. */
static int one_round(struct deciding *deciding, bool is_first, bool *ret, struct err *err)
{
    const struct fleet *fleet = &deciding->asked.fleet;
    struct one_decision *best = deciding->best;
    struct one_steps steps = {0};
    struct fleet_plan plan = {0};
    int r = fleet_plan_make(fleet, &deciding->settings, &plan, err);

    *ret = false;
    if (r == 0)
        r = is_first ? refuse_conflict(&plan, err) : 0;
    if (r == 0 && refuse_conflict(&plan, NULL) == 0)
        r = one_steps_choose(fleet, &plan, deciding->limits, &steps);
    else
        goto out;
    if (r < 0)
        goto out;
    if (is_first) {
        best->whole_moves = plan.n_moves;
        best->whole_objective = plan.objective;
        best->bound = plan.bound;
        best->n_no_room = steps.n_no_room;
        best->n_limited = steps.n_limited;
    }
    if (steps.n_taken == plan.n_moves) {
        offer(deciding, &plan);
        plan = (struct fleet_plan){0};
    } else {
        r = reprice(deciding, &plan, &steps, err);
        *ret = r == 0 && steps.n_no_room > 0 && forbid(deciding, &plan, &steps) > 0;
    }
out:
    one_steps_done(&steps);
    fleet_plan_done(&plan);
    return r;
}

static int optimize(struct deciding *deciding, struct err *err)
{
    const struct fleet *fleet = deciding->fleet;
    int rounds = rounds_of(fleet), r = narrow_new(fleet, fleet->n_guests, &deciding->asked);
    bool again = false;

    if (r == 0)
        r = one_round(deciding, true, &again, err);
    for (int k = 0; r == 0 && again && k < rounds; k++)
        r = one_round(deciding, false, &again, err);
    if (r == 0 && !deciding->has_best) {
        struct fleet_plan hold;

        r = fleet_look(fleet, &deciding->settings, &hold, err);
        if (r == 0)
            offer(deciding, &hold);
    }
    return r;
}

static int look(struct deciding *deciding, struct err *err)
{
    struct one_decision *best = deciding->best;
    int r = fleet_look(deciding->fleet, &deciding->settings, &best->plan, err);

    best->whole_objective = best->bound = r == 0 ? best->plan.objective : 0;
    return r;
}

static int place(struct deciding *deciding, struct err *err)
{
    struct one_decision *best = deciding->best;
    int r = fleet_plan_make(deciding->fleet, &deciding->settings, &best->plan, err);

    if (r < 0)
        return r;
    best->whole_moves = best->plan.n_moves;
    best->whole_objective = best->plan.objective;
    best->bound = best->plan.bound;
    return refuse_conflict(&best->plan, err);
}

int one_decide(const struct one_picture *picture, enum one_job job, const struct one_limits *limits,
               struct one_decision *ret, struct err *err)
{
    const struct fleet *fleet = &picture->cluster.fleet;
    struct one_decision decision = {0};
    struct deciding deciding = {.fleet = fleet, .limits = limits, .best = &decision};
    int r;

    fleet_settings_default(&deciding.settings);
    if (job == ONE_PLACE)
        r = place(&deciding, err);
    else if (limits->per_plan == 0)
        r = look(&deciding, err);
    else
        r = optimize(&deciding, err);
    narrow_done(&deciding.asked);
    decision.order = calloc(decision.plan.n_moves + 1, sizeof(*decision.order));
    if (r == 0)
        r = decision.order ? one_steps_order(fleet, &decision.plan, decision.order) : -ENOMEM;
    if (r == 0)
        r = one_steps_check(fleet, &decision.plan, decision.order,
                            job == ONE_OPTIMIZE ? limits : NULL, err);
    if (r < 0) {
        one_decision_done(&decision);
        return r == -ENOMEM ? err_set(err, r, "out of memory") : r;
    }
    *ret = decision;
    return 0;
}

void one_decision_done(struct one_decision *decision)
{
    fleet_plan_done(&decision->plan);
    free(decision->order);
    *decision = (struct one_decision){0};
}
