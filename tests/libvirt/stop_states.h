/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_LIBVIRT_STOP_STATES_H
#define EVENKEEL_TESTS_LIBVIRT_STOP_STATES_H

#include <stddef.h>
#include <stdint.h>

/* Everything in which a program may be when it is asked to stop. */
struct stop_state {
    const char *name;
    const char *line; /* the program and its arguments; FILE: the path of make()'s file */
    void (*make)(const char *path); /* or NULL */
    enum stop_output { TO_FILE, TO_FULL_PIPE, TO_STOPPED_TERMINAL, ERRORS_TO_FULL_PIPE } output;
    int settle_ms; /* until it is in that state */
};
extern const struct stop_state stop_states[];
extern const size_t n_stop_states;

/* Brings a program into the state, asks it to stop, and returns how long that took; -1 where it did
 * not end within limit_s and was killed. *ret_status is its exit status, 128 and more for a
 * signal. */
double stop_state_play(const struct stop_state *state, double limit_s, int *ret_status);

#endif
