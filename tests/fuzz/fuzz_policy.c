/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest's policy: what stands within our element of its <metadata>. */
#include <stdio.h>
#include <stdlib.h>

#include "agent/host/guest_xml.h"
#include "tests/fuzz/fuzz.h"

static const uint64_t most_kib = UINT64_C(1) << 44;

static void check(const struct memory_policy *policy)
{
    must(!policy->has_weight || (policy->weight >= 1 && policy->weight <= 10000),
         "a weight is from 1 to 10000");
    must(!policy->has_floor || policy->floor_kib <= most_kib, "a floor is a size");
    must(!policy->has_ceiling || policy->ceiling_kib <= most_kib, "a ceiling is a size");
    must(!policy->has_pin || policy->pin_kib <= most_kib, "a size is a size");
    must(!policy->has_floor || !policy->has_ceiling || policy->floor_kib <= policy->ceiling_kib,
         "no floor is above the ceiling");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char around[] = "<domain><name>g</name><metadata><e:guest xmlns:e="
                                 "'tag:evenkeel.dev,2026:guest'>%s</e:guest></metadata></domain>";
    struct bytes bytes = {data, size};
    char *inside = take_text(&bytes, '\0'), *xml = calloc(1, sizeof(around) + size);
    struct guest_definition definition = {0};
    struct err err = {0};

    must(xml, "there is memory");
    snprintf(xml, sizeof(around) + size, around, inside);
    if (guest_xml_parse(xml, &definition, &err) >= 0) {
        const struct guest_policy *policy = &definition.policy;

        must(!policy->memory_error[0] || policy->memory.excluded,
             "a guest with a wrong policy is left alone");
        must(!policy->vcpu_error[0] || policy->vcpu.excluded,
             "a guest with a wrong policy is left alone");
        must(policy->vcpu.reserve_permille <= 1000, "a reserve is a share of a pCPU");
        must(!policy->vcpu.excluded || !policy->vcpu_error[0] || !policy->vcpu.reserve_permille,
             "nothing of a wrong policy counts");
        if (definition.has_policy && !policy->memory.excluded)
            check(&policy->memory);
        guest_definition_done(&definition);
    }
    free(inside);
    free(xml);
    return 0;
}
