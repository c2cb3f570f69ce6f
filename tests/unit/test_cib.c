/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cib_fixture.h"

static void a_cluster_is_read_as_it_is(void **state)
{
    struct cluster cluster;

    (void)state;
    read_fixture(&(struct cib_gaps){0}, &cluster);
    assert_refused(&cluster, NULL);
    assert_int_equal(cluster.fleet.n_hosts, 3);
    assert_int_equal(cluster.fleet.n_guests, 4);
    assert_string_equal(cluster.fleet.hosts[1].name, "b");
    assert_true(cluster.fleet.hosts[2].is_open);
    assert_int_equal(cluster.fleet.hosts[0].cpu_milli, 8000);
    assert_int_equal(cluster.fleet.n_resources, 2);
    assert_string_equal(cluster.fleet.resource[0], "memory");
    assert_string_equal(cluster.fleet.resource[1], "cpu");
    assert_int_equal(cluster.fleet.hosts[0].room[0], 16384);
    assert_int_equal(cluster.fleet.hosts[0].room[1], 8);
    assert_int_equal(guest_of(&cluster, "v1")->home, 0);
    assert_int_equal(guest_of(&cluster, "v3")->home, 1);
    assert_int_equal(guest_of(&cluster, "v4")->home, FLEET_NOWHERE);
    assert_int_equal(guest_of(&cluster, "v3")->load_milli, 4000);
    assert_int_equal(guest_of(&cluster, "v3")->size[0], 8192);
    assert_int_equal(guest_of(&cluster, "v3")->size[1], 4);
    assert_int_equal(guest_of(&cluster, "v3")->price, 9);
    assert_false(guest_of(&cluster, "v1")->is_fixed);
    assert_null(guest_of(&cluster, "v1")->allowed);
    cluster_done(&cluster);
}

/* Wherever it ends, it is a sentence. */
static void what_is_cut_off_is_refused(void **state)
{
    char *text = cib_fixture(&(struct cib_gaps){0});
    size_t n = strlen(text);

    (void)state;
    for (size_t cut = 0; cut < n; cut++) {
        struct cluster cluster;
        struct err err = {0};

        assert_int_equal(cib_read(text, cut, CIB_FIXTURE_NOW_S, &cluster, &err), -EINVAL);
        assert_non_null(strstr(err.text, "no cluster document"));
    }
    free(text);
}

/* Each character in turn is another one: read or refused, always without harm. */
static void what_is_changed_is_refused_or_read(void **state)
{
    static const char others[] = "9-<&'\"\x80";
    char *text = cib_fixture(&(struct cib_gaps){0});
    size_t n = strlen(text), n_read = 0;

    (void)state;
    for (size_t k = 0; k < n; k++) {
        for (size_t o = 0; o < sizeof(others) - 1; o++) {
            struct cluster cluster;
            struct err err = {0};
            char was = text[k];
            int r;

            text[k] = others[o];
            r = cib_read(text, n, CIB_FIXTURE_NOW_S, &cluster, &err);
            assert_true(r == 0 || err.text[0]);
            if (r == 0) {
                n_read++;
                cluster_done(&cluster);
            }
            text[k] = was;
        }
    }
    assert_true(n_read > n); /* values and names */
    free(text);
}

static void no_document_type_is_taken(void **state)
{
    static const char text[] =
        "<!DOCTYPE cib [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
        "<!ENTITY x SYSTEM 'file:///etc/passwd'>]><cib have-quorum='1'><configuration>"
        "<nodes><node id='1' uname='&b;'/></nodes></configuration></cib>";
    struct cluster cluster;
    struct err err = {0};

    (void)state;
    assert_int_equal(cib_read(text, sizeof(text) - 1, CIB_FIXTURE_NOW_S, &cluster, &err), -EINVAL);
    assert_non_null(strstr(err.text, "document type"));
}

static void a_name_is_one_resources_or_one_nodes(void **state)
{
    static const char twice[] = "<primitive id='v1' class='ocf' type='Dummy'/>";
    char *text = cib_fixture(&(struct cib_gaps){.resources = twice});
    struct cluster cluster;
    struct err err = {0};

    (void)state;
    assert_int_equal(cib_read(text, strlen(text), CIB_FIXTURE_NOW_S, &cluster, &err), -EINVAL);
    assert_string_equal(err.text, "two resources are called 'v1'");
    free(text);
}

