/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_GUEST_H
#define EVENKEEL_PLANNER_BASE_GUEST_H

#define GUEST_NAME_SIZE 240
#define GUEST_SHOWN_SIZE 41 /* a UUID fits, as some call their guests */
#define GUEST_UUID_SIZE 37

/* Who a guest is. The UUID decides, always; the name is for people: shortened, and without a character
 * that could harm a reader. */
struct guest_id {
    unsigned char uuid[16];
    char name[GUEST_SHOWN_SIZE];
    char true_name[GUEST_NAME_SIZE]; /* what its owner wrote, where that is another; may be cut */
};

/* Order by UUID: the stable order in which samples are sorted and ties are broken. */
int guest_compare(const struct guest_id *a, const struct guest_id *b);
void guest_uuid_text(const struct guest_id *guest, char text[GUEST_UUID_SIZE]);
int guest_uuid_parse(const char *text, unsigned char uuid[16]); /* 0 or -EINVAL */

#endif
