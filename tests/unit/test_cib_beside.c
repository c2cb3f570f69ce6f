/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a guest may be after the loss of its host that is with a resource which is none. All that is said here was
 * asked of Pacemaker's own crm_simulate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cib_fixture.h"

#define WITH(id, a, b, score)                                                                      \
    "<rsc_colocation id='k" id "' rsc='" a "' with-rsc='" b "' score='" score "'/>"
#define NOT_ON(id, rsc, node)                                                                      \
    "<rsc_location id='l" id "' rsc='" rsc "' node='" node "' score='-INFINITY'/>"
#define IP(name, more) "<primitive id='" name "' class='ocf' type='IPaddr2'>" more "</primitive>"
#define AT(name)                                                                                   \
    "</lrm_resource><lrm_resource id='" name "'><lrm_rsc_op id='1' operation='start' call-id='1' " \
    "rc-code='0' op-status='0'/>"

/* v3 runs on b, and so do ip, ip2. */
static const struct {
    const char *constraints, *ip, *restart, *unjudged;
} cases[] = {
    {WITH("1", "v3", "ip", "INFINITY"), "", "abc", NULL},
    {WITH("1", "v3", "ip", "INFINITY") NOT_ON("1", "ip", "a"), "", "bc", NULL},
    {WITH("1", "v3", "ip", "INFINITY") NOT_ON("1", "ip", "a") NOT_ON("2", "ip", "c"), "", "b",
     NULL},
    {WITH("1", "v3", "ip", "INFINITY") NOT_ON("1", "v3", "a"), "", "bc", NULL},
    {WITH("1", "v3", "ip", "INFINITY") WITH("2", "v3", "ip2", "INFINITY") NOT_ON("1", "ip", "a"),
     "", "bc", "with 'ip' and with 'ip2', which"},
    {WITH("1", "v3", "ip", "INFINITY") "<rsc_location id='l' rsc='ip' node='b' score='INFINITY'/>",
     "", "abc", NULL},
    {WITH("1", "v3", "ip", "INFINITY") "<rsc_location id='l' rsc='ip' node='c' score='INFINITY'/>",
     "", "c", NULL},
    /* a member of the group is kept away, and the whole with it */
    {WITH("1", "v3", "g", "INFINITY") NOT_ON("1", "ip3", "a"), "", "bc", NULL},
    {WITH("1", "v3", "ip", "INFINITY"),
     "<meta_attributes id='x'><nvpair id='y' name='is-managed' value='false'/></meta_attributes>",
     "b", NULL},
    /* what hangs on the guest comes after it */
    {WITH("1", "ip", "v3", "INFINITY"), "", "abc", NULL},
    {WITH("1", "v3", "ip", "INFINITY") WITH("2", "ip", "ip2", "INFINITY"), "", "abc",
     "with 'ip', which hangs on others itself"},
    {WITH("1", "v3", "ip", "INFINITY"),
     "<utilization id='x'><nvpair id='y' name='cpu' value='1'/></utilization>", "abc",
     "takes up room itself"},
    {WITH("1", "v3", "ip", "INFINITY") "<rsc_location id='l' rsc='ip'><rule id='r' score='1'>"
                                       "<expression id='e' attribute='#uname' operation='lt' "
                                       "value='1'/></rule></rsc_location>",
     "", "abc", "location constraints that are not evaluated"},
};

static void read_case(const char *constraints, const char *ip, struct cluster *ret)
{
    char resources[1000];

    snprintf(resources, sizeof(resources),
             "<primitive id='ip' class='ocf' type='IPaddr2'>%s</primitive>" IP(
                 "ip2", "") "<group id='g'>" IP("ip3", "") "</group>",
             ip);
    read_fixture(&(struct cib_gaps){.constraints = constraints,
                                    .resources = resources,
                                    .v1_on_b = AT("ip") AT("ip2") AT("ip3")},
                 ret);
}

static void where_they_are_restarted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cluster cluster;
        const char *why;

        read_case(cases[i].constraints, cases[i].ip, &cluster);
        assert_refused(&cluster, NULL);
        if (strcmp(restart_of(&cluster, "v3"), cases[i].restart) != 0)
            fail_msg("case %zu: %s", i, restart_of(&cluster, "v3"));
        assert_string_equal(allowed_of(&cluster, "v3"), "b");
        why = guest_of(&cluster, "v3")->why_unjudged;
        if (!why != !cases[i].unjudged || (why && !strstr(why, cases[i].unjudged)))
            fail_msg("case %zu: %s", i, why ? why : "it is judged");
        cluster_done(&cluster);
    }
}

static void an_owner_wants_the_lost_host(void **state)
{
    struct cluster cluster;

    (void)state;
    read_case("<rsc_location id='l' rsc='v3' node='b' score='INFINITY'/>" NOT_ON("1", "v3", "a"),
              "", &cluster);
    assert_string_equal(allowed_of(&cluster, "v3"), "b");
    assert_string_equal(restart_of(&cluster, "v3"), "bc");
    cluster_done(&cluster);
    read_case("<rsc_location id='l' rsc='v3' node='b' score='INFINITY'/>"
              "<rsc_location id='k' rsc='v3' node='c' score='INFINITY'/>",
              "", &cluster);
    assert_string_equal(restart_of(&cluster, "v3"), "bc");
    cluster_done(&cluster);
}

/* v1 and v2 run on a, and fs with them. */
static void those_that_hang_on_one_follow_together(void **state)
{
    struct cib_gaps gaps = {.resources = IP("fs", ""),
                            .v1_on_a = "<lrm_rsc_op id='s' operation='start' call-id='5' "
                                       "rc-code='0' op-status='0' interval='0'/>" AT("fs"),
                            .constraints = WITH("1", "v1", "fs", "INFINITY")
                                WITH("2", "v2", "fs", "INFINITY")};
    struct cluster cluster;

    (void)state;
    read_fixture(&gaps, &cluster);
    assert_true(guest_of(&cluster, "v1")->together >= 0);
    assert_int_equal(guest_of(&cluster, "v1")->together, guest_of(&cluster, "v2")->together);
    assert_null(guest_of(&cluster, "v1")->why_unjudged);
    cluster_done(&cluster);
    /* v4 is stopped: the room for all of them is not looked for */
    gaps.constraints = WITH("1", "v1", "fs", "INFINITY") WITH("2", "v4", "fs", "INFINITY");
    read_fixture(&gaps, &cluster);
    assert_int_equal(guest_of(&cluster, "v1")->together, FLEET_NOWHERE);
    assert_non_null(strstr(guest_of(&cluster, "v1")->why_unjudged, "other guests"));
    assert_non_null(guest_of(&cluster, "v4")->why_unjudged);
    cluster_done(&cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_they_are_restarted),
        cmocka_unit_test(an_owner_wants_the_lost_host),
        cmocka_unit_test(those_that_hang_on_one_follow_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
