/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cib_fixture.h"

#define RULE(expression)                                                                           \
    "<rsc_location id='l' rsc='v1'><rule id='r' score='-INFINITY'>" expression                     \
    "</rule></rsc_location>"

/* Where v1 may be, and what is refused. */
static const struct {
    const char *constraints, *allowed, *refusal;
} places[] = {
    {"<rsc_location id='l' rsc='v1' node='b' score='-INFINITY'/>", "ac", NULL},
    {"<rsc_location id='l' rsc='v1' node='b' score='-1000001'/>", "ac", NULL},
    {"<rsc_location id='l' rsc='v1' node='b' score='-100'/>", "abc", NULL},
    {"<rsc_location id='l' rsc='v1' node='b' score='INFINITY'/>", "b", NULL},
    {"<rsc_location id='l' rsc='v1' node='b' score='+INFINITY'/><rsc_location id='k' rsc='v1' "
     "node='b' score='-INFINITY'/>",
     "ac", NULL},
    {"<rsc_location id='l' rsc='v1' node='b' score='high'/>", "abc", "'l' has no score"},
    {"<rsc_location id='l' rsc='v9' node='b' score='1'/>", "abc", "'l' names no resource"},
    {"<rsc_location id='l' rsc='v1' node='z' score='INFINITY'/>", "abc", NULL},
    {"<rsc_location id='l' rsc-pattern='^v[12]$' node='c' score='-INFINITY'/>", "ab", NULL},
    {"<rsc_location id='l' rsc-pattern='!^v1$' node='c' score='-INFINITY'/>", "abc", NULL},
    {"<rsc_location id='l' rsc-pattern='(v)\\1' node='c' score='1'/>", "abc", "a pattern"},
    {"<rsc_location id='l' rsc-pattern='((v{1,9}){1,9}){1,9}' node='c' score='1'/>", "abc",
     "a pattern"},
    {"<rsc_location id='l' node='a' score='-INFINITY'><resource_set id='s'><resource_ref "
     "id='v1'/></resource_set></rsc_location>",
     "bc", NULL},
    {"<rsc_location id='evenkeel-v1' rsc='v1' node='b' score='INFINITY'/>", "abc", NULL},
    /* somebody's own, for a resource with a name like our program's */
    {"<rsc_location id='evenkeel-fleet' rsc='v1' node='b' score='-INFINITY'/>", "ac", NULL},
    {RULE("<expression id='e' attribute='#uname' operation='eq' value='a'/>"), "bc", NULL},
    {RULE("<expression id='e' attribute='#uname' operation='ne' value='a'/>"), "a", NULL},
    {RULE("<expression id='e' attribute='site' operation='defined'/>"), "ac", NULL},
    {RULE("<expression id='e' attribute='site' operation='eq' value='left'/>"
          "<expression id='f' attribute='#uname' operation='eq' value='b'/>"),
     "ac", NULL},
    {RULE("<expression id='e' attribute='cpus' operation='lt' value='3'/>"), "abc",
     "'l' has a rule that is not evaluated"},
    /* it is 2025-12-01 12:00:00Z */
    {RULE("<date_expression id='e' operation='lt' end='2030-01-01'/>"), "", NULL},
    {RULE("<date_expression id='e' operation='lt' end='2025-12-01 12:00:00Z'/>"), "abc", NULL},
    {RULE("<date_expression id='e' operation='lt' end='2025-12-01T12:00:01Z'/>"), "", NULL},
    {RULE("<date_expression id='e' operation='gt' start='2025-12-01 12:00:00Z'/>"), "abc", NULL},
    {RULE("<date_expression id='e' operation='gt' start='2025-12-01 12:59:59+01:00'/>"), "", NULL},
    {RULE("<date_expression id='e' operation='gt' start='2025-12-01 07:00:01 -05:00'/>"), "abc",
     NULL},
    {RULE("<date_expression id='e' operation='in_range' start='2025-12-01 12:00:00Z' "
          "end='2025-12-01 12:00:00Z'/>"),
     "", NULL},
    {RULE("<date_expression id='e' operation='in_range' start='2024-02-29' end='2025-11-29'/>"),
     "abc", NULL},
    {RULE("<date_expression id='e' start='2024-02-29'/><expression id='f' attribute='#uname' "
          "operation='eq' value='a'/>"),
     "bc", NULL},
    {RULE(""), "abc", "'l' has a rule that is not evaluated"},
    {"<rsc_location id='l' rsc='v1' role='Promoted' node='b' score='-INFINITY'/>", "abc",
     "'l' is about a role"},
    {"<rsc_location id='l' rsc='v1' node='b' score='1' resource-discovery='exclusive'/>", "abc",
     "'l' is exclusive"},
    {"<rsc_location id='l' rsc='v1' node='b' score='1'><lifetime/></rsc_location>", "abc",
     "'l' has a lifetime"},
    {"<rsc_location id='l' rsc='those' node='b' score='-INFINITY'/>", "ac", NULL},
    /* of a resource that stays where it is */
    {"<rsc_colocation id='k' rsc='v1' with-rsc='ip' score='INFINITY'/>", "b", NULL},
    {"<rsc_colocation id='k' rsc='v1' with-rsc='ip' score='-INFINITY'/>", "ac", NULL},
    {"<rsc_colocation id='k' rsc='v1' with-rsc='fs-clone' score='INFINITY'/>", "bc", NULL},
};

