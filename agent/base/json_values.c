/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/json_values.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/guest_name.h"
#include "agent/base/text.h"

/* Every second of 8192 pCPUs, four digits and a comma each, is the longest list there is. */
enum { CPUSET_TEXT_SIZE = 24576 };

json_t *json_from_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* A copy, changed in place by edit(). */
static json_t *edited(const char *text, void (*edit)(char *text))
{
    char *copy = strdup(text);
    json_t *value;

    if (!copy)
        return NULL;
    edit(copy);
    value = json_string(copy);
    free(copy);
    return value;
}

json_t *json_from_text(const char *text)
{
    return edited(text, text_printable);
}

json_t *json_from_guest(const struct guest_id *guest)
{
    return edited(guest_name_true(guest), text_valid);
}

json_t *json_from_count(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *json_from_uuid(const struct guest_id *guest)
{
    char text[GUEST_UUID_SIZE];

    guest_uuid_text(guest, text);
    return json_string(text);
}

json_t *json_from_cpuset(const struct cpuset *set)
{
    char text[CPUSET_TEXT_SIZE];

    cpuset_format(set, text, sizeof(text));
    return json_string(text);
}

json_t *json_members(const char *name, ...)
{
    json_t *object = json_object();
    int failures = !object;
    va_list pairs;

    va_start(pairs, name);
    for (; name; name = va_arg(pairs, const char *))
        failures += json_object_set_new(object, name, va_arg(pairs, json_t *)) < 0;
    va_end(pairs);
    if (!failures)
        return object;
    json_decref(object);
    return NULL;
}

int json_to_number(const json_t *value, double *ret)
{
    if (json_is_null(value))
        *ret = (double)NAN;
    else if (json_is_number(value))
        *ret = json_number_value(value);
    else
        return -EINVAL;
    return 0;
}

double json_number_or_nan(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

int json_to_count(const json_t *value, uint64_t *ret)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return -EINVAL;
    *ret = (uint64_t)json_integer_value(value);
    return 0;
}

int json_to_cpuset(const json_t *value, struct cpuset *ret)
{
    const char *text = json_string_value(value);

    if (!text)
        return -EINVAL;
    if (!text[0]) {
        *ret = (struct cpuset){0};
        return 0;
    }
    return cpuset_parse(text, ret);
}

int json_to_guest(const json_t *uuid, const json_t *name, struct guest_id *ret)
{
    struct guest_id guest = {0};

    if (!json_is_string(uuid) || !json_is_string(name) ||
        json_string_length(name) >= sizeof(guest.true_name) ||
        guest_uuid_parse(json_string_value(uuid), guest.uuid) < 0)
        return -EINVAL;
    guest_name_set(&guest, json_string_value(name));
    *ret = guest;
    return 0;
}

int json_load_code(const json_error_t *error)
{
    bool is_memory = json_error_code(error) == json_error_out_of_memory || errno == ENOMEM;

    return is_memory ? -ENOMEM : -EINVAL;
}

/* Into room that is there before it is written. */
char *json_text(const json_t *json, size_t flags)
{
    size_t size = json_dumpb(json, NULL, 0, flags);
    char *text = size > 0 ? malloc(size + 1) : NULL;

    if (!text)
        return NULL;
    if (json_dumpb(json, text, size, flags) != size) {
        free(text);
        return NULL;
    }
    text[size] = '\0';
    return text;
}

char *json_line(json_t *object, int digits)
{
    char *text = NULL, *line = NULL;
    size_t end;

    if (object)
        text = json_text(object, JSON_COMPACT | JSON_REAL_PRECISION((size_t)digits));
    json_decref(object);
    if (text)
        line = malloc(text_escaped_size(text) + 2);
    if (line) {
        end = text_escape(text, line);
        line[end] = '\n';
        line[end + 1] = '\0';
    }
    free(text);
    return line;
}

json_t *json_unless(json_t *json, int failures)
{
    if (!failures)
        return json;
    json_decref(json);
    return NULL;
}
