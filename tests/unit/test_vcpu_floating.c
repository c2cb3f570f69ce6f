/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/check.h"
#include "tests/unit/guest_fixture.h"

enum { N_HOSTS = 60, N_INTERVALS = 40, MOST_PCPUS = 6 };

static unsigned next(unsigned *state, unsigned below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

/* A host that waits as its seed says: floating vCPUs and pinned ones, each a share of what they run. */
struct random_host {
    struct guest_kit kit;
    double floats_wait, pins_wait;
};

static void make(unsigned seed, struct random_host *host)
{
    unsigned state = seed * 2654435761u + 1;
    size_t n_pcpus = 2 + next(&state, MOST_PCPUS - 1), n = n_pcpus * (1 + next(&state, 4));

    guest_kit_all(&host->kit, n_pcpus, n, "0-15");
    for (size_t i = 0; i < n; i++)
        host->kit.load_permille[i] = (int)(10 + next(&state, 1300) * n_pcpus / n);
    host->floats_wait = next(&state, 3) * 0.06;
    host->pins_wait = next(&state, 3) * 0.1;
}

static void pass(struct random_host *host)
{
    struct guest_kit *kit = &host->kit;

    guest_kit_pass(kit, 2);
    for (size_t i = 0; i < kit->sample.n_vcpus; i++) {
        double part = guest_kit_pcpu(kit, i) < 0 ? host->floats_wait : host->pins_wait;

        kit->vcpus[i].delay_ns += (uint64_t)(2e6 * kit->load_permille[i] * part);
    }
}

static void obey(struct guest_kit *kit, const struct vcpu_plan *plan)
{
    for (size_t i = 0; i < plan->n_places; i++) {
        const struct vcpu_place *place = &plan->places[i];

        if (place->to_place == place->from_place)
            continue;
        guest_kit_pin(kit, i, "0-15");
        if (place->to_place >= 0)
            kit->vcpus[i].affinity = (struct cpuset){{0}};
        if (place->to_place >= 0)
            cpuset_add(&kit->vcpus[i].affinity, (unsigned)place->to_place);
        kit->vcpus[i].is_ours = place->to_place >= 0;
    }
}

/* W / R of vCPUs that work and sleep by turns: on one pCPU k of them are runnable with a probability
 * that is k! times the symmetric polynomial of their odds. Counted here once more, by subsets. */
static void add_pcpu(const double *demand, size_t n, double *waiting, double *running)
{
    double p[20] = {1}, total = 0, factorial = 1;

    assert_true(n < 20);
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k > 0; k--)
            p[k] += p[k - 1] * demand[i] / (1 - fmin(demand[i], 0.999));
    for (size_t k = 0; k <= n; k++) {
        factorial *= k ? (double)k : 1;
        total += p[k] *= factorial;
    }
    for (size_t k = 1; k <= n; k++) {
        *running += p[k] / total;
        *waiting += (double)(k - 1) * p[k] / total;
    }
}

/* Of a plan that pins everybody that is not idle; NAN otherwise. */
static double pinned_waiting(const struct vcpu_plan *plan)
{
    double waiting = 0, running = 0, demand[20];

    for (size_t i = 0; i < plan->n_places; i++)
        if (plan->places[i].to_place < 0)
            return (double)NAN;
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        size_t n = 0;

        for (size_t i = 0; i < plan->n_places; i++)
            if (plan->places[i].to_place == (int)p)
                demand[n++] = plan->places[i].demand_permille / 1000.0;
        add_pcpu(demand, n, &waiting, &running);
    }
    return waiting / running;
}

static bool has_first_pin(const struct vcpu_plan *plan)
{
    for (size_t k = 0; k < plan->n_pins; k++)
        if (plan->pins[k].from_place < 0)
            return true;
    return false;
}

static bool keeps_the_promise(const struct vcpu_plan *plan)
{
    double expected = plan->level.part * plan->waiting.after;
    double own = pinned_waiting(plan);

    if (!has_first_pin(plan))
        return true;
    if (!isnan(own) && fabs(own - plan->waiting.after) > 0.01 * (own + 0.01))
        fail_msg("W / R is %.4f, the plan says %.4f", own, plan->waiting.after);
    return expected - fmax(plan->waiting.floating, plan->level.floated) <= 0.05 + 1e-6;
}

