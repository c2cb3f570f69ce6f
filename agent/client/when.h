/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CLIENT_WHEN_H
#define EVENKEEL_AGENT_CLIENT_WHEN_H

#include <stddef.h>
#include <stdint.h>

/* Times as people write and read them, in the local zone. */

/* "03:12", "03:12:07": the last time that it was so late. "2026-11-30", with "03:12" or "03:12:07" behind a
 * space or a T. 0 or -EINVAL. */
int when_clock(const char *text, int64_t now_s, int64_t *ret_s);
/* The same, and "2h", "2h ago", "1d": so long before now. */
int when_parse(const char *text, int64_t now_s, int64_t *ret_s);
/* "2026-11-30 03:12:07". Returns ret. */
const char *when_text(int64_t at_s, char *ret, size_t size);

#endif