static void where_guests_may_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct cib_gaps gaps = {
            .constraints = places[i].constraints,
            .node_b = "<instance_attributes id='n'><nvpair id='m' name='site' value='LEFT'/>"
                      "</instance_attributes>",
            .tags = "<tags><tag id='those'><obj_ref id='v1'/><obj_ref id='v2'/></tag></tags>",
            .resources =
                "<primitive id='ip' class='ocf' type='IPaddr2'/><clone id='fs-clone'><primitive "
                "id='fs' class='ocf' type='Filesystem'/></clone>",
            .v1_on_b = "</lrm_resource><lrm_resource id='ip'><lrm_rsc_op id='1' operation='start' "
                       "call-id='1' rc-code='0' op-status='0'/></lrm_resource><lrm_resource "
                       "id='fs:0'><lrm_rsc_op id='1' operation='start' call-id='2' rc-code='0' "
                       "op-status='0'/>",
            .on_c = "<lrm_resource id='fs'><lrm_rsc_op id='1' operation='start' call-id='2' "
                    "rc-code='0' "
                    "op-status='0'/></lrm_resource>"};
        struct cluster cluster;

        read_fixture(&gaps, &cluster);
        if (strcmp(allowed_of(&cluster, "v1"), places[i].allowed) != 0)
            fail_msg("case %zu: %s", i, allowed_of(&cluster, "v1"));
        assert_refused(&cluster, places[i].refusal);
        cluster_done(&cluster);
    }
}

static void nowhere_unless_it_is_said(void **state)
{
    struct cib_gaps gaps = {.properties = "<nvpair id='x' name='symmetric-cluster' value='false'/>",
                            .constraints = "<rsc_location id='l' rsc='v1' node='b' score='10'/>"};
    struct cluster cluster;

    (void)state;
    read_fixture(&gaps, &cluster);
    assert_string_equal(allowed_of(&cluster, "v1"), "b");
    assert_string_equal(allowed_of(&cluster, "v2"), "");
    cluster_done(&cluster);
}

#define WITH(id, a, b, score)                                                                      \
    "<rsc_colocation id='" id "' rsc='" a "' with-rsc='" b "' score='" score "'/>"

static void who_is_together_and_who_apart(void **state)
{
    struct cib_gaps gaps = {.constraints = WITH("1", "v1", "v2", "INFINITY")
                                WITH("2", "v4", "v2", "INFINITY") WITH("3", "v3", "v1", "-INFINITY")
                                    WITH("4", "v1", "v3", "-INFINITY") WITH("5", "v3", "v4", "50")};
    const struct fleet *fleet;
    struct cluster cluster;

    (void)state;
    read_fixture(&gaps, &cluster);
    fleet = &cluster.fleet;
    assert_refused(&cluster, NULL);
    assert_true(guest_of(&cluster, "v1")->together >= 0);
    assert_int_equal(guest_of(&cluster, "v1")->together, guest_of(&cluster, "v2")->together);
    assert_int_equal(guest_of(&cluster, "v1")->together, guest_of(&cluster, "v4")->together);
    assert_int_equal(guest_of(&cluster, "v3")->together, FLEET_NOWHERE);
    assert_int_equal(fleet->n_apart, 1);
    assert_int_equal(fleet->apart_first[1], 2);
    assert_int_equal(fleet->apart_guest[0], cluster_guest(&cluster, "v1"));
    assert_int_equal(fleet->apart_guest[1], cluster_guest(&cluster, "v3"));
    assert_noted(&cluster, "1 colocation of finite score ('5')");
    cluster_done(&cluster);
}

