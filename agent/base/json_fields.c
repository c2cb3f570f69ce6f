/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/json_fields.h"

#include <errno.h>
#include <string.h>

#include "agent/base/json_values.h"

static json_t *get_value(const struct json_field *field, const void *from)
{
    const char *place = (const char *)from + field->offset;
    uint64_t count;
    double number;

    if (field->kind == JSON_FIELD_COUNT) {
        memcpy(&count, place, sizeof(count));
        return json_from_count(count);
    }
    memcpy(&number, place, sizeof(number));
    return json_from_number(number);
}

int json_fields_set(json_t *object, const struct json_field *fields, size_t n, const void *from)
{
    int failures = 0;

    for (size_t i = 0; i < n; i++)
        failures += json_object_set_new(object, fields[i].name, get_value(&fields[i], from)) < 0;
    return failures;
}

static int set_value(const json_t *value, const struct json_field *field, void *ret)
{
    char *place = (char *)ret + field->offset;
    uint64_t count;
    double number;

    if (field->kind == JSON_FIELD_COUNT) {
        if (json_to_count(value, &count) < 0)
            return -EINVAL;
        memcpy(place, &count, sizeof(count));
    } else {
        if (json_to_number(value, &number) < 0)
            return -EINVAL;
        memcpy(place, &number, sizeof(number));
    }
    return 0;
}

int json_fields_get(const json_t *object, const struct json_field *fields, size_t n, void *ret,
                    struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (set_value(json_object_get(object, fields[i].name), &fields[i], ret) < 0)
            return err_set(err, -EINVAL, "'%s' is missing or no number", fields[i].name);
    }
    return 0;
}

json_t *json_unless(json_t *json, int failures)
{
    if (!failures)
        return json;
    json_decref(json);
    return NULL;
}
