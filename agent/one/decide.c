/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/decide.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/one/narrow.h"
#include "planner/fleet/measure.h"

/* How often the planner is asked again, by the number of hosts: a plan of many takes long. */
enum { SOME_HOSTS = 32, MANY_HOSTS = 128, ROUNDS_OF_SOME = 6, ROUNDS_OF_MANY = 2 };

/* While rounds are under way the largest deviation may be so many times what it was, where nothing else leads to
 * the plan: what frees room for whoever evens out most has to go somewhere. Without it 41 points stay in a fleet
 * of 16 hosts that could have 9. */
static const double UNEVEN_FOR_A_WHILE = 1.1;

struct deciding {
    const struct fleet *fleet; /* the document's */
    struct narrow asked;       /* what the planner is asked about: rows [guest * n_hosts + host] */
    const struct one_limits *limits;
    struct fleet_settings settings;
    struct one_decision *best;
    bool has_best;
};

/* A plan of this round, the rounds that it begins (0: none is to follow), and what the last one leads to. */
struct offered {
    struct fleet_plan plan;
    size_t rounds;
    double objective;
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

static bool is_better(const struct deciding *deciding, const struct offered *offered)
{
    const struct fleet *fleet = deciding->fleet;
    const struct one_decision *best = deciding->best;
    size_t held, best_held;

    if (!deciding->has_best)
        return true;
    held = n_held(fleet, &offered->plan);
    best_held = n_held(fleet, &best->plan);
    return held != best_held ? held < best_held : offered->objective < best->last_objective - 1e-9;
}

static int refuse_conflict(const struct fleet_plan *plan, struct err *err)
{
    if (plan->verdict != FLEET_PLAN_CONFLICT && plan->verdict != FLEET_PLAN_UNSAFE)
        return 0;
    return err_set(err, -EINVAL, "%s", plan->note);
}

/* Takes a plan over where it is the best so far; else it is gone. */
static void offer(struct deciding *deciding, struct offered *offered)
{
    struct one_decision *best = deciding->best;

    if (!is_better(deciding, offered)) {
        fleet_plan_done(&offered->plan);
        return;
    }
    if (deciding->has_best)
        fleet_plan_done(&best->plan);
    best->plan = offered->plan;
    best->rounds = offered->rounds;
    best->last_objective = offered->objective;
    deciding->has_best = true;
}

static void offer_plan(struct deciding *deciding, struct fleet_plan *plan)
{
    offer(deciding, &(struct offered){.plan = *plan, .objective = plan->objective});
}

/* Why somebody moves is what the whole plan says. */
static void keep_reasons(const struct fleet_plan *plan, struct fleet_plan *part)
{
    for (size_t k = 0; k < part->n_moves; k++)
        for (size_t j = 0; j < plan->n_moves; j++)
            if (plan->moves[j].guest == part->moves[k].guest)
                memcpy(part->moves[k].reason, plan->moves[j].reason, sizeof(plan->moves[j].reason));
}

/* The moves that are taken as a plan: all of them, or those that are worth it. */
static int make_part(struct deciding *deciding, const struct fleet_plan *plan,
                     const struct one_steps *steps, bool have_to, struct fleet_plan *ret,
                     struct err *err)
{
    struct narrow narrow;
    int r = narrow_new(&deciding->asked.fleet, steps->n_taken, &narrow);

    if (r == 0) {
        narrow_to_taken(&narrow, plan, steps, have_to);
        r = fleet_plan_make(&narrow.fleet, &deciding->settings, ret, err);
    }
    narrow_done(&narrow);
    return r;
}

static int offer_worthy(struct deciding *deciding, const struct fleet_plan *plan,
                        const struct one_steps *steps, struct err *err)
{
    struct fleet_plan part = {0};
    int r = make_part(deciding, plan, steps, false, &part, err);

    if (r == 0 && refuse_conflict(&part, NULL) == 0)
        offer_plan(deciding, &part);
    else
        fleet_plan_done(&part);
    return r;
}

/* The first of so many rounds, which end with this objective. */
static int offer_first(struct deciding *deciding, const struct fleet_plan *plan, double most_pct,
                       size_t rounds, double objective, struct err *err)
{
    struct fleet_plan part = {0};
    struct one_steps steps;
    int r = one_steps_choose(&deciding->asked.fleet, plan, deciding->limits, most_pct, &steps);

    if (r == 0)
        r = make_part(deciding, plan, &steps, true, &part, err);
    if (r == 0 && part.verdict == FLEET_PLAN_MOVES && part.n_moves == steps.n_taken) {
        keep_reasons(plan, &part);
        offer(deciding, &(struct offered){part, rounds, objective});
    } else {
        fleet_plan_done(&part);
    }
    one_steps_done(&steps);
    return r;
}

/* What rounds make of the plan, which may be a part of it. */
static int offer_rounds(struct deciding *deciding, const struct fleet_plan *plan,
                        const struct one_steps *made, double most_pct, size_t rounds,
                        struct err *err)
{
    struct fleet_plan part = {0};
    double objective = plan->objective;
    int r = 0;

