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

#include "agent/host/capabilities_xml.h"
#include "tests/unit/topology_fixture.h"

static const char whole[] =
    "<capabilities><host><uuid>a-b</uuid><topology><cells num='2'>"
    "<cell id='0'><memory unit='KiB'>2048</memory>"
    "<distances><sibling id='0' value='10'/><sibling id='7' value='32'/></distances>"
    "<cpus num='2'>"
    "<cpu id='0' socket_id='36' die_id='1' cluster_id='2' core_id='0' siblings='0,4'/>"
    "<cpu id='4' socket_id='36' die_id='1' cluster_id='65535' core_id='0' siblings='0,4'/>"
    "</cpus></cell>"
    "<cell id='7'><cpus num='0'/></cell>"
    "</cells></topology><cache>"
    "<bank id='0' level='3' type='both' size='8' unit='MiB' cpus='0,4-5'>"
    "<control granularity='768' unit='KiB' type='both' maxAllocs='4'/></bank>"
    "</cache></host><guest/></capabilities>";

static void a_host_is_read_as_it_is_told(void **state)
{
    struct topology_facts facts = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(capabilities_xml_parse(whole, &facts, &err), 0);
    assert_int_equal(facts.n_cells, 2);
    assert_int_equal(facts.cells[0].memory_kib, 2048);
    assert_set(&facts.cells[0].pcpus, "0,4");
    assert_int_equal(facts.cells[1].id, 7);
    assert_set(&facts.cells[1].pcpus, "");
    assert_int_equal(facts.n_distances, 2);
    assert_int_equal(facts.distances[1].to, 7);
    assert_int_equal(facts.distances[1].value, 32);
    assert_int_equal(facts.n_pcpus, 2);
    assert_int_equal(facts.pcpus[0].socket, 36);
    assert_int_equal(facts.pcpus[0].die, 1);
    assert_int_equal(facts.pcpus[0].cluster, 2);
    assert_int_equal(facts.pcpus[1].cluster, TOPOLOGY_UNTOLD);
    assert_set(&facts.pcpus[1].siblings, "0,4");
    assert_int_equal(facts.banks.n, 1);
    assert_int_equal(facts.banks.caches[0].level, 3);
    assert_set(&facts.mentioned, "0,4-5");
    assert_false(facts.has_map);
    topology_facts_done(&facts);
}

/* Wherever it ends, it is a sentence. */
static void what_is_cut_off_is_refused(void **state)
{
    char cut[sizeof(whole)];

    (void)state;
    for (size_t n = 0; n < sizeof(whole) - 1; n++) {
        struct topology_facts facts = {0};
        struct err err = {0};

        memcpy(cut, whole, n);
        cut[n] = '\0';
        assert_int_equal(capabilities_xml_parse(cut, &facts, &err), -EINVAL);
        assert_non_null(strstr(err.text, "the host's capabilities cannot be read"));
        topology_facts_done(&facts);
    }
}

/* Each character in turn is another one: read or refused, and what is read becomes a tree or not. */
static void what_is_changed_is_refused_or_read(void **state)
{
    static const char others[] = "9-<&'\"\x80";
    char changed[sizeof(whole)];

    (void)state;
    for (size_t n = 0; n < (sizeof(whole) - 1) * (sizeof(others) - 1); n++) {
        struct topology_facts facts = {0};
        struct topology topology;
        struct err err = {0};

        memcpy(changed, whole, sizeof(whole));
        changed[n / (sizeof(others) - 1)] = others[n % (sizeof(others) - 1)];
        if (capabilities_xml_parse(changed, &facts, &err) == 0 &&
            topology_build(&facts, &topology, &err) == 0)
            topology_done(&topology);
        else
            assert_non_null(strchr(err.text, ' '));
        topology_facts_done(&facts);
    }
}

static void refuse(const char *xml, const char *why)
{
    struct topology_facts facts = {0};
    struct err err = {0};

    assert_int_equal(capabilities_xml_parse(xml, &facts, &err), -EINVAL);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
    topology_facts_done(&facts);
}

#define IN_HOST(text) "<capabilities><host>" text "</host></capabilities>"
#define IN_CELLS(text) IN_HOST("<topology><cells>" text "</cells></topology>")

