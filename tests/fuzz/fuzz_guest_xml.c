/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest's two definitions, the live one and, after a byte of 1, the persistent one. */
#include <stdlib.h>
#include <string.h>

#include "agent/fleet/incoming.h"
#include "agent/host/guest_xml.h"
#include "agent/host/host_xml.h"
#include "tests/fuzz/fuzz.h"

enum { PARTED = 1, VCPUS = 6 };

static void check_limits(const struct guest_definition *definition)
{
    struct cpuset online, allowed;

    must(cpuset_parse("0-3,8,300,8191", &online) == 0, "the host's set is one");
    for (unsigned vcpu = 0; vcpu < VCPUS; vcpu++) {
        bool is_known = guest_definition_allowed(definition, vcpu, &online, &allowed);

        must(cpuset_is_subset(&allowed, &online), "a vCPU is allowed online pCPUs only");
        must(is_known || cpuset_is_equal(&allowed, &online) || definition->has_cpuset,
             "limits that cannot be read are none");
    }
}

static void check_memory(const struct guest_definition *definition)
{
    static const uint64_t sizes_kib[] = {0, 1, 1048576, UINT64_MAX};

    for (size_t i = 0; i < sizeof(sizes_kib) / sizeof(sizes_kib[0]); i++) {
        struct memory_reading reading = {.actual_kib = sizes_kib[i],
                                         .maximum_kib = 2 * sizes_kib[i]};

        memory_xml_correct(&definition->memory, &reading);
        must(reading.lock != MEMORY_LOCK_UNTOLD || reading.beside_kib <= reading.actual_kib,
             "what no balloon governs is part of the size");
    }
}

/* What a hook makes of it when it arrives by migration. */
static void check_incoming(const char *xml)
{
    struct cpuset online;
    char *once = NULL, *twice = NULL;
    size_t n = 0, n_twice = 0;

    must(cpuset_parse("0-3,8", &online) == 0, "the host's set is one");
    if (incoming_filter(xml, strlen(xml), &online, &once, &n) == 1) {
        must(n > 0 && n == strlen(once), "what is given back is a text");
        must(incoming_filter(once, n, &online, &twice, &n_twice) == 0,
             "what is given back is a definition in which nothing is left to be taken out");
    } else {
        must(!once, "who changes nothing gives nothing back");
    }
    free(once);
}

static int parse(char *xml, struct guest_definition *ret)
{
    struct err err = {0};
    char uuid[64];
    int r = guest_xml_parse(xml, ret, &err);

    must(r >= 0 || err.text[0], "a refusal has a sentence");
    must(r < 0 || !ret->policy.memory_error[0] || ret->policy.memory.excluded,
         "a guest with a wrong policy is left alone");
    must(host_xml_uuid(xml, uuid, sizeof(uuid)) == (uuid[0] != '\0'), "a UUID is told or empty");
    check_incoming(xml);
    free(xml);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct guest_definition live = {0}, persistent = {0}, merged = {0};
    int r = parse(take_text(&bytes, PARTED), &live);
    bool has_both = bytes.left > 0;

    if (has_both && r >= 0)
        r = parse(take_text(&bytes, PARTED), &persistent);
    if (r >= 0) {
        guest_definition_merge(&live, has_both ? &persistent : NULL, &merged);
        must(merged.is_transient == !has_both, "a guest with one definition is transient");
        check_limits(&merged);
        check_memory(&merged);
    }
    guest_definition_done(&live);
    guest_definition_done(&persistent);
    guest_definition_done(&merged);
    return 0;
}
