/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_JSON_VALUES_H
#define EVENKEEL_AGENT_BASE_JSON_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "planner/base/cpuset.h"
#include "planner/base/guest.h"

/* Values that JSON cannot hold as they are. Each returns a new reference, or NULL without
 * memory. */

json_t *json_from_number(double value);   /* null where it is not finite */
json_t *json_from_text(const char *text); /* printable, as text_printable() makes it */
/* The true name: the one value in which a stranger's text stands as it is. Bytes that are not UTF-8
 * become '?'; json_line() escapes what readers cannot see. */
json_t *json_from_guest(const struct guest_id *guest);
json_t *json_from_count(uint64_t value); /* INT64_MAX where it is larger */
json_t *json_from_uuid(const struct guest_id *guest);
json_t *json_from_cpuset(const struct cpuset *set); /* "0-3,7" */

/* An object of pairs of a name and a new reference, ended by a NULL name. Takes the references
 * over; NULL where one of them is. */
json_t *json_members(const char *name, ...);

/* json where nothing failed, else NULL after dropping it. */
json_t *json_unless(json_t *json, int failures);

/* The other way. 0, or -EINVAL (-ENOMEM) with *ret untouched. */
int json_to_number(const json_t *value, double *ret); /* null becomes NAN */
int json_to_count(const json_t *value, uint64_t *ret);
int json_to_cpuset(const json_t *value, struct cpuset *ret);
int json_to_guest(const json_t *uuid, const json_t *name, struct guest_id *ret);

double json_number_or_nan(const json_t *value); /* NAN where it is no number */

/* Why a text could not be loaded, where errno was 0 before: -ENOMEM, or -EINVAL: it is no JSON. The
 * library does not tell them apart everywhere. */
int json_load_code(const json_error_t *error);

/* Digits that bring every double back to the last bit, and those that people care for. */
enum { JSON_DIGITS_EXACT = 17, JSON_DIGITS_SHORT = 12 };

/* A value as text, malloc'ed; NULL without memory. jansson's json_dumps() leaves out a key when there is
 * no memory for it, and goes on (2.14). */
char *json_text(const json_t *json, size_t flags);

/* One object and a newline as text, malloc'ed, with \uXXXX for each character that is not
 * printable; drops the reference. NULL without memory, or where object is NULL. */
char *json_line(json_t *object, int digits);

#endif
