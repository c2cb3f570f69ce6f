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

#include "agent/fleet/engine_state.h"

#define SUMMARY                                                                                    \
    "<summary><current_dc present='true' with_quorum='true'/><cluster_options "                    \
    "maintenance-mode='false' stop-all-resources='false'/></summary>"
#define EVENT(status, target)                                                                      \
    "<fence_event status='" status "' target='" target "' action='reboot'/>"

/* What stands behind the summary, and what is concluded. */
static const struct {
    const char *rest;
    enum act_verdict verdict;
    const char *name;
} documents[] = {
    {"", ACT_MAY, NULL},
    {"<nodes><node name='n1' unclean='false' pending='false'/></nodes>", ACT_MAY, NULL},
    {"<nodes><node name='n1'/><node name='n2' unclean='true'/></nodes>", ACT_UNCLEAN, "'n2'"},
    {"<nodes><node name='n1' pending='true'/></nodes>", ACT_JOINING, "'n1'"},
    {"<fence_history status='0'>" EVENT("success", "n1") "</fence_history>", ACT_MAY, NULL},
    {"<fence_history>" EVENT("pending", "n1") "</fence_history>", ACT_FENCING_PENDING, "'n1'"},
    {"<fence_history>" EVENT("failed", "n1") "</fence_history>", ACT_FENCING_FAILED, "'n1'"},
    /* the newest comes first: made good, not made good, and made good for somebody else */
    {"<fence_history>" EVENT("success", "n1") EVENT("failed", "n1") "</fence_history>", ACT_MAY,
     NULL},
    {"<fence_history>" EVENT("failed", "n1") EVENT("success", "n1") "</fence_history>",
     ACT_FENCING_FAILED, "'n1'"},
    {"<fence_history>" EVENT("success", "n2") EVENT("failed", "n1") "</fence_history>",
     ACT_FENCING_FAILED, "'n1'"},
    /* a word that nobody knows is no success */
    {"<fence_history>" EVENT("perhaps", "n3") "</fence_history>", ACT_FENCING_PENDING, "'n3'"},
};

static void what_crm_mon_says(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof(documents) / sizeof(documents[0]); k++) {
        struct engine_state said;
        struct err err = {0};
        char text[1024], why[ACT_WHY_SIZE];
        int n = snprintf(text, sizeof(text), "<pacemaker-result>" SUMMARY "%s</pacemaker-result>",
                         documents[k].rest);

        assert_int_equal(engine_state_read(text, (size_t)n, &said, &err), 0);
        assert_int_equal(act_on_cluster(&said.told, why), documents[k].verdict);
        if (documents[k].name)
            assert_non_null(strstr(why, documents[k].name));
    }
}

static void what_is_no_answer_is_no_permission(void **state)
{
    static const char *const texts[] = {
        "",
        "<",
        "<pacemaker-result/>",
        "<other>" SUMMARY "</other>",
        "<pacemaker-result><summary/></pacemaker-result>",
        "<!DOCTYPE pacemaker-result><pacemaker-result>" SUMMARY "</pacemaker-result>",
        "<pacemaker-result>" SUMMARY "<fence_history status='5'/></pacemaker-result>"};
    char why[ACT_WHY_SIZE];

    (void)state;
    for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
        struct engine_state said;
        struct err err = {0};

        assert_int_equal(engine_state_read(texts[k], strlen(texts[k]), &said, &err), -EIO);
        assert_true(err.text[0] != '\0');
        assert_int_equal(act_on_cluster(&said.told, why), ACT_NOT_TOLD);
    }
}

static void why_a_guest_failed(void **state)
{
    static const char text[] =
        "<cib><configuration/><status><node_state uname='n1'><lrm><lrm_resources>"
        "<lrm_resource id='v1'>"
        "<lrm_rsc_op operation='monitor' rc-code='7' op-status='0' last-rc-change='90'/>"
        "<lrm_rsc_op operation='start' rc-code='1' op-status='4' last-rc-change='10' "
        "exit-reason='of old'/>"
        "<lrm_rsc_op operation='migrate_to' rc-code='1' op-status='4' last-rc-change='50' "
        "exit-reason='no route&#10;to n2'/>"
        "<lrm_rsc_op operation='stop' rc-code='193' op-status='-1' last-rc-change='99'/>"
        "</lrm_resource></lrm_resources></lrm></node_state></status></cib>";
    char why[200];

    (void)state;
    engine_failure(text, strlen(text), "v1", why, sizeof(why));
    assert_string_equal(why, "migrate_to on n1 failed with status 1: no route?to n2");
    engine_failure(text, strlen(text), "v2", why, sizeof(why));
    assert_string_equal(why, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_crm_mon_says),
        cmocka_unit_test(what_is_no_answer_is_no_permission),
        cmocka_unit_test(why_a_guest_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
