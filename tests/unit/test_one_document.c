/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/one/base64.h"
#include "agent/one/limits.h"
#include "agent/one/run.h"
#include "tests/unit/one_fixture.h"

static void a_document_is_read_as_it_is(void **state)
{
    struct one_document document;
    const struct one_vm *vm;
    size_t n;

    (void)state;
    one_read_fixture(&(struct one_gaps){0}, &document);
    assert_int_equal(document.n_hosts, 3);
    assert_int_equal(document.n_vms, 3);
    assert_int_equal(document.n_stores, 1); /* images are none of ours */
    assert_int_equal(document.hosts[1].id, 2);
    assert_int_equal(document.hosts[0].max_mem_kib, 16777216);
    assert_int_equal(document.hosts[0].used_cpu, 600);
    vm = &document.vms[1];
    assert_int_equal(vm->id, 11);
    assert_string_equal(vm->name, "web");
    assert_true(vm->cpu_pct > 180.4 && vm->cpu_pct < 180.6);
    assert_int_equal(vm->host, 1); /* of the last record, which comes first */
    assert_int_equal(vm->store, 0);
    assert_int_equal(one_hosts_of(&document, vm, &n)[2], 3);
    assert_int_equal(n, 3);
    assert_int_equal(document.cluster.id, 100);
    assert_int_equal(document.cluster.most_moves, -1);
    one_document_done(&document);
}

static void what_is_cut_off_is_refused(void **state)
{
    char *xml = one_fixture(&(struct one_gaps){0});
    char *text = one_base64(xml, strlen(xml));
    struct one_document document;

    (void)state;
    for (size_t cut = 0; cut < strlen(xml); cut++)
        assert_int_equal(one_read(xml, cut, true, &document), -EINVAL);
    for (size_t cut = 0; cut < strlen(text); cut += 5) {
        char *copy = strdup(text);
        struct err err = {0};

        assert_int_equal(one_document_read(copy, cut, true, &document, &err), -EINVAL);
        assert_true(err.text[0]);
        free(copy);
    }
    free(text);
    free(xml);
}

static void assert_base64(const char *text, const char *bytes)
{
    char copy[64];
    size_t n = strlen(text);
    int r;

    snprintf(copy, sizeof(copy), "%s", text);
    r = base64_decode(copy, &n);
    assert_int_equal(r, bytes ? 0 : -EINVAL);
    if (bytes) {
        assert_int_equal(n, strlen(bytes));
        assert_memory_equal(copy, bytes, n);
    }
}

static void base64_is_that_and_nothing_else(void **state)
{
    (void)state;
    assert_base64("Zm9vYmFy", "foobar");
    assert_base64("Zm9v\nYmE=\n", "fooba");
    assert_base64("Zg==", "f");
    assert_base64("", "");
    assert_base64("Zg=", NULL);
    assert_base64("Zg", NULL);
    assert_base64("Z", NULL);
    assert_base64("Zg==Zg==", NULL);
    assert_base64("====", NULL);
    assert_base64("Zm9v<", NULL);
}

static void assert_refused(const struct one_gaps *gaps)
{
    char *xml = one_fixture(gaps);
    struct one_document document;

    assert_int_equal(one_read(xml, strlen(xml), true, &document), -EINVAL);
    free(xml);
}

static void documents_that_mean_harm_are_refused(void **state)
{
    static const char typed[] = "<!DOCTYPE a [<!ENTITY b 'b'>]><SCHEDULER_DRIVER_ACTION/>";
    static const char other[] = "<PLAN/>";
    struct one_document document;

    (void)state;
    assert_int_equal(one_read(typed, strlen(typed), true, &document), -EINVAL);
    assert_int_equal(one_read(other, strlen(other), true, &document), -EINVAL);
    assert_refused(&(struct one_gaps){.hosts10 = "<ID>1<ID>2</ID></ID>"});
    assert_refused(&(struct one_gaps){.hosts10 = "<ID>x</ID>"});
    assert_refused(&(struct one_gaps){.hosts10 = "<ID>99999999999999999999</ID>"});
    assert_refused(&(struct one_gaps){.hosts10 = "<ID/>"});
    assert_refused(&(struct one_gaps){.hosts10 = "<NAME>1</NAME>"});
    assert_refused(&(struct one_gaps){.template10 = "<DISK><SIZE>-1</SIZE></DISK>"});
    assert_refused(&(struct one_gaps){.usage1 = "<MEM_USAGE>1e3</MEM_USAGE>"});
    assert_refused(&(struct one_gaps){.state10 = "<STATE>running</STATE>"});
    assert_refused(&(struct one_gaps){.drs = "<PREDICTIVE>2</PREDICTIVE>"});
    assert_refused(&(struct one_gaps){.nics10 = "</VM><VM><ID>12</ID></VM><VM><ID>13</ID>"});
}