static void what_no_host_can_have_is_refused(void **state)
{
    (void)state;
    refuse("<domain/>", "no libvirt XML");
    refuse("<capabilities/>", "no libvirt XML");
    refuse("<!DOCTYPE capabilities [<!ENTITY a 'aaaa'>]>" IN_HOST(""), "no libvirt XML");
    refuse(IN_CELLS("<cell/>"), "a <cell> has no id");
    refuse(IN_CELLS("<cell id='-1'/>"), "a <cell> has no id");
    refuse(IN_CELLS("<cell id='0'><cpus><cpu/></cpus></cell>"), "a <cpu> has no id");
    refuse(IN_CELLS("<cell id='0'><cpus><cpu id='8192'/></cpus></cell>"), "a <cpu> has no id");
    refuse(IN_CELLS("<cell id='0'><cpus><cpu id='1' siblings='1-'/></cpus></cell>"),
           "siblings='1-' in <cpu> is no list");
    refuse(IN_HOST("<cache><bank level='3' cpus='0-9999'/></cache>"),
           "cpus='0-9999' in <bank> is no list");
}

/* What does not matter for the tree, or has a usual value, is not refused. */
static void what_is_missing_is_not_told(void **state)
{
    struct topology_facts facts = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(
        capabilities_xml_parse(
            IN_CELLS("<cell id='3'><memory>lots</memory><distances><sibling id='3'/>"
                     "<sibling value='9'/></distances><cpus num='9'><cpu id='1' socket_id='-1' "
                     "die_id='x'/><cpu id='1' socket_id='5'/></cpus></cell>"),
            &facts, &err),
        0);
    assert_int_equal(facts.cells[0].memory_kib, 0);
    assert_int_equal(facts.n_distances, 0);
    assert_int_equal(facts.n_pcpus, 1); /* the first word counts */
    assert_int_equal(facts.pcpus[0].socket, TOPOLOGY_UNTOLD);
    assert_int_equal(facts.pcpus[0].die, TOPOLOGY_UNTOLD);
    topology_facts_done(&facts);
}

static void too_much_is_refused(void **state)
{
    static const char begin[] = "<capabilities><host><topology><cells>";
    size_t room = 17u << 20, used = sizeof(begin) - 1;
    char *xml = malloc(room + 1);

    (void)state;
    assert_non_null(xml);
    memcpy(xml, begin, used);
    for (unsigned cell = 0; cell <= TOPOLOGY_MAX_NODES; cell++)
        used += (size_t)snprintf(xml + used, room - used, "<cell id='%u'/>", cell);
    snprintf(xml + used, room - used, "</cells></topology></host></capabilities>");
    refuse(xml, "more than 1024 cells");
    used = (size_t)snprintf(xml, room, "<capabilities><host/>");
    while (used + sizeof("<a/></capabilities>") < room)
        used += (size_t)snprintf(xml + used, room - used, "<a/>");
    snprintf(xml + used, room - used, "</capabilities>");
    refuse(xml, "no libvirt XML");
    free(xml);
}

static void a_cpu_map_is_a_line_of_letters(void **state)
{
    static const char *const wrong[] = {"", "\n", "0-3", "yyn", "y y", "CPU map:", "CPU map: 0,2"};
    struct topology_facts facts = {0};
    char longest[CPUSET_SIZE + 2];
    struct err err = {0};

    (void)state;
    assert_int_equal(cpu_map_parse("yy-y-\n", &facts, &err), 0);
    assert_true(facts.has_map);
    assert_set(&facts.online, "0-1,3");
    assert_set(&facts.mentioned, "0-4");
    topology_facts_done(&facts);
    assert_int_equal(cpu_map_parse("CPUs present:   3\nCPUs online:    1\nCPU map:        -y-\n\n",
                                   &facts, &err),
                     0);
    assert_set(&facts.online, "1");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(cpu_map_parse(wrong[i], &facts, &err), -EINVAL);
    memset(longest, 'y', sizeof(longest));
    longest[CPUSET_SIZE] = '\0';
    assert_int_equal(cpu_map_parse(longest, &facts, &err), 0);
    longest[CPUSET_SIZE] = 'y';
    longest[CPUSET_SIZE + 1] = '\0';
    assert_int_equal(cpu_map_parse(longest, &facts, &err), -EINVAL);
    topology_facts_done(&facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_read_as_it_is_told),
        cmocka_unit_test(what_is_cut_off_is_refused),
        cmocka_unit_test(what_is_changed_is_refused_or_read),
        cmocka_unit_test(what_no_host_can_have_is_refused),
        cmocka_unit_test(what_is_missing_is_not_told),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(a_cpu_map_is_a_line_of_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
