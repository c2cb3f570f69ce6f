/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_OWNED_FILE_H
#define EVENKEEL_AGENT_BASE_OWNED_FILE_H

#include <stdbool.h>

#include "planner/base/err.h"

/* Files made with great rights, in places that strangers may reach. A file is made only in a folder
 * that belongs to us, to root or to the services' user evenkeel and that nobody else may write to: whoever owns the folder could
 * put a link there and so choose the file that we write. A folder that our own primary group may
 * write to counts as ours, as user-private groups have it. option is the option that names the
 * path, for the error's sentence. */

extern const char owned_file_user[]; /* the services' user */

/* Opens the folder; with make set, makes it first where it is missing. A symbolic link is refused.
 * A file descriptor or a negative errno: -EPERM where the folder is not safe. */
int owned_folder_open(const char *path, bool make, const char *option, struct err *err);

/* Makes the file new and opens it for writing; a link or a file that exists is never followed and
 * never cut short. Where the path exists as a plain file, "PATH.1", "PATH.2" and so on are tried:
 * what an earlier run wrote stays. ret is the path made, with size bytes; a path that does not fit
 * is -ENAMETOOLONG. A file descriptor or a negative errno. */
int owned_file_new(const char *path, const char *option, char *ret, unsigned long size,
                   struct err *err);

/* Makes NAME in the folder, replacing what is there only if it is a leftover of that very name: it
 * is taken away, not followed. A file descriptor or a negative errno. */
int owned_file_replace(int folder, const char *name);

/* Makes the text NAME's content, or leaves what was there: it is written beside, synced, and then put
 * in place. 0 or a negative errno. */
int owned_file_write(int folder, const char *name, const char *text);
/* The same for a file that everybody may read and that is written again soon: nothing waits for the
 * disk. */
int owned_file_show(int folder, const char *name, const char *text);

/* What root makes in the services' folder is the services' to write. Only for a file that was made just now:
 * one that was there may be somebody's by another name (a hard link), and that one is not given away. */
void owned_file_give(int folder, int fd);
/* Whether it is a plain file that has no other name. */
bool owned_file_is_single(int fd);

/* A file that makes no sense is kept as NAME.damaged.1, .2 and so on, so that another can be made; ret is
 * its name then. 0 or a negative errno, and it is where it was. */
int owned_file_set_aside(int folder, const char *name, char *ret, unsigned long size);

#endif
