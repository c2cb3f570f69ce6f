/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_TEXT_H
#define EVENKEEL_AGENT_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Names are chosen by strangers: what reaches a terminal or a file goes through here. */

/* Replaces by '?', in place, each character that a reader cannot see or that changes how others are
 * shown: controls (C0, DEL, C1), marks of direction, zero-width and other invisible characters, and
 * bytes that are not UTF-8. */
void text_printable(char *text);
/* The same of nothing but bytes that are not UTF-8. */
void text_valid(char *text);
/* Whether all of it is UTF-8. */
bool text_is_valid(const char *text);
/* Whether it may stand in a command that people copy: letters, digits and - _ . + @ : alone, no option. */
bool text_is_word(const char *text);
/* JSON text, in which such characters stand in strings only, with \uXXXX for each: how many bytes
 * that takes with its end, and the copy, whose length is returned. */
size_t text_escaped_size(const char *text);
size_t text_escape(const char *text, char *ret);
/* A copy for a terminal, of at most size bytes with its end: cut at a whole character, and
 * printable. Returns ret. */
const char *text_shown(const char *text, char *ret, size_t size);
/* What is wrong with a command line, with the word that is: of several mistakes the first one is told. */
void text_mistake(char *said, size_t size, const char *sentence, const char *word);
extern const char text_unknown_option[];
/* Cuts the last, incomplete UTF-8 character off, if any. Whole bytes that are not UTF-8 stay. */
void text_trim_utf8(char *text);
/* At most width columns of name, one per character, padded with spaces when pad is set; a longer
 * name keeps its head and its tail around "..", because people number guests at the end. size >=
 * 4 * width + 1. */
void text_column(const char *name, size_t width, int pad, char *ret, size_t size);
/* How many columns the first n bytes take, one for each character. */
size_t text_columns(const char *text, size_t n);
/* What makes a noun's plural where there are n: nothing for one. */
const char *text_plural(size_t n);
/* An order for people, as strcmp() has it: "vm2" before "vm10". */
int text_compare(const char *a, const char *b);
/* A bar of width columns: '#' for the share done, '.' from there to upto, spaces after; shares of
 * the whole width, cut to 0..1. ret has width + 1 bytes. */
void text_bar(double done, double upto, size_t width, char *ret);

#endif
