/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_PAGE_SKIM_H
#define EVENKEEL_AGENT_PAGE_SKIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A few members of a long JSON text, read once from left to right without building anything: a day of
 * recording is gigabytes of which a page needs a hundredth. What is passed over is not checked beyond
 * its brackets and strings. */
struct skim {
    const char *at, *end;
    bool
        failed; /* it is no JSON, or nested deeper than anything of ours: nothing is found any more */
};
/* A part of the text; a string's is what stands between its quotes, with its escapes. */
struct skim_part {
    const char *at;
    size_t n;
};

/* The text must have a NUL behind its end. */
void skim_begin(struct skim *skim, const char *text, size_t n);
/* Steps into the object or array that is next; false: another value is next, which is passed over. */
bool skim_object(struct skim *skim);
bool skim_array(struct skim *skim);
/* Inside of one: its next member or element, whose value is next then; false behind the last one, which
 * steps out. */
bool skim_member(struct skim *skim, struct skim_part *ret_name);
bool skim_element(struct skim *skim);
/* The value that is next is passed over, and taken where it is what is asked for. */
void skim_pass(struct skim *skim);
bool skim_number(struct skim *skim, double *ret);
bool skim_count(struct skim *skim, uint64_t *ret);
bool skim_string(struct skim *skim, struct skim_part *ret);

bool skim_is(const struct skim_part *part, const char *text);
/* A string with its escapes undone, valid UTF-8 and cut to size; "" where it is none. Returns ret. */
const char *skim_text(const struct skim_part *part, char *ret, size_t size);

#endif
