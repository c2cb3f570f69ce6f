/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HISTORY_CHANGE_TEXT_H
#define EVENKEEL_AGENT_HISTORY_CHANGE_TEXT_H

#include <jansson.h>
#include <stdbool.h>

/* What a change in a line of the history (changes.h) was, for people. Texts are printable. */
enum { CHANGE_TEXT_SIZE = 400 };

/* Of whom and from where to where: "vCPU 1 from pCPU 4 to pCPU 7", "emulator to pCPU 4-7", "vCPU 1 from pCPU 4,
 * to float", "from 512 to 640 MiB". how, as change_how() tells it, stands behind who it is about; NULL is
 * none. Returns ret. */
const char *change_text(const json_t *change, const char *how, char ret[CHANGE_TEXT_SIZE]);
/* "pinned", "would be shrunk", "could not be put back". Returns ret. */
enum { CHANGE_HOW_SIZE = 80 };
const char *change_how(const json_t *change, bool is_dry_run, char ret[CHANGE_HOW_SIZE]);

/* Whether it was not carried out. */
bool change_has_failed(const json_t *change);

#endif
