/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/json_reader.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int member_fail(struct member *at, int code, const char *key, const char *expected)
{
    if (at->failed == 0)
        at->failed = err_set(at->err, code, "scenario: %s: \"%s\" %s", at->where, key, expected);
    return at->failed;
}

void member_begin(struct member *at, json_t *object, struct err *err, const char *where, int index)
{
    *at = (struct member){.err = err};
    if (index < 0)
        snprintf(at->where, sizeof(at->where), "%s", where);
    else
        snprintf(at->where, sizeof(at->where), "%s[%d]", where, index);
    if (!json_is_object(object)) {
        at->failed = err_set(err, -EINVAL, "scenario: %s must be an object", at->where);
        return;
    }
    at->left = json_copy(object);
    if (!at->left || json_object_size(at->left) != json_object_size(object))
        at->failed = err_set(err, -ENOMEM, "out of memory");
}

int member_end(struct member *at)
{
    const char *key;
    json_t *value;

    if (at->failed == 0)
        json_object_foreach(at->left, key, value)
        {
            member_fail(at, -EINVAL, key, "is not a member that is known here");
            break;
        }
    json_decref(at->left);
    at->left = NULL;
    return at->failed;
}

/* A new reference, or NULL where there is no such member or an earlier one failed. */
static json_t *take(struct member *at, const char *key)
{
    json_t *value = at->failed ? NULL : json_incref(json_object_get(at->left, key));

    if (value)
        json_object_del(at->left, key);
    return value;
}

bool member_is(const struct member *at, const char *key)
{
    return at->failed == 0 && json_object_get(at->left, key);
}

double member_number(struct member *at, const char *key, double min, double max, double fallback)
{
    json_t *value = take(at, key);
    double number = json_number_value(value);
    char expected[80];

    if (!value)
        return fallback;
    if (!json_is_number(value) || !(number >= min && number <= max)) {
        snprintf(expected, sizeof(expected), "must be a number from %g to %g", min, max);
        member_fail(at, -EINVAL, key, expected);
        number = fallback;
    }
    json_decref(value);
    return number;
}

bool member_bool(struct member *at, const char *key, bool fallback)
{
    json_t *value = take(at, key);
    bool truth = json_is_true(value);

    if (!value)
        return fallback;
    if (!json_is_boolean(value))
        member_fail(at, -EINVAL, key, "must be true or false");
    json_decref(value);
    return truth;
}

void member_text(struct member *at, const char *key, char *ret, size_t size, const char *fallback)
{
    json_t *value = take(at, key);
    const char *text = value ? json_string_value(value) : fallback;

    if (!text)
        member_fail(at, -EINVAL, key, value ? "must be a string" : "is missing");
    else if (strlen(text) >= size)
        member_fail(at, -EINVAL, key, "is too long");
    else
        snprintf(ret, size, "%s", text);
    json_decref(value);
}

int member_word(struct member *at, const char *key, const char *const *words, int fallback)
{
    char text[40] = "";
    int found = fallback;

    if (!member_is(at, key) && fallback >= 0)
        return fallback;
    member_text(at, key, text, sizeof(text), NULL);
    for (found = 0; words[found]; found++)
        if (strcmp(text, words[found]) == 0)
            return found;
    member_fail(at, -EINVAL, key, "is not one of the words that are known (see the README)");
    return fallback < 0 ? 0 : fallback;
}

void member_cpuset(struct member *at, const char *key, struct cpuset *ret,
                   const struct cpuset *fallback)
{
    json_t *value = take(at, key);
    json_int_t n = json_integer_value(value);

    memset(ret, 0, sizeof(*ret));
    if (!value) {
        if (fallback)
            *ret = *fallback;
    } else if (json_is_integer(value) && n >= 1 && n <= CPUSET_SIZE) {
        for (unsigned cpu = 0; cpu < (unsigned)n; cpu++)
            cpuset_add(ret, cpu);
    } else if (!json_is_string(value) || cpuset_parse(json_string_value(value), ret) < 0 ||
               cpuset_count(ret) == 0) {
        member_fail(at, -EINVAL, key, "must be a list of pCPUs like \"0-3,8\", or how many");
    }
    json_decref(value);
}

json_t *member_any(struct member *at, const char *key)
{
    return take(at, key);
}

json_t *member_array(struct member *at, const char *key)
{
    json_t *value = take(at, key);

    if (value && !json_is_array(value)) {
        member_fail(at, -EINVAL, key, "must be an array");
        json_decref(value);
        return NULL;
    }
    return value;
}

json_t *member_object(struct member *at, const char *key)
{
    json_t *value = take(at, key);

    if (value && !json_is_object(value)) {
        member_fail(at, -EINVAL, key, "must be an object");
        json_decref(value);
        return NULL;
    }
    return value;
}
