/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "agent/host/worker.h"

/* What the state and the requests of these tests report back to. */
struct watch {
    atomic_int states_freed, requests_freed;
    atomic_uint calls;   /* that returned */
    atomic_bool release; /* the hanging call comes back */
};
struct request {
    struct watch *watch;
    int number;
};

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static void free_state(void *state)
{
    struct watch *watch = *(struct watch **)state;

    atomic_fetch_add(&watch->states_freed, 1);
    free(state);
}

static void free_request(void *arg)
{
    struct request *request = arg;

    atomic_fetch_add(&request->watch->requests_freed, 1);
    free(request);
}

static struct worker *start(struct watch *watch, atomic_uint *strays)
{
    struct watch **state = malloc(sizeof(struct watch *));
    struct worker *worker;

    *state = watch;
    worker = worker_new(state, free_state, strays);
    assert_non_null(worker);
    return worker;
}

static struct request *new_request(struct watch *watch, int number)
{
    struct request *request = malloc(sizeof(*request));

    *request = (struct request){watch, number};
    return request;
}

static int add_one(void *state, void *arg)
{
    struct request *request = arg;

    assert_ptr_equal(*(struct watch **)state, request->watch);
    return ++request->number;
}

static int hang(void *state, void *arg)
{
    const struct request *request = arg;

    (void)state;
    while (!atomic_load(&request->watch->release))
        sleep_ms(5);
    return 0;
}

/* Longer than the limit in all, and no step of it is. */
static int go_on(void *state, void *arg)
{
    struct request *request = arg;

    (void)state;
    for (int i = 0; i < 30; i++) {
        sleep_ms(20);
        atomic_fetch_add(&request->watch->calls, 1);
    }
    return 0;
}

static bool yes(void *arg)
{
    (void)arg;
    return true;
}

static void jobs_one_after_the_other(void **state)
{
    struct watch watch = {0};
    atomic_uint strays = 0;
    struct worker *worker = start(&watch, &strays);
    struct request *request = new_request(&watch, 10);
    struct worker_job job = {add_one, request, free_request, NULL};

    (void)state;
    for (int i = 11; i < 20; i++)
        assert_int_equal(worker_run(worker, &job, 5000, NULL, NULL), i);
    /* Asked to stop: what ends by itself in time still counts. */
    assert_int_equal(worker_run(worker, &job, 5000, yes, NULL), 20);
    assert_int_equal(request->number, 20);
    free_request(request);
    worker_free(worker);
    worker_free(NULL);
    assert_int_equal(atomic_load(&watch.states_freed), 1);
    assert_int_equal(atomic_load(&strays), 0);
}

static void await_return(struct watch *watch, atomic_uint *strays)
{
    assert_int_equal(atomic_load(strays), 1);
    assert_int_equal(atomic_load(&watch->states_freed), 0);
    atomic_store(&watch->release, true);
    for (int i = 0; i < 1000 && atomic_load(strays); i++)
        sleep_ms(5);
    assert_int_equal(atomic_load(strays), 0);
    assert_int_equal(atomic_load(&watch->states_freed), 1);
    assert_int_equal(atomic_load(&watch->requests_freed), 1);
}

static void a_call_that_hangs_is_left_behind(void **state)
{
    struct watch watch = {0};
    atomic_uint strays = 0;
    struct worker *worker = start(&watch, &strays);
    struct worker_job job = {hang, new_request(&watch, 0), free_request, NULL};

    (void)state;
    assert_int_equal(worker_run(worker, &job, 150, NULL, NULL), -ETIMEDOUT);
    await_return(&watch, &strays);
}

static void what_goes_on_is_not_left_behind(void **state)
{
    struct watch watch = {0};
    atomic_uint strays = 0;
    struct worker *worker = start(&watch, &strays);
    struct request *request = new_request(&watch, 0);
    struct worker_job job = {go_on, request, free_request, &watch.calls};

    (void)state;
    assert_int_equal(worker_run(worker, &job, 300, NULL, NULL), 0);
    assert_int_equal(atomic_load(&watch.calls), 30);
    free_request(request);
    worker_free(worker);
    assert_int_equal(atomic_load(&strays), 0);
}

static void a_signal_is_heard_while_a_call_hangs(void **state)
{
    struct watch watch = {0};
    atomic_uint strays = 0;
    struct worker *worker = start(&watch, &strays);
    struct worker_job job = {hang, new_request(&watch, 0), free_request, NULL};
    uint64_t began_ns = clock_monotonic_ns();

    (void)state;
    assert_int_equal(worker_run(worker, &job, 60000, yes, NULL), -ECANCELED);
    assert_true(clock_monotonic_ns() - began_ns < UINT64_C(5000000000)); /* not the 60 s */
    await_return(&watch, &strays);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_one_after_the_other),
        cmocka_unit_test(a_call_that_hangs_is_left_behind),
        cmocka_unit_test(what_goes_on_is_not_left_behind),
        cmocka_unit_test(a_signal_is_heard_while_a_call_hangs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
