/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/base/json_values.h"

static int allocations, fail_at; /* 0: none fails */

static void *allocate(size_t size)
{
    return ++allocations == fail_at ? NULL : malloc(size);
}

static json_t *large_object(void)
{
    json_t *object = json_object();
    char key[32];

    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof(key), "a_member_of_it_%d", i);
        json_object_set_new(object, key, json_integer(i));
    }
    return object;
}

/* Each allocation that jansson makes for it fails in turn. */
static void a_text_is_whole_or_none(void **state)
{
    json_t *object = large_object();
    int n;

    (void)state;
    json_set_alloc_funcs(allocate, free);
    allocations = fail_at = 0;
    free(json_text(object, JSON_COMPACT));
    n = allocations;
    for (int at = 0; at <= n; at++) {
        json_t *again;
        char *text;

        allocations = 0;
        fail_at = at;
        text = json_text(object, JSON_COMPACT);
        fail_at = 0;
        again = text ? json_loads(text, 0, NULL) : NULL;
        assert_true(text ? json_equal(object, again) : at > 0);
        json_decref(again);
        free(text);
    }
    json_set_alloc_funcs(malloc, free);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_text_is_whole_or_none)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
