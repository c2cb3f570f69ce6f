/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Putting back and pauses while the program runs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/control/state.h"

/* As where the bus is lost while the loop waits for libvirt, and another one asks on the next bus. */
static void one_is_done_before_another_is_asked(void **state)
{
    struct control *control = control_new(PROGRAM_MEMORY, false, NULL, NULL);
    char guest[PAUSE_NAME_SIZE];

    (void)state;
    assert_int_equal(control_ask_release(control, "first"), 0);
    assert_true(control_take_release(control, guest));
    assert_int_equal(control_ask_release(control, "second"), -EBUSY);
    assert_true(control_take_release(control, guest));
    assert_string_equal(guest, "first");
    control_released(control, &(struct control_result){.done = 7});
    assert_false(control_take_release(control, guest));
    /* Nobody has told yet what came of it. */
    assert_int_equal(control_ask_release(control, "second"), -EBUSY);
    control->is_release_done = false;
    assert_int_equal(control_ask_release(control, "second"), 0);
    assert_true(control_take_release(control, guest));
    assert_string_equal(guest, "second");
    control_free(control);
}

/* Whoever was told that it is paused sees no change after that, however long the decision took. */
static void a_pause_holds_what_was_decided_before_it(void **state)
{
    struct control *control = control_new(PROGRAM_VCPU, false, NULL, NULL);
    struct vcpu_sample sample = {0};

    (void)state;
    assert_false(control_is_paused(control));
    assert_int_equal(control_pause(control, "", 0), 0); /* while the sample is taken */
    control_mark_vcpus(control, &sample);
    assert_true(control_is_overtaken(control));
    assert_int_equal(control_resume(control, "web"), -EBUSY);
    assert_int_equal(control_resume(control, ""), 0);
    assert_int_equal(control_resume(control, ""), -ENOENT);
    control_mark_vcpus(control, &sample);
    assert_false(control_is_overtaken(control));
    assert_int_equal(control_pause(control, "web", 0), 0); /* while the plan is made */
    assert_true(control_is_overtaken(control));
    control_mark_vcpus(control, &sample);
    assert_false(control_is_overtaken(control));
    assert_int_equal(control_pause(control, "web", 60), 0); /* that holds already */
    assert_false(control_is_overtaken(control));
    control_free(control);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_holds_what_was_decided_before_it),
        cmocka_unit_test(one_is_done_before_another_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
