/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/history/changes.h"

#include <math.h>

#include "agent/base/hash.h"
#include "agent/base/json_values.h"
#include "planner/base/units.h"

/* As status and why round it. */
static json_t *mib(uint64_t kib)
{
    return json_integer((json_int_t)llround((double)kib / KIB_PER_MIB));
}

static const char released[] = "pins are not worth it", put_back[] = "put-back";
static const char found[] = "as it was found at first";

static json_t *place(const struct cpuset *pcpus)
{
    return cpuset_count(pcpus) ? json_from_cpuset(pcpus) : json_null();
}

static json_t *pin(const struct vcpu_plan *plan, const struct vcpu_pin *pin)
{
    struct cpuset from = vcpu_plan_pcpus(plan, pin->from_place);
    /* clang-format off */
    return json_members(
        "guest", json_from_guest(&pin->guest),
        "do", json_string("pin"),
        "vcpu", json_integer(pin->vcpu),
        "from", place(&from),
        "to", place(&pin->to),
        "reason", json_from_text(pin->reason),
        NULL);
    /* clang-format on */
}

static json_t *release(const struct vcpu_plan *plan, const struct vcpu_release *release)
{
    struct cpuset from = vcpu_plan_pcpus(plan, release->from_place);
    /* clang-format off */
    return json_members(
        "guest", json_from_guest(&release->guest),
        "do", json_string("free"),
        "vcpu", json_integer(release->vcpu),
        "from", place(&from),
        "to", json_null(),
        "reason", json_string(released),
        NULL);
    /* clang-format on */
}

static json_t *helper(const struct helper_pin *pin)
{
    /* clang-format off */
    return json_members(
        "guest", json_from_guest(&pin->guest),
        "do", json_string(helper_pin_verb(pin)),
        "iothread", json_integer(pin->iothread),
        "from", place(&pin->from),
        "to", place(&pin->to),
        "reason", json_from_text(pin->reason),
        NULL);
    /* clang-format on */
}

static json_t *step(const char *verb, const struct balloon_step *step)
{
    /* clang-format off */
    return json_members(
        "guest", json_from_guest(&step->guest),
        "do", json_string(verb),
        "from_mib", mib(step->from_kib),
        "to_mib", mib(step->to_kib),
        "reason", json_from_text(step->reason),
        NULL);
    /* clang-format on */
}

/* trouble: why it was not done, or NULL. */
static json_t *with_result(json_t *change, const char *trouble)
{
    int failures = json_object_set_new(change, "reason", json_from_text(trouble ? trouble : found));

    failures += json_object_set_new(change, "failed", json_boolean(trouble));
    return json_unless(change, failures);
}

json_t *changes_pin_put_back(const struct guest_id *guest, bool is_helpers, unsigned thread,
                             const struct cpuset *from, const struct cpuset *to,
                             const char *trouble)
{
    /* clang-format off */
    return with_result(json_members(
        "guest", json_from_guest(guest),
        "do", json_string(put_back),
        is_helpers ? "iothread" : "vcpu", json_integer(thread),
        "from", place(from),
        "to", place(to),
        NULL), trouble);
    /* clang-format on */
}

json_t *changes_size_put_back(const struct guest_id *guest, uint64_t from_kib, uint64_t to_kib,
                              const char *trouble)
{
    /* clang-format off */
    return with_result(json_members(
        "guest", json_from_guest(guest),
        "do", json_string(put_back),
        "from_mib", mib(from_kib),
        "to_mib", mib(to_kib),
        NULL), trouble);
    /* clang-format on */
}

char *changes_put_back(json_t *changes, size_t failed, const char *at, int64_t t_s)
{
    /* clang-format off */
    return json_line(json_members(
        "t", json_integer(t_s),
        "at", json_string(at),
        "verdict", json_string(put_back),
        "dry_run", json_false(),
        "failed", json_from_count(failed),
        "changes", changes,
        NULL), JSON_DIGITS_SHORT);
    /* clang-format on */
}

