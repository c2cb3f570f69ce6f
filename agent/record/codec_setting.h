/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_RECORD_CODEC_SETTING_H
#define EVENKEEL_AGENT_RECORD_CODEC_SETTING_H

#include <jansson.h>

#include "planner/base/setting.h"

/* A table of settings as members of a JSON object, with their names. The number of failures, so
 * that several can be summed up before one check; object may be NULL. */
int codec_setting_write(json_t *object, const struct setting *table, size_t n, const void *from);
/* 0, or -EINVAL with a sentence that names the member; an optional one that is not there gets its
 * default. */
int codec_setting_read(const json_t *object, const struct setting *table, size_t n, void *ret,
                       struct err *err);

#endif