/* A list of hosts is one in its own place alone. */
static void lists_elsewhere_stay_what_they_are(void **state)
{
    struct one_document document;
    size_t n;

    (void)state;
    one_read_fixture(
        &(struct one_gaps){.template10 = "<VM><HOSTS><ID>x</ID></HOSTS></VM>",
                           .user10 =
                               "<REQUIREMENTS><VM><HOSTS><ID>9</ID></HOSTS></VM></REQUIREMENTS>"},
        &document);
    assert_int_equal(*one_hosts_of(&document, &document.vms[1], &n), 1);
    one_document_done(&document);
}

static void settings_of_the_cluster_count(void **state)
{
    struct one_document document;

    (void)state;
    one_read_fixture(
        &(struct one_gaps){.drs = "<POLICY>Pack</POLICY><MIGRATION_THRESHOLD>7"
                                  "</MIGRATION_THRESHOLD><HOST_MIGRATION_THRESHOLD>3"
                                  "</HOST_MIGRATION_THRESHOLD><CPU_WEIGHT>0.5</CPU_WEIGHT>"
                                  "<PREDICTIVE>0.25</PREDICTIVE>"},
        &document);
    assert_true(document.cluster.is_pack);
    assert_int_equal(document.cluster.most_moves, 3);
    assert_true(document.cluster.cpu_weight == 0.5 && document.cluster.usage_weight == 0);
    assert_true(document.cluster.predictive == 0.25);
    one_document_done(&document);
}

static void limits_are_the_engines(void **state)
{
    char path[] = "/tmp/one-conf-XXXXXX", used[ONE_PATH_SIZE];
    static const char text[] = "# LIVE_RESCHEDS = 0\nMAX_ACTIONS_PER_HOST    = 4\n"
                               " MAX_ACTIONS_PER_CLUSTER=\"12\" # so many\nLIVE_RESCHEDS = 1\n";
    struct one_limits limits;
    struct err err = {0};
    int file = mkstemp(path);

    (void)state;
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    assert_int_equal(one_limits_read(path, &limits, used, &err), 0);
    assert_int_equal(limits.per_host, 4);
    assert_int_equal(limits.per_cluster, 12);
    assert_true(limits.is_live && limits.is_known);
    unlink(path);
    assert_int_equal(one_limits_read(path, &limits, used, &err), -EINVAL);
    setenv("ONE_LOCATION", "/nowhere", 1);
    assert_int_equal(one_limits_read(NULL, &limits, used, &err), 0);
    unsetenv("ONE_LOCATION");
    assert_string_equal(used, "/nowhere/etc/oned.conf");
    assert_false(limits.is_live || limits.is_known);
    assert_int_equal(limits.per_host, 1);
}

static int line(struct one_line *ret, const char *a, const char *b, const char *c)
{
    char *argv[] = {(char *)a, (char *)b, (char *)c, NULL};

    return one_line_read(c ? 3 : b ? 2 : 1, argv, ret);
}

static void a_name_is_a_command(void **state)
{
    struct one_line ret;

    (void)state;
    assert_int_equal(line(&ret, "/x/optimize", "100", NULL), 0);
    assert_int_equal(ret.request.cluster, 100);
    assert_int_equal(line(&ret, "place", NULL, NULL), 0);
    assert_int_equal(ret.request.job, ONE_PLACE);
    assert_int_equal(line(&ret, "evenkeel-one", "optimize", NULL), 0);
    assert_int_equal(ret.request.cluster, -1);
    assert_int_equal(line(&ret, "evenkeel-one", NULL, NULL), -EINVAL);
    assert_int_equal(line(&ret, "evenkeel-one", "100", NULL), -EINVAL);
    assert_int_equal(line(&ret, "evenkeel-one", "optimize", "x"), -EINVAL);
    assert_int_equal(line(&ret, "place", "1", NULL), -EINVAL);
    assert_int_equal(line(&ret, "place", "--nothing", NULL), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_read_as_it_is),
        cmocka_unit_test(what_is_cut_off_is_refused),
        cmocka_unit_test(base64_is_that_and_nothing_else),
        cmocka_unit_test(documents_that_mean_harm_are_refused),
        cmocka_unit_test(lists_elsewhere_stay_what_they_are),
        cmocka_unit_test(settings_of_the_cluster_count),
        cmocka_unit_test(limits_are_the_engines),
        cmocka_unit_test(a_name_is_a_command),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
