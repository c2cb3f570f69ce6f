/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_JSON_FIELDS_H
#define EVENKEEL_AGENT_BASE_JSON_FIELDS_H

#include <jansson.h>
#include <stddef.h>

#include "planner/base/err.h"

/* Members of a plain struct that are doubles or uint64_t, as members of a JSON object. */
enum json_kind { JSON_FIELD_NUMBER, JSON_FIELD_COUNT };
struct json_field {
    const char *name;
    enum json_kind kind;
    size_t offset;
};

/* The number of failures, as more of them can be summed up before one check; object may be NULL. */
int json_fields_set(json_t *object, const struct json_field *fields, size_t n, const void *from);
/* 0, or -EINVAL with a sentence that names the member; all are required. */
int json_fields_get(const json_t *object, const struct json_field *fields, size_t n, void *ret,
                    struct err *err);
/* json where nothing failed, else NULL after dropping it. */
json_t *json_unless(json_t *json, int failures);

#endif
