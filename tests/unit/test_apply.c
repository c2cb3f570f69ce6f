/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/apply.h"
#include "tests/unit/host_fixture.h"

/* Four pins, or two reclaims and two grants, of guests 0 to 3. */
static struct vcpu_pin pins[4];
static struct balloon_step steps[4];

static struct vcpu_plan vcpu_plan(void)
{
    for (unsigned i = 0; i < 4; i++) {
        pins[i] = (struct vcpu_pin){.guest = fake_guest(i), .from_place = -1, .to_place = 10 + i};
        cpuset_add(&pins[i].to, 10 + i);
    }
    return (struct vcpu_plan){.pins = pins, .n_pins = 4};
}

static struct memory_plan memory_plan(void)
{
    for (unsigned i = 0; i < 4; i++)
        steps[i] = (struct balloon_step){.guest = fake_guest(i), .to_kib = 1000 + i};
    return (struct memory_plan){
        .reclaims = steps, .n_reclaims = 2, .grants = steps + 2, .n_grants = 2};
}

struct expectation {
    int code[4];
    size_t done, gone, failed, refused, calls;
    const char *named; /* in the messages, or NULL: there are none */
};
static const struct expectation expectations[] = {
    {{0, 0, 0, 0}, 4, 0, 0, 0, 4, NULL},
    {{0, -EIO, 0, 0}, 3, 0, 1, 1, 4, "'g1'"},
    {{0, 0, -ENOENT, 0}, 3, 1, 0, 0, 4, NULL},
    {{-EIO, -EBUSY, -ENOENT, -EPERM}, 0, 1, 3, 3, 4, "'g3'"},
    {{0, -ENOTCONN, 0, 0}, 1, 0, 3, 0, 2, "'g1'"},
    {{0, 0, 0, -ENOTCONN}, 3, 0, 1, 0, 4, "'g3'"},
};

static void check(const struct expectation *expected, const struct fake_host *fake,
                  const struct tally *tally, const char *messages)
{
    assert_int_equal(tally->done, expected->done);
    assert_int_equal(tally->gone, expected->gone);
    assert_int_equal(tally->failed, expected->failed);
    assert_int_equal(fake->n_calls, expected->calls);
    if (expected->named)
        assert_non_null(strstr(messages, expected->named));
    else
        assert_string_equal(messages, "");
}

struct undone {
    size_t all, refused;
    bool is_old_news;
};

static bool count_undone(void *arg, const struct guest_id *guest, bool is_refused)
{
    struct undone *undone = arg;

    assert_non_null(guest);
    undone->all++;
    undone->refused += is_refused;
    return !undone->is_old_news;
}

static void count_refused(void *arg, const struct vcpu_pin *pin)
{
    size_t *refused = arg;

    assert_non_null(pin);
    assert_int_equal(pin->vcpu, 0);
    ++*refused;
}

static void failures_are_counted_and_named_and_the_others_go_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(expectations) / sizeof(expectations[0]); i++) {
        const struct expectation *expected = &expectations[i / 2];
        struct fake_host fake = {.n_guests = 4};
        struct host host = fake_host(&fake);
        struct log log = {.program = "p", .level = LOG_INFO};
        struct tally tally = {0};
        char *messages = NULL;
        size_t size = 0, refused = 0;
        struct undone undone = {0};

        memcpy(fake.code, expected->code, sizeof(expected->code));
        log.stream = open_memstream(&messages, &size);
        if (i % 2) {
            struct vcpu_plan plan = vcpu_plan();

            apply_vcpu_plan(&host, &plan, NULL, &log, &tally, count_refused, &refused);
            /* neither who is gone refuses, nor who was never asked or asked over a lost
             * connection */
            assert_int_equal(refused, expected->refused);
        } else {
            struct memory_plan plan = memory_plan();

            apply_memory_plan(&host, &plan, NULL, &log, &tally, count_undone, &undone);
            assert_int_equal(undone.all, expected->gone + expected->failed);
        }
        fclose(log.stream);
        check(expected, &fake, &tally, messages);
        free(messages);
    }
}