static void what_rules_out_a_plan_is_a_refusal(void **state)
{
    static const struct {
        struct cib_gaps gaps;
        const char *words;
    } cases[] = {
        {{.cib = "have-quorum='0'"}, "no quorum"},
        {{.properties = "<nvpair id='x' name='maintenance-mode' value='yes'/>"},
         "maintenance mode"},
        {{.properties = "<nvpair id='x' name='stop-all-resources' value='true'/>"}, "stop-all"},
        {{.state_c = "in_ccm='false' crmd='offline' join='down' expected='member'"},
         "'c' is lost and has to be fenced"},
        {{.constraints = "<rsc_ticket id='t1' rsc='v1' ticket='x'/>"}, "ticket constraint 't1'"},
        {{.v1_on_b =
              "<lrm_rsc_op id='s' operation='start' call-id='9' rc-code='0' op-status='0'/>"},
         "'v1' is active on 2 nodes"},
        {{.defaults = "<meta_attributes id='d1'><rule id='r' score='1'/><nvpair id='n' "
                      "name='resource-stickiness' value='5'/></meta_attributes>"},
         "meta_attributes 'd1' depends on a rule"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cluster cluster;

        read_fixture(&cases[i].gaps, &cluster);
        assert_refused(&cluster, cases[i].words);
        cluster_done(&cluster);
    }
}

static void who_is_closed_and_why(void **state)
{
    static const struct {
        struct cib_gaps gaps;
        size_t host;
        const char *why;
    } cases[] = {
        {{.state_c = "in_ccm='false' crmd='offline' join='down' expected='down'"}, 2, "offline"},
        {{.state_c = "in_ccm='1700000000' crmd='1700000001' join='member' expected='member'"},
         2,
         NULL},
        {{.state_c = "in_ccm='0' crmd='0' join='down' expected='down'"}, 2, "offline"},
        {{.state_c = "in_ccm='true' crmd='online' join='pending' expected='member'"}, 2, "joining"},
        {{.node_b = "<instance_attributes id='i'><nvpair id='s' name='standby' value='on'/>"
                    "</instance_attributes>"},
         1,
         "standby"},
        {{.node_b = "<instance_attributes id='i'><nvpair id='s' name='maintenance' value='true'/>"
                    "</instance_attributes>"},
         1,
         "maintenance"},
        {{.c = "<transient_attributes id='3'><instance_attributes id='i'><nvpair id='s' "
               "name='standby' value='true'/></instance_attributes></transient_attributes>"},
         2,
         "standby"},
        {{.c = "<transient_attributes id='3'><instance_attributes id='i'><nvpair id='s' "
               "name='shutdown' value='1700000000'/></instance_attributes></transient_attributes>"},
         2,
         "shutting down"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct fleet_host *host;
        struct cluster cluster;

        read_fixture(&cases[i].gaps, &cluster);
        assert_refused(&cluster, NULL);
        host = &cluster.fleet.hosts[cases[i].host];
        assert_int_equal(host->is_open, cases[i].why == NULL);
        if (cases[i].why)
            assert_string_equal(host->why_closed, cases[i].why);
        cluster_done(&cluster);
    }
}

#define PAIR(name, value) "<nvpair id='p-" name "' name='" name "' value='" value "'/>"
#define ACTION(operation, call, rc, status)                                                        \
    "<lrm_rsc_op id='" operation call "' operation='" operation "' call-id='" call                 \
    "' rc-code='" rc "' op-status='" status "' interval='0'/>"

/* What v1 is held by; NULL: by nothing. home: the letter of its host. */
static void who_stays_and_why(void **state)
{
    static const struct {
        struct cib_gaps gaps;
        char home;
        const char *why;
    } cases[] = {
        {{.meta = PAIR("target-role", "Stopped")}, 'a', "target-role"},
        {{.meta = PAIR("target-role", "stopped")}, 'a', "target-role"},
        {{.meta = PAIR("is-managed", "false")}, 'a', "not managed"},
        {{.meta = PAIR("maintenance", "true")}, 'a', "not managed"},
        {{.meta = PAIR("resource-stickiness", "INFINITY")}, 'a', "infinite"},
        {{.meta = PAIR("resource-stickiness", "100")}, 'a', NULL},
        {{.meta = PAIR("remote-node", "r")}, 'a', "a node of the cluster itself"},
        {{.defaults = "<meta_attributes id='d'>" PAIR("resource-stickiness",
                                                      "INFINITY") "</meta_attributes>"},
         'a',
         "infinite"},
        {{.v1_on_a = ACTION("start", "5", "0", "0") ACTION("monitor", "7", "1", "4")},
         'a',
         "failed on a"},
        {{.v1_on_a = ACTION("monitor", "7", "7", "0")}, 0, NULL},
        {{.v1_on_a = ACTION("start", "5", "0", "0") ACTION("stop", "8", "0", "0")}, 0, NULL},
        {{.v1_on_a = ACTION("stop", "8", "0", "0") ACTION("start", "9", "0", "0")}, 'a', NULL},
        {{.v1_on_a = ACTION("start", "5", "0", "0") ACTION("stop", "-1", "193", "-1")},
         'a',
         "something is being done"},
        /* a live migration, step by step */
        {{.v1_on_a = ACTION("start", "5", "0", "0") ACTION("migrate_to", "-1", "193", "-1")},
         'a',
         "something is being done"},
        {{.v1_on_a = ACTION("migrate_to", "9", "0", "0"),
          .v1_on_b = ACTION("migrate_from", "-1", "193", "-1")},
         'b',
         "something is being done"},
        {{.v1_on_a = ACTION("migrate_to", "9", "0", "0") ACTION("stop", "10", "0", "0"),
          .v1_on_b = ACTION("migrate_from", "4", "0", "0")},
         'b',
         NULL},
        {{.v1_on_a = ACTION("start", "5", "0", "0") ACTION("migrate_to", "9", "1", "4")},
         'a',
         "failed on a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct fleet_guest *guest;
        struct cluster cluster;

        read_fixture(&cases[i].gaps, &cluster);
        assert_refused(&cluster, NULL);
        guest = guest_of(&cluster, "v1");
        assert_int_equal(guest->home, cases[i].home ? cases[i].home - 'a' : FLEET_NOWHERE);
        if (!cases[i].why && guest->is_fixed)
            fail_msg("case %zu: %s", i, guest->why_fixed);
        if (cases[i].why && (!guest->is_fixed || !strstr(guest->why_fixed, cases[i].why)))
            fail_msg("case %zu: %s", i, guest->is_fixed ? guest->why_fixed : "free");
        cluster_done(&cluster);
    }
}

static void a_node_that_is_gone_has_nobody(void **state)
{
    struct cib_gaps gaps = {.state_c = "in_ccm='false' crmd='offline' join='down' expected='down'",
                            .c = "<lrm id='3'/>",
                            .v1_on_a = ACTION("stop", "8", "0", "0")};
    struct cluster cluster;

    (void)state;
    read_fixture(&gaps, &cluster);
    assert_int_equal(guest_of(&cluster, "v1")->home, FLEET_NOWHERE);
    cluster_done(&cluster);
}

static void where_it_failed_too_often_it_is_not_started(void **state)
{
    struct cib_gaps gaps = {
        .c = "<transient_attributes id='3'><instance_attributes id='i'><nvpair id='f' "
             "name='fail-count-v4#start_0' value='INFINITY'/><nvpair id='g' "
             "name='fail-count-v2#monitor_10000' value='1'/></instance_attributes>"
             "</transient_attributes>"};
    struct cluster cluster;

    (void)state;
    read_fixture(&gaps, &cluster);
    assert_string_equal(allowed_of(&cluster, "v4"), "ab");
    assert_string_equal(allowed_of(&cluster, "v2"), "abc");
    assert_noted(&cluster, "'v4' failed on c");
    cluster_done(&cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_is_read_as_it_is),
        cmocka_unit_test(what_is_cut_off_is_refused),
        cmocka_unit_test(what_is_changed_is_refused_or_read),
        cmocka_unit_test(no_document_type_is_taken),
        cmocka_unit_test(a_name_is_one_resources_or_one_nodes),
        cmocka_unit_test(what_rules_out_a_plan_is_a_refusal),
        cmocka_unit_test(who_is_closed_and_why),
        cmocka_unit_test(who_stays_and_why),
        cmocka_unit_test(a_node_that_is_gone_has_nobody),
        cmocka_unit_test(where_it_failed_too_often_it_is_not_started),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
