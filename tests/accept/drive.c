/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/accept/drive.h"

#include <errno.h>
#include <stdio.h>

/* A lost connection or a guest that has gone is ordinary life. */
static bool survivable(int r)
{
    return r == -ENOTCONN || r == -ENOENT || r == -EIO || r == -EBUSY;
}

static void apply_pins(const struct host *host, const struct vcpu_plan *plan)
{
    for (size_t i = 0; i < plan->n_pins; i++) {
        struct cpuset to = {{0}};

        cpuset_add(&to, plan->pins[i].to_pcpu);
        host->set_affinity(host->self, &plan->pins[i].guest, plan->pins[i].vcpu, &to, NULL);
    }
}

static int vcpu_tick(const struct host *host, struct vcpu_planner *planner, char ret_note[200],
                     struct err *err)
{
    struct vcpu_sample sample = {0};
    struct vcpu_plan plan = {0};
    int r = host->sample_vcpus(host->self, &sample, err);

    if (r < 0)
        return survivable(r) ? 0 : r;
    r = vcpu_planner_step(planner, &sample, &plan, err);
    if (r == 0) {
        apply_pins(host, &plan);
        snprintf(ret_note, 200, "%s", plan.note);
    }
    vcpu_plan_done(&plan);
    vcpu_sample_done(&sample);
    return r;
}

int drive_vcpus(const struct host *host, const struct ticker *ticker,
                const struct vcpu_settings *settings, char ret_note[200], struct err *err)
{
    struct vcpu_planner *planner = vcpu_planner_new(settings);
    int r = 0;

    if (!planner)
        return err_set(err, -ENOMEM, "out of memory");
    while (r >= 0 && ticker->wait(ticker->self, err) > 0)
        r = vcpu_tick(host, planner, ret_note, err);
    vcpu_planner_free(planner);
    return r;
}

static void apply_steps(const struct host *host, const struct balloon_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++)
        host->set_balloon(host->self, &steps[i].guest, steps[i].to_kib, NULL);
}

static int memory_tick(const struct host *host, struct memory_planner *planner, struct err *err)
{
    struct memory_sample sample = {0};
    struct memory_plan plan = {0};
    int r = host->sample_memory(host->self, &sample, err);

    if (r < 0)
        return survivable(r) ? 0 : r;
    r = memory_planner_step(planner, &sample, &plan, err);
    if (r == 0) {
        apply_steps(host, plan.reclaims, plan.n_reclaims);
        apply_steps(host, plan.grants, plan.n_grants);
    }
    memory_plan_done(&plan);
    memory_sample_done(&sample);
    return r;
}

int drive_memory(const struct host *host, const struct ticker *ticker,
                 const struct memory_settings *settings, struct err *err)
{
    struct memory_planner *planner = memory_planner_new(settings);
    int r = 0;

    if (!planner)
        return err_set(err, -ENOMEM, "out of memory");
    while (r >= 0 && ticker->wait(ticker->self, err) > 0)
        r = memory_tick(host, planner, err);
    memory_planner_free(planner);
    return r;
}
