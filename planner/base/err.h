/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_ERR_H
#define EVENKEEL_PLANNER_BASE_ERR_H

/* A failure: negative errno and one sentence that names the guest or option and the way out. Owned
 * by the caller, no allocation. Every function that takes one accepts NULL. */
struct err {
    int code;
    char text[320];
};

/* Fills *err and returns code, so that making and returning an error is one statement. code < 0. */
int err_set(struct err *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
