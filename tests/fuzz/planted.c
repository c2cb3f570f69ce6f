/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults, one for each harness, put between the program and itself by the linker (--wrap): what a
 * harness must not let pass. Each is built with its own function wrapped and no other, so the real
 * ones are weak. */
#include <ini.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/option_values.h"
#include "agent/fleet/cib_parts.h"
#include "agent/host/guest_xml.h"
#include "agent/host/policy_xml.h"
#include "agent/one/picture.h"
#include "models/memory/solver.h"
#include "models/placement/problem.h"
#include "planner/memory/planner.h"
#include "planner/topology/topology.h"
#include "planner/vcpu/planner.h"

#define WEAK __attribute__((weak))
bool WEAK __real_guest_definition_allowed(const struct guest_definition *definition, unsigned vcpu,
                                          const struct cpuset *online, struct cpuset *ret);
bool __wrap_guest_definition_allowed(const struct guest_definition *definition, unsigned vcpu,
                                     const struct cpuset *online, struct cpuset *ret);
void WEAK __real_policy_parse(const xmlNode *guest, struct guest_policy *ret);
void __wrap_policy_parse(const xmlNode *guest, struct guest_policy *ret);
int WEAK __real_option_interval(const char *text, double *ret_s, struct err *err);
int __wrap_option_interval(const char *text, double *ret_s, struct err *err);
int WEAK __real_placement_solve(const struct placement_problem *problem, const struct work *limits,
                                struct placement_solution *ret);
int __wrap_placement_solve(const struct placement_problem *problem, const struct work *limits,
                           struct placement_solution *ret);
int WEAK __real_memory_solve(struct memory_solver *solver, const struct memory_problem *problem,
                             const struct work *limits, struct memory_solution *ret);
int __wrap_memory_solve(struct memory_solver *solver, const struct memory_problem *problem,
                        const struct work *limits, struct memory_solution *ret);
int WEAK __real_lp_text(const struct lp *lp, char **ret);
int __wrap_lp_text(const struct lp *lp, char **ret);
int WEAK __real_vcpu_planner_step(struct vcpu_planner *planner, const struct vcpu_sample *sample,
                                  struct vcpu_plan *ret, struct err *err);
int __wrap_vcpu_planner_step(struct vcpu_planner *planner, const struct vcpu_sample *sample,
                             struct vcpu_plan *ret, struct err *err);
int WEAK __real_memory_planner_step(struct memory_planner *planner,
                                    const struct memory_sample *sample, struct memory_plan *ret,
                                    struct err *err);
int __wrap_memory_planner_step(struct memory_planner *planner, const struct memory_sample *sample,
                               struct memory_plan *ret, struct err *err);

int WEAK __real_topology_build(const struct topology_facts *facts, struct topology *ret,
                               struct err *err);
int __wrap_topology_build(const struct topology_facts *facts, struct topology *ret,
                          struct err *err);

int WEAK __real_cib_read_utilization(struct cib *cib, struct err *err);
int __wrap_cib_read_utilization(struct cib *cib, struct err *err);
int WEAK __real_one_group_rules(const struct one_document *document, struct one_picture *picture,
                                struct err *err);
int __wrap_one_group_rules(const struct one_document *document, struct one_picture *picture,
                           struct err *err);
int __wrap_ini_parse_stream(ini_reader reader, void *stream, ini_handler handler, void *user);
void __wrap_html_text(FILE *out, const char *text);

/* A name is written as it came. */
void __wrap_html_text(FILE *out, const char *text)
{
    fputs(text, out);
}

/* A key comes that stands nowhere. */
int __wrap_ini_parse_stream(ini_reader reader, void *stream, ini_handler handler, void *user)
{
    (void)reader;
    (void)stream;
    return !handler(user, "vcpu", "key", "value");
}

/* A vCPU with a list of its own may also run on a pCPU that is not there. */
bool __wrap_guest_definition_allowed(const struct guest_definition *definition, unsigned vcpu,
                                     const struct cpuset *online, struct cpuset *ret)
{
    bool is_known = __real_guest_definition_allowed(definition, vcpu, online, ret);

    if (!cpuset_is_equal(ret, online))
        cpuset_add(ret, 77);
    return is_known;
}

/* The largest weight is one too large. */
void __wrap_policy_parse(const xmlNode *guest, struct guest_policy *ret)
{
    __real_policy_parse(guest, ret);
    ret->memory.weight += ret->memory.has_weight && ret->memory.weight == 10000;
}

/* No interval is too long. */
int __wrap_option_interval(const char *text, double *ret_s, struct err *err)
{
    int r = __real_option_interval(text, ret_s, err);

    if (r >= 0 && *ret_s > 1)
        *ret_s *= 1e6;
    return r;
}

/* A problem with other load has a bound that is too high. */
int __wrap_placement_solve(const struct placement_problem *problem, const struct work *limits,
                           struct placement_solution *ret)
{
    int r = __real_placement_solve(problem, limits, ret);

    if (r == 0 && problem->background_permille && problem->n_items > 2)
        ret->bound = ret->objective + 1;
    return r;
}

/* The last guest gets a KiB more. */
int __wrap_memory_solve(struct memory_solver *solver, const struct memory_problem *problem,
                        const struct work *limits, struct memory_solution *ret)
{
    int r = __real_memory_solve(solver, problem, limits, ret);

    if (r == 0 && ret->n_items)
        ret->sizes_kib[ret->n_items - 1]++;
    return r;
}

/* A bound has another digit. */
int __wrap_lp_text(const struct lp *lp, char **ret)
{
    int r = __real_lp_text(lp, ret);
    char *bound = r == 0 ? strstr(*ret, " >= ") : NULL;

    if (bound)
        bound[4] = '7';
    return r;
}

/* A vCPU is pinned beside the pCPU that was meant. */
int __wrap_vcpu_planner_step(struct vcpu_planner *planner, const struct vcpu_sample *sample,
                             struct vcpu_plan *ret, struct err *err)
{
    int r = __real_vcpu_planner_step(planner, sample, ret, err);

    if (r == 0 && ret->n_pins)
        ret->pins[0].to_place++;
    return r;
}

/* A guest gives four times as much as was meant. */
int __wrap_memory_planner_step(struct memory_planner *planner, const struct memory_sample *sample,
                               struct memory_plan *ret, struct err *err)
{
    int r = __real_memory_planner_step(planner, sample, ret, err);

    if (r == 0 && ret->n_reclaims)
        ret->reclaims[0].to_kib /= 4;
    return r;
}

/* Two caches share a pCPU. */
int __wrap_topology_build(const struct topology_facts *facts, struct topology *ret, struct err *err)
{
    int r = __real_topology_build(facts, ret, err);

    if (r == 0 && ret->n_llcs > 1)
        cpuset_add(&ret->llcs[0], cpuset_next(&ret->llcs[1], 0));
    return r;
}

/* The first guest is nowhere that there is. */
int __wrap_cib_read_utilization(struct cib *cib, struct err *err)
{
    int r = __real_cib_read_utilization(cib, err);

    if (r == 0 && cib->cluster->fleet.n_guests)
        cib->cluster->fleet.guests[0].home = (int)cib->n_nodes;
    return r;
}

/* Likewise. */
int __wrap_one_group_rules(const struct one_document *document, struct one_picture *picture,
                           struct err *err)
{
    int r = __real_one_group_rules(document, picture, err);

    if (r == 0 && picture->cluster.fleet.n_guests)
        picture->cluster.fleet.guests[0].home = (int)document->n_hosts;
    return r;
}