/* How many plans with first pins there were, and how many of them broke the promise. */
static void count(bool gate, int *ret_plans, int *ret_broken)
{
    struct vcpu_settings settings;

    vcpu_settings_default(&settings);
    settings.level = PIN_AUTO;
    settings.gate_waiting = gate;
    *ret_plans = *ret_broken = 0;
    for (unsigned seed = 1; seed <= N_HOSTS; seed++) {
        struct vcpu_planner *planner = guest_kit_planner(&settings);
        struct random_host host;

        make(seed, &host);
        for (int k = 0; k < N_INTERVALS; k++) {
            struct vcpu_plan plan;

            pass(&host);
            guest_kit_plan(&host.kit, planner, &plan); /* and the checker accepts it */
            *ret_plans += has_first_pin(&plan);
            *ret_broken += !keeps_the_promise(&plan);
            obey(&host.kit, &plan);
            vcpu_plan_done(&plan);
        }
        vcpu_planner_free(planner);
    }
}

static void no_accepted_plan_waits_longer_than_it_may(void **state)
{
    int plans, broken;

    (void)state;
    count(true, &plans, &broken);
    assert_true(plans > 10); /* it says something */
    assert_int_equal(broken, 0);
    count(false, &plans, &broken);
    assert_true(broken > 10);
}

/* A plan of a planner without the gate, which the checker has to refuse once it knows the limit. */
static void the_checker_counts_again(void **state)
{
    struct vcpu_settings settings;
    struct vcpu_planner *planner;
    struct random_host host;
    struct vcpu_plan plan;
    struct err err = {0};

    (void)state;
    vcpu_settings_default(&settings);
    settings.level = PIN_AUTO;
    settings.gate_waiting = false;
    planner = guest_kit_planner(&settings);
    guest_kit_all(&host.kit, 4, 12, "0-15");
    for (size_t i = 0; i < 12; i++)
        host.kit.load_permille[i] = 200;
    host.floats_wait = host.pins_wait = 0;
    guest_kit_plan(&host.kit, planner, &plan);
    vcpu_plan_done(&plan);
    pass(&host);
    guest_kit_plan(&host.kit, planner, &plan);
    assert_int_equal(plan.n_pins, 12);
    plan.level.most = 0.05;
    assert_int_equal(vcpu_check(&host.kit.sample, &plan, &err), -EINVAL);
    assert_non_null(strstr(err.text, "pins would let vCPUs wait"));
    plan.level.part = 0.05; /* seen to wait a twentieth of what is expected */
    assert_int_equal(vcpu_check(&host.kit.sample, &plan, &err), 0);
    plan.level.part = 1.5;
    assert_int_equal(vcpu_check(&host.kit.sample, &plan, &err), -EINVAL);
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

/* Six vCPUs that we pinned and that wait there: they go back to floating, and only they. */
static void only_our_own_pins_are_taken_back(void **state)
{
    struct vcpu_settings settings;
    struct vcpu_planner *planner;
    struct random_host host;
    struct vcpu_plan plan = {0};
    struct err err = {0};

    (void)state;
    vcpu_settings_default(&settings);
    settings.level = PIN_AUTO;
    planner = guest_kit_planner(&settings);
    guest_kit_all(&host.kit, 2, 8, "0");
    host.floats_wait = 0, host.pins_wait = 0.5;
    for (size_t i = 0; i < 8; i++) {
        host.kit.load_permille[i] = 150;
        guest_kit_pin(&host.kit, i, i % 2 ? "1" : "0");
        host.kit.vcpus[i].is_ours = i < 6;
    }
    for (int k = 0; k < 10 && plan.n_releases == 0; k++) {
        vcpu_plan_done(&plan);
        pass(&host);
        guest_kit_plan(&host.kit, planner, &plan);
    }
    assert_int_equal(plan.n_releases, 6);
    assert_int_equal(plan.n_pins, 0);
    assert_non_null(strstr(plan.note, "6 of ours are taken back"));
    host.kit.vcpus[0].is_ours = false;
    assert_int_equal(vcpu_check(&host.kit.sample, &plan, &err), -EINVAL);
    assert_non_null(strstr(err.text, "not ours to decide"));
    host.kit.vcpus[0].is_ours = true;
    plan.n_releases--;
    assert_int_equal(vcpu_check(&host.kit.sample, &plan, &err), -EINVAL);
    plan.n_releases++;
    vcpu_plan_done(&plan);
    vcpu_planner_free(planner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_accepted_plan_waits_longer_than_it_may),
        cmocka_unit_test(the_checker_counts_again),
        cmocka_unit_test(only_our_own_pins_are_taken_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