    if (made->n_taken == 0)
        return 0;
    if (made->n_taken < plan->n_moves) {
        r = make_part(deciding, plan, made, true, &part, err);
        objective = r == 0 && part.n_moves == made->n_taken ? part.objective : INFINITY;
        fleet_plan_done(&part);
    }
    if (r == 0 && objective < INFINITY)
        r = offer_first(deciding, plan, most_pct, rounds, objective, err);
    return r;
}

/* Moves that no round can make are none from now on. */
static size_t forbid(struct deciding *deciding, const struct fleet_plan *plan,
                     const struct one_steps *made)
{
    size_t n = 0, n_hosts = deciding->fleet->n_hosts;

    for (size_t k = 0; k < plan->n_moves; k++) {
        struct fleet_guest *guest = &deciding->asked.fleet.guests[plan->moves[k].guest];
        bool *row = deciding->asked.rows + (size_t)plan->moves[k].guest * n_hosts;

        if (made->is_taken[k])
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

/* How uneven hosts are, in points. */
static int uneven_pct(const struct fleet *fleet, double *ret)
{
    int *at = calloc(fleet->n_guests + 1, sizeof(*at));

    for (size_t i = 0; at && i < fleet->n_guests; i++)
        at[i] = fleet->guests[i].home;
    *ret = at ? measure_plain(fleet, at).plain_pct : 0;
    free(at);
    return at ? 0 : -ENOMEM;
}

/* What of a plan can be done, if not all of it at once; *ret: whether another one is worth a try. Hosts are never
 * more uneven meanwhile than they are, or, if there is no other way, a little. */
static int use_plan(struct deciding *deciding, const struct fleet_plan *plan,
                    const struct one_steps *now, bool *ret, struct err *err)
{
    struct one_steps made = {0};
    double most_pct = 0;
    size_t rounds = 0;
    int r = uneven_pct(deciding->fleet, &most_pct);

    for (size_t k = 0; r == 0 && k < 2 && (k == 0 || made.n_taken < plan->n_moves); k++) {
        one_steps_done(&made);
        most_pct *= k == 0 ? 1 + 1e-9 : UNEVEN_FOR_A_WHILE;
        r = one_steps_rounds(&deciding->asked.fleet, plan, deciding->limits, most_pct, &made,
                             &rounds);
    }
    if (r == 0)
        r = offer_rounds(deciding, plan, &made, most_pct, rounds, err);
    if (r == 0 && made.n_taken < plan->n_moves) {
        r = offer_worthy(deciding, plan, now, err);
        *ret = r == 0 && forbid(deciding, plan, &made) > 0;
    }
    one_steps_done(&made);
    return r;
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
        r = one_steps_choose(fleet, &plan, deciding->limits, INFINITY, &steps);
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
        offer_plan(deciding, &plan);
        plan = (struct fleet_plan){0};
    } else {
        r = use_plan(deciding, &plan, &steps, ret, err);
    }
out:
    one_steps_done(&steps);
    fleet_plan_done(&plan);
    return r;
}

/* N-1 of the document's fleet after the plan: where the plan came from nearly everybody was tied down. */
static int judge_losses(struct deciding *deciding, struct err *err)
{
    struct fleet_plan *plan = &deciding->best->plan, seen;
    struct narrow after;
    int r = narrow_new(deciding->fleet, 0, &after);

    for (size_t i = 0; r == 0 && i < plan->n_guests; i++)
        after.fleet.guests[i].home = plan->host_of[i];
    if (r == 0)
        r = fleet_look(&after.fleet, &deciding->settings, &seen, err);
    if (r == 0) {
        struct fleet_n1 *before = plan->n1;

        assert(plan->n_n1 == seen.n_n1);
        plan->n1 = seen.n1_before;
        seen.n1_before = before;
        fleet_plan_done(&seen);
    }
    narrow_done(&after);
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
            offer_plan(deciding, &hold);
    }
    return r;
}

static int look(struct deciding *deciding, struct err *err)
{
    struct one_decision *best = deciding->best;
    int r = fleet_look(deciding->fleet, &deciding->settings, &best->plan, err);

    best->whole_objective = best->last_objective = best->bound = r == 0 ? best->plan.objective : 0;
    return r;
}

static int place(struct deciding *deciding, struct err *err)
{
    struct one_decision *best = deciding->best;
    int r = fleet_plan_make(deciding->fleet, &deciding->settings, &best->plan, err);

    if (r < 0)
        return r;
    best->whole_moves = best->plan.n_moves;
    best->whole_objective = best->last_objective = best->plan.objective;
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
    if (r == 0 && job == ONE_OPTIMIZE)
        r = judge_losses(&deciding, err);
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
