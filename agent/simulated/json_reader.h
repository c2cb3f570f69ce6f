/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_JSON_READER_H
#define EVENKEEL_AGENT_SIMULATED_JSON_READER_H

#include <jansson.h>
#include <stdbool.h>

#include "planner/base/cpuset.h"
#include "planner/base/err.h"

/* Reads the members of one JSON object. Each member read is crossed off; member_end() refuses what
 * is left, so that a misspelt member is an error and not a default. The first failure stays, later
 * reads return their default: check once, at the end. */
struct member {
    json_t *left;   /* members not yet read */
    char where[80]; /* "events[3]" */
    int failed;     /* 0, or the first negative errno */
    struct err *err;
};

void member_begin(struct member *at, json_t *object, struct err *err, const char *where, int index);
/* Destroys; 0 or the first failure. */
int member_end(struct member *at);
int member_fail(struct member *at, int code, const char *key, const char *expected);

bool member_is(const struct member *at, const char *key);
double member_number(struct member *at, const char *key, double min, double max, double fallback);
bool member_bool(struct member *at, const char *key, bool fallback);
/* Copies at most size bytes; too long is an error. */
void member_text(struct member *at, const char *key, char *ret, size_t size, const char *fallback);
/* Index into a NULL-terminated list of words. */
int member_word(struct member *at, const char *key, const char *const *words, int fallback);
/* "0-3,8", or a number n for pCPUs 0..n-1. */
void member_cpuset(struct member *at, const char *key, struct cpuset *ret,
                   const struct cpuset *fallback);
/* A new reference to drop, or NULL. */
json_t *member_array(struct member *at, const char *key);
json_t *member_any(struct member *at, const char *key);
json_t *member_object(struct member *at, const char *key);

#endif
