/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/base/plan.h"

static void every_verdict_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = VERDICT_APPLY; a <= VERDICT_HOLD_UNSAFE; a++)
        for (int b = VERDICT_APPLY; b < a; b++)
            assert_string_not_equal(verdict_text((enum verdict)a), verdict_text((enum verdict)b));
    assert_string_equal(verdict_text(VERDICT_APPLY), "apply");
    assert_string_equal(verdict_text(VERDICT_HOLD_SETTLING), "hold-settling");
}

static void an_empty_plan_ends_too(void **state)
{
    struct vcpu_plan plan = {0};

    (void)state;
    vcpu_plan_done(&plan);
    vcpu_plan_done(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verdict_has_a_name_of_its_own),
        cmocka_unit_test(an_empty_plan_ends_too),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