static char *line(const struct interval *interval, int64_t t_s, enum verdict verdict,
                  double objective, double bound, double gap, json_t *changes)
{
    /* clang-format off */
    return json_line(json_members(
        "t", json_integer(t_s),
        "at", json_string(interval->at),
        "verdict", json_string(verdict_text(verdict)),
        "objective", json_from_number(objective),
        "bound", json_from_number(bound),
        "gap", json_from_number(gap),
        "dry_run", json_boolean(interval->dry_run),
        "failed", json_from_count(interval->tally.failed + interval->tally.gone),
        "changes", changes,
        NULL), JSON_DIGITS_SHORT);
    /* clang-format on */
}

/* What was not carried out says so. Takes the change over. */
static int add(json_t *changes, const struct interval *interval, json_t *change)
{
    const bool *made = interval->tally.made;
    int failures = 0;

    if (made && !made[json_array_size(changes)])
        failures += json_object_set_new(change, "failed", json_true()) < 0;
    return failures + (json_array_append_new(changes, change) < 0);
}

char *changes_vcpus(const struct vcpu_plan *plan, const struct interval *interval, int64_t t_s)
{
    json_t *changes = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_pins; i++)
        failures += add(changes, interval, pin(plan, &plan->pins[i]));
    for (size_t i = 0; i < plan->n_releases; i++)
        failures += add(changes, interval, release(plan, &plan->releases[i]));
    for (size_t i = 0; i < plan->n_helper_pins; i++)
        failures += add(changes, interval, helper(&plan->helper_pins[i]));
    return line(interval, t_s, plan->verdict, plan->objective, plan->bound, plan->gap,
                json_unless(changes, failures));
}

char *changes_memory(const struct memory_plan *plan, const struct interval *interval, int64_t t_s)
{
    json_t *changes = json_array();
    int failures = 0;

    for (size_t i = 0; i < plan->n_reclaims; i++)
        failures += add(changes, interval, step("reclaim", &plan->reclaims[i]));
    for (size_t i = 0; i < plan->n_grants; i++)
        failures += add(changes, interval, step("grant", &plan->grants[i]));
    return line(interval, t_s, plan->verdict, plan->objective, plan->bound, plan->gap,
                json_unless(changes, failures));
}

uint64_t changes_vcpus_hash(const struct vcpu_plan *plan)
{
    uint64_t hash = vcpu_plan_actions(plan) ? HASH_START : 0;

    for (size_t i = 0; i < plan->n_pins; i++) {
        hash_guest(&hash, &plan->pins[i].guest);
        hash_bytes(&hash, &plan->pins[i].vcpu, sizeof(plan->pins[i].vcpu));
        hash_bytes(&hash, &plan->pins[i].to, sizeof(plan->pins[i].to));
    }
    for (size_t i = 0; i < plan->n_releases; i++) {
        hash_guest(&hash, &plan->releases[i].guest);
        hash_bytes(&hash, &plan->releases[i].vcpu, sizeof(plan->releases[i].vcpu));
    }
    for (size_t i = 0; i < plan->n_helper_pins; i++) {
        hash_guest(&hash, &plan->helper_pins[i].guest);
        hash_bytes(&hash, &plan->helper_pins[i].iothread, sizeof(plan->helper_pins[i].iothread));
        hash_bytes(&hash, &plan->helper_pins[i].to, sizeof(plan->helper_pins[i].to));
    }
    return hash;
}

/* Sizes waver. */
uint64_t changes_memory_hash(const struct memory_plan *plan)
{
    uint64_t hash = plan->n_reclaims + plan->n_grants ? HASH_START : 0;

    for (size_t i = 0; i < plan->n_reclaims; i++)
        hash_guest(&hash, &plan->reclaims[i].guest);
    hash_bytes(&hash, "+", 1);
    for (size_t i = 0; i < plan->n_grants; i++)
        hash_guest(&hash, &plan->grants[i].guest);
    return plan->n_reclaims + plan->n_grants ? hash : 0;
}
