/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/fleet/incoming.h"

static struct cpuset online;

static int set_up(void **state)
{
    (void)state;
    return cpuset_parse("0-3", &online);
}

/* NULL: it is left as it is. */
static char *filter(const char *xml)
{
    char *made = NULL;
    size_t n = 0;
    int r = incoming_filter(xml, strlen(xml), &online, &made, &n);

    assert_int_equal(r, made ? 1 : 0);
    assert_true(!made || strlen(made) == n);
    return made;
}

static void pins_of_pcpus_that_are_not_here_are_taken_out(void **state)
{
    char *made = filter("<domain type='kvm'><name>a&amp;b</name><cputune><shares>7</shares>"
                        "<vcpupin vcpu='0' cpuset='5'/><vcpupin vcpu='1' cpuset='3,5'/>"
                        "<emulatorpin cpuset='4-7,^5'/><iothreadpin iothread='1' cpuset='9'/>"
                        "</cputune><metadata><x:cputune xmlns:x='y'><x:vcpupin cpuset='5'/>"
                        "</x:cputune></metadata></domain>");

    (void)state;
    assert_non_null(made);
    assert_null(strstr(made, "vcpu=\"0\""));
    assert_non_null(strstr(made, "<vcpupin vcpu=\"1\" cpuset=\"3,5\"/>"));
    assert_null(strstr(made, "emulatorpin"));
    assert_null(strstr(made, "iothreadpin"));
    assert_non_null(strstr(made, "<shares>7</shares>"));
    assert_non_null(strstr(made, "<x:vcpupin cpuset=\"5\"/>"));
    assert_non_null(strstr(made, "a&amp;b"));
    free(made);
}

static void what_can_be_kept_or_read_by_nobody_stays(void **state)
{
    static const char *const kept[] = {
        "<domain/>",
        "<domain><cputune><vcpupin vcpu='0' cpuset='0-3'/></cputune></domain>",
        "<domain><cputune><vcpupin vcpu='0' cpuset='3,900000'/></cputune></domain>",
        "<domain><cputune><vcpupin vcpu='0' cpuset='five'/></cputune></domain>",
        "<domain><cputune><vcpupin vcpu='0'/></cputune></domain>",
        "<domain><vcpupin vcpu='0' cpuset='5'/></domain>",
        "<domain><cputune><cachetune vcpus='5'/></cputune></domain>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        assert_null(filter(kept[i]));
}

static void what_is_no_definition_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "nothing",
        "<domain>",
        "<network><cputune/></network>",
        "<!DOCTYPE domain [<!ENTITY a 'b'>]><domain/>",
        "<domain xmlns='x'><cputune><vcpupin vcpu='0' cpuset='5'/></cputune></domain>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char *made = NULL;
        size_t n = 0;

        assert_int_equal(incoming_filter(texts[i], strlen(texts[i]), &online, &made, &n), -EINVAL);
        assert_null(made);
    }
}

static void a_definition_beyond_all_measure_is_not_read(void **state)
{
    size_t n = (10 << 20) + 1;
    char *text = calloc(1, n), *made = NULL;

    (void)state;
    assert_non_null(text);
    memset(text, ' ', n);
    assert_int_equal(incoming_filter(text, n, &online, &made, &n), -EINVAL);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(pins_of_pcpus_that_are_not_here_are_taken_out, set_up),
        cmocka_unit_test_setup(what_can_be_kept_or_read_by_nobody_stays, set_up),
        cmocka_unit_test_setup(what_is_no_definition_is_refused, set_up),
        cmocka_unit_test_setup(a_definition_beyond_all_measure_is_not_read, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
