/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_MODEL_OTHER_SOLVERS_H
#define EVENKEEL_TESTS_MODEL_OTHER_SOLVERS_H

#include <stdbool.h>

/* Solvers as programs of their own, fed through files as a user would feed them. */

bool has_program(const char *name);
/* Says so where it is not installed: such a test ends with 77. */
bool skipped_without(const char *name);

/* Writes the text to a new temporary file; the caller unlinks and frees its name. */
char *temporary_file(const char *suffix, const char *text);

/* The optimum that glpsol finds for an LP text, or for a MathProg model and its data. NAN when it
 * finds none. */
double glpsol_lp(const char *text);
double glpsol_math(const char *model_path, const char *data);

/* What CBC makes of an LP text within this time: true when it is optimal. */
bool cbc_lp(const char *text, int seconds, double *ret_objective);

#endif
