/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_PLANNER_BASE_GUEST_H
#define EVENKEEL_PLANNER_BASE_GUEST_H

#define GUEST_NAME_MAX 240
#define GUEST_UUID_TEXT 37

/* Who a guest is. The UUID decides, always; the name is for people and may be cut. */
struct guest_id {
    unsigned char uuid[16];
    char name[GUEST_NAME_MAX];
};

/* Order by UUID: the stable order in which samples are sorted and ties are broken. */
int guest_compare(const struct guest_id *a, const struct guest_id *b);
void guest_uuid_text(const struct guest_id *guest, char text[GUEST_UUID_TEXT]);
int guest_uuid_parse(const char *text, unsigned char uuid[16]); /* 0 or -EINVAL */

#endif