/* Somebody who migrates will not for ever, and says nothing about balloons. */
static void a_refused_balloon_call_is_told_from_one_that_has_to_wait(void **state)
{
    struct fake_host fake = {.n_guests = 4, .code = {-EBUSY, -EIO, -ENOENT, 0}};
    struct host host = fake_host(&fake);
    struct memory_plan plan = memory_plan();
    struct undone undone = {0};
    bool made[4] = {false};
    struct tally tally = {.made = made};

    (void)state;
    apply_memory_plan(&host, &plan, NULL, NULL, &tally, count_undone, &undone);
    assert_int_equal(undone.all, 3);
    assert_int_equal(undone.refused, 1);
    assert_true(made[3] && !made[0] && !made[1] && !made[2]);
}

static void a_refusal_that_is_no_news_is_no_warning(void **state)
{
    for (int is_old = 0; is_old < 2; is_old++) {
        struct fake_host fake = {.n_guests = 4, .code = {-EIO}};
        struct host host = fake_host(&fake);
        struct memory_plan plan = memory_plan();
        struct log log = {.program = "p", .level = LOG_INFO};
        struct undone undone = {.is_old_news = is_old};
        struct tally tally = {0};
        char *messages = NULL;
        size_t size = 0;

        (void)state;
        log.stream = open_memstream(&messages, &size);
        apply_memory_plan(&host, &plan, NULL, &log, &tally, count_undone, &undone);
        fclose(log.stream);
        assert_int_equal(tally.failed, 1);
        assert_int_equal(size > 0, !is_old);
        free(messages);
    }
}

static void each_vcpu_goes_to_its_pcpu(void **state)
{
    struct fake_host fake = {.n_guests = 4};
    struct host host = fake_host(&fake);
    struct vcpu_plan plan = vcpu_plan();
    bool made[4] = {false};
    struct tally tally = {.made = made};

    (void)state;
    apply_vcpu_plan(&host, &plan, NULL, NULL, &tally, NULL, NULL);
    assert_true(made[0] && made[1] && made[2] && made[3]);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(fake.calls[i].guest, i);
        assert_int_equal(fake.calls[i].target_kib, 10 + i);
    }
}

static void reclaims_come_before_grants(void **state)
{
    struct fake_host fake = {.n_guests = 4};
    struct host host = fake_host(&fake);
    struct memory_plan plan = memory_plan();
    struct tally tally = {0};

    (void)state;
    plan.reclaims = steps + 2;
    plan.grants = steps;
    apply_memory_plan(&host, &plan, NULL, NULL, &tally, NULL, NULL);
    assert_int_equal(fake.calls[0].guest, 2);
    assert_int_equal(fake.calls[1].guest, 3);
    assert_int_equal(fake.calls[2].guest, 0);
    assert_int_equal(fake.calls[3].guest, 1);
    assert_int_equal(fake.calls[3].target_kib, 1001);
}

static void a_hold_calls_nobody(void **state)
{
    struct fake_host fake = {.n_guests = 4};
    struct host host = fake_host(&fake);
    struct tally tally = {0};

    (void)state;
    apply_vcpu_plan(&host, &(struct vcpu_plan){0}, NULL, NULL, &tally, NULL, NULL);
    apply_memory_plan(&host, &(struct memory_plan){0}, NULL, NULL, &tally, NULL, NULL);
    assert_int_equal(fake.n_calls, 0);
    assert_int_equal(tally.done + tally.gone + tally.failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_are_counted_and_named_and_the_others_go_on),
        cmocka_unit_test(a_refused_balloon_call_is_told_from_one_that_has_to_wait),
        cmocka_unit_test(a_refusal_that_is_no_news_is_no_warning),
        cmocka_unit_test(each_vcpu_goes_to_its_pcpu),
        cmocka_unit_test(reclaims_come_before_grants),
        cmocka_unit_test(a_hold_calls_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
