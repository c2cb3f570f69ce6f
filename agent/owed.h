/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_OWED_H
#define EVENKEEL_AGENT_OWED_H

#include "agent/session.h"

/* What a session owes the guests' owners: the state that it found before its first change, or that
 * an earlier session found and did not put back. */

/* Opens the journal of a real host, where anything may be changed. Without a place for it: an error
 * where --restore or --state was given in the foreground, else a warning, and nothing is changed until
 * there is one. 0 or a negative errno. */
int owed_open(struct session *session, struct err *err);
/* Call with each sample, before anything is planned: guests that have ended, and guests that returned
 * with what they went with. Marks those of whom that is not known yet. */
void owed_meet_vcpus(struct session *session, struct vcpu_sample *sample);
void owed_meet_memory(struct session *session, struct memory_sample *sample);

/* Whether originals are to be kept at all. */
bool owed_is_kept(const struct session *session);
/* Brings what was added to disk, and all of it where it was taken away there; before the change that it is about. Where that fails nothing may be
 * changed: what was added is forgotten, a warning says so once, and those who ask are told. 0 or a
 * negative errno with a sentence. */
int owed_sync(struct session *session, struct err *err);

/* Whether --restore --once has nothing to do, even where libvirt cannot be reached: there is no journal. */
bool owed_is_nothing(const struct options *options);
/* Whether there is nothing to plan: --restore --once. */
bool owed_is_all(const struct session *session);
/* Puts back what --restore asks for, or --on-stop release at a stop that is no restart, of one guest where --guest names it, and tries again while its budget
 * lasts. What is left is named and stays in the journal; session->owes is then set, as where that guest is
 * not known or the journal is another user's. */
void owed_put_back(struct session *session);
/* Says in the summary that something was left, and what puts it back. */
void owed_ask(const struct session *session);
/* Does once what an operator asked for over the bus, and tells what came of it. The guest is paused:
 * it would be changed again otherwise. One that nobody knows is not. */
void owed_release(struct session *session);

#endif