static void colocations_that_cannot_be_evaluated(void **state)
{
    static const struct {
        const char *constraints, *words;
    } cases[] = {
        {"<rsc_colocation id='k' score='INFINITY'><resource_set id='s'><resource_ref id='v9'/>"
         "</resource_set></rsc_colocation>",
         "colocation 'k' has a set that names no resource"},
        {"<rsc_colocation id='k' score='INFINITY'><resource_set id-ref='s'/></rsc_colocation>",
         "colocation 'k' has a set that names no resource"},
        {WITH("k", "v1", "v9", "INFINITY"), "colocation 'k' names no resource"},
        {WITH("k", "v1", "v2", "much"), "colocation 'k' has no score"},
        {"<rsc_colocation id='k' rsc='v1' with-rsc='v2' node-attribute='rack' score='INFINITY'/>",
         "colocation 'k' is by a node's attribute"},
        {"<rsc_colocation id='k' rsc='v1' with-rsc='v2' with-rsc-role='Promoted' "
         "score='INFINITY'/>",
         "colocation 'k' is about a role"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cluster cluster;

        read_fixture(&(struct cib_gaps){.constraints = cases[i].constraints}, &cluster);
        assert_refused(&cluster, cases[i].words);
        cluster_done(&cluster);
    }
}

/* Dates that recur, or near ones in a zone that nobody knows: only whom they name. */
static void whom_an_unknown_date_names_stays(void **state)
{
    static const char *const dates[] = {
        "<date_expression id='e' operation='date_spec'><date_spec id='d' hours='9-16'/>"
        "</date_expression>",
        "<date_expression id='e' operation='in_range' start='2025-11-01'><duration id='d' "
        "months='2'/></date_expression>",
        "<date_expression id='e' operation='lt' end='2025-12-01 20:00:00'/>",
        "<date_expression id='e' operation='lt' end='tomorrow'/>",
        "<date_expression id='e' operation='lt' end='2026-13-01'/>",
        "<date_expression id='e' operation='lt' end='2026-01-01 12:00'/>",
        "<date_expression id='e' operation='lt' end='2026-01-01 12:00:00 +25:00'/>",
        "<date_expression id='e' operation='gt' end='2026-01-01'/>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        struct cluster cluster;
        char text[500];

        snprintf(text, sizeof(text),
                 "<rsc_location id='l' rsc='v1'><rule id='r' score='5'>%s</rule></rsc_location>",
                 dates[i]);
        read_fixture(&(struct cib_gaps){.constraints = text}, &cluster);
        assert_refused(&cluster, NULL);
        assert_noted(&cluster, "location constraint 'l' is about dates");
        if (!guest_of(&cluster, "v1")->is_fixed || !guest_of(&cluster, "v1")->why_unjudged)
            fail_msg("%s", dates[i]);
        assert_false(guest_of(&cluster, "v2")->is_fixed);
        cluster_done(&cluster);
    }
}

/* Nobody is with who is stopped, and nobody moves what has to be beside it. */
static void what_hangs_on_a_guest_holds_it(void **state)
{
    struct cib_gaps stopped = {.meta = "<nvpair id='t' name='target-role' value='Stopped'/>",
                               .constraints = WITH("1", "v2", "v1", "INFINITY")
                                   WITH("2", "v3", "v2", "INFINITY")};
    struct cib_gaps held = {.resources = "<primitive id='ip' class='ocf' type='IPaddr2'/>",
                            .constraints = WITH("1", "ip", "v1", "INFINITY")};
    struct cluster cluster;

    (void)state;
    read_fixture(&stopped, &cluster);
    assert_true(guest_of(&cluster, "v3")->is_fixed);
    assert_non_null(strstr(guest_of(&cluster, "v3")->why_fixed, "with 'v2', which is stopped"));
    cluster_done(&cluster);
    read_fixture(&held, &cluster);
    assert_non_null(strstr(guest_of(&cluster, "v1")->why_fixed, "'ip' has to be with it"));
    cluster_done(&cluster);
}

static void a_wish_outweighs_what_holds_a_guest(void **state)
{
    struct cib_gaps gaps = {
        .meta = "<nvpair id='s' name='resource-stickiness' value='200'/>",
        .constraints = "<rsc_location id='l' rsc='v1' node='b' score='300'/><rsc_location id='m' "
                       "rsc='v1' node='a' score='50'/>"};
    struct cluster cluster;

    (void)state;
    read_fixture(&gaps, &cluster);
    assert_int_equal(cluster.about[cluster_guest(&cluster, "v1")].wish, 300 + 200 + 50 + 1);
    assert_true(cluster.about[cluster_guest(&cluster, "v1")].needs_wish); /* 250 < 300 */
    cluster_done(&cluster);
}

static void what_utilization_means(void **state)
{
    struct cib_gaps plain = {.properties = ""};
    struct cib_gaps other = {
        .resources = "<primitive id='db' class='systemd' type='db'><utilization id='y'><nvpair "
                     "id='y1' name='hv_memory' value='1000'/></utilization></primitive>",
        .v1_on_b = "</lrm_resource><lrm_resource id='db'><lrm_rsc_op id='1' operation='start' "
                   "call-id='1' rc-code='0' op-status='0'/>"};
    struct cib_gaps unknown = {
        .resources = "<primitive id='g' class='ocf' provider='heartbeat' type='VirtualDomain'>"
                     "<utilization id='y'><nvpair id='y1' name='gpu' value='1'/></utilization>"
                     "</primitive>"};
    struct cib_gaps strange = {.node_b = "<utilization id='y'><nvpair id='y1' name='gpu' "
                                         "value='many'/></utilization>",
                               .resources = unknown.resources};
    struct cluster cluster;

    (void)state;
    read_fixture(&plain, &cluster);
    assert_int_equal(cluster.fleet.n_resources, 1);
    assert_noted(&cluster, "placement-strategy is 'default'");
    cluster_done(&cluster);
    read_fixture(&other, &cluster);
    assert_int_equal(cluster.fleet.hosts[1].room[0], 15384);
    cluster_done(&cluster);
    read_fixture(&unknown, &cluster);
    assert_refused(&cluster, "no node has 'gpu'");
    assert_noted(&cluster, "1 guest without memory");
    cluster_done(&cluster);
    read_fixture(&strange, &cluster);
    assert_refused(&cluster, "'b' is no number of units: 'many'");
    cluster_done(&cluster);
}

/* Guests say hv_memory, and these hosts host_memory. */
static void memory_under_two_names(void **state)
{
    char *text = cib_fixture(&(struct cib_gaps){.properties = ""}), *at;
    struct cluster cluster;
    struct err err = {0};

    (void)state;
    at = strstr(text, "<nodes>");
    for (char *name = at; (name = strstr(name, "hv_memory")) && name < strstr(text, "</nodes>");
         name++)
        for (int i = 0; i < 9; i++)
            name[i] = "memory'  "[i];
    for (char *name = at; (name = strstr(name, "memory'  '")); name++)
        name[9] = ' ';
    assert_int_equal(cib_read(text, strlen(text), CIB_FIXTURE_NOW_S, &cluster, &err), 0);
    assert_refused(&cluster, NULL);
    assert_noted(&cluster, "guests call memory 'hv_memory' and hosts 'memory'");
    assert_int_equal(cluster.fleet.hosts[0].room[0], 16384);
    assert_int_equal(guest_of(&cluster, "v3")->size[0], 8192);
    cluster_done(&cluster);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_guests_may_be),
        cmocka_unit_test(nowhere_unless_it_is_said),
        cmocka_unit_test(who_is_together_and_who_apart),
        cmocka_unit_test(colocations_that_cannot_be_evaluated),
        cmocka_unit_test(whom_an_unknown_date_names_stays),
        cmocka_unit_test(what_hangs_on_a_guest_holds_it),
        cmocka_unit_test(a_wish_outweighs_what_holds_a_guest),
        cmocka_unit_test(what_utilization_means),
        cmocka_unit_test(memory_under_two_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
