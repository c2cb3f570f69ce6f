/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/one/storage.h"
#include "tests/unit/one_fixture.h"

static void see(const struct one_gaps *gaps, enum one_job job, struct one_document *document,
                struct one_picture *picture)
{
    struct err err = {0};

    one_read_fixture(gaps, document);
    if (one_picture_new(document, job, picture, &err) < 0)
        fail_msg("%s", err.text);
}

static void forget(struct one_document *document, struct one_picture *picture)
{
    one_picture_done(picture);
    one_document_done(document);
}

static void guests_are_the_vms_that_run(void **state)
{
    struct one_document document;
    struct one_picture picture;
    const struct fleet_guest *guest;

    (void)state;
    see(&(struct one_gaps){0}, ONE_OPTIMIZE, &document, &picture);
    assert_int_equal(picture.cluster.fleet.n_guests, 3);
    guest = one_guest(&document, &picture, 11);
    assert_string_equal(guest->name, "web (11)");
    assert_int_equal(guest->home, 0);
    assert_int_equal(guest->load_milli, 1805);
    assert_int_equal(guest->size[0], 2048);
    assert_int_equal(guest->size[1], 200);
    assert_int_equal(guest->price, 3);
    assert_null(guest->allowed);
    assert_int_equal(picture.cluster.fleet.hosts[0].room[0], 16384);
    assert_int_equal(picture.cluster.fleet.hosts[0].room[1], 800);
    assert_int_equal(picture.cluster.fleet.hosts[0].cpu_milli, 8000);
    forget(&document, &picture);
}

/* Two CPUs and 2 GiB are handed out to somebody else; of 6 CPUs in use 5.305 are known. */
static void others_of_a_host_count(void **state)
{
    struct one_document document;
    struct one_picture picture;
    const struct fleet_guest *guest;

    (void)state;
    see(&(struct one_gaps){.usage1 = "<MEM_USAGE>8388607</MEM_USAGE><CPU_USAGE>800</CPU_USAGE>"},
        ONE_OPTIMIZE, &document, &picture);
    assert_int_equal(picture.cluster.fleet.n_guests, 4);
    guest = &picture.cluster.fleet.guests[3];
    assert_string_equal(guest->name, "others on n1 (1)");
    assert_true(guest->is_fixed);
    assert_int_equal(guest->home, 0);
    assert_int_equal(guest->size[0], 2048);
    assert_int_equal(guest->size[1], 200);
    assert_int_equal(guest->load_milli, 695);
    forget(&document, &picture);
}

static void assert_stays(const struct one_gaps *gaps, const char *why)
{
    struct one_document document;
    struct one_picture picture;
    const struct fleet_guest *guest;

    see(gaps, ONE_OPTIMIZE, &document, &picture);
    guest = one_guest(&document, &picture, 10);
    assert_non_null(guest);
    assert_true(guest->is_fixed);
    assert_non_null(strstr(guest->why_fixed, why));
    forget(&document, &picture);
}

static void who_cannot_be_moved_stays(void **state)
{
    (void)state;
    assert_stays(&(struct one_gaps){.state10 = "<STATE>8</STATE>"}, "not running");
    assert_stays(&(struct one_gaps){.state10 = "<STATE>3</STATE><LCM_STATE>4</LCM_STATE>"},
                 "being done");
    assert_stays(&(struct one_gaps){.state10 = "<STATE>3</STATE><LCM_STATE>3</LCM_STATE>"
                                               "<RESCHED>1</RESCHED>"},
                 "placed anew");
    assert_stays(&(struct one_gaps){.user10 = "<ONEDRS_BLOCKED>yes</ONEDRS_BLOCKED>"},
                 "ONEDRS_BLOCKED");
    assert_stays(&(struct one_gaps){.template10 = "<PCI><VENDOR>1</VENDOR></PCI>"}, "PCI");
    assert_stays(
        &(struct one_gaps){.template10 = "<TOPOLOGY><PIN_POLICY>CORE</PIN_POLICY></TOPOLOGY>"},
        "pinned");
}

static void loads_are_mixed_as_the_cluster_says(void **state)
{
    struct one_document document;
    struct one_picture picture;

    (void)state;
    see(&(struct one_gaps){.drs =
                               "<CPU_USAGE_WEIGHT>1</CPU_USAGE_WEIGHT><CPU_WEIGHT>3</CPU_WEIGHT>"},
        ONE_OPTIMIZE, &document, &picture);
    assert_int_equal(one_guest(&document, &picture, 12)->load_milli, 1625); /* of .5 and 2 */
    forget(&document, &picture);
}

static const char pending[] = "<STATE>1</STATE><LCM_STATE>0</LCM_STATE><RESCHED>0</RESCHED>";

static void placing_knows_those_who_are_asked_about(void **state)
{
    struct one_document document;
    struct one_picture picture;
    const struct fleet *fleet;

    (void)state;
    see(&(struct one_gaps){.state10 = pending, .history10 = ""}, ONE_PLACE, &document, &picture);
    fleet = &picture.cluster.fleet;
    assert_int_equal(fleet->n_guests, 3); /* and what runs on two hosts */
    assert_null(one_guest(&document, &picture, 11));
    assert_int_equal(one_guest(&document, &picture, 10)->home, FLEET_NOWHERE);
    assert_int_equal(one_guest(&document, &picture, 10)->load_milli, 4000);
    assert_int_equal(fleet->guests[1].size[0], 6144);
    forget(&document, &picture);
}

/* A VM that has to leave keeps its room until it has left, and does not come back. */
static void who_has_to_leave_is_placed_elsewhere(void **state)
{
    struct one_document document;
    struct one_picture picture;
    const struct fleet_guest *guest;

    (void)state;
    see(&(struct one_gaps){.state10 =
                               "<STATE>3</STATE><LCM_STATE>3</LCM_STATE><RESCHED>1</RESCHED>",
                           .hosts10 = "<ID>2</ID><ID>3</ID>"},
        ONE_PLACE, &document, &picture);
    guest = one_guest(&document, &picture, 10);
    assert_int_equal(guest->home, FLEET_NOWHERE);
    assert_false(guest->allowed[0]);
    assert_true(guest->allowed[1] && guest->allowed[2]);
    assert_int_equal(picture.cluster.fleet.guests[1].size[0],
                     6144); /* others on n1, itself among them */
    forget(&document, &picture);
}

#define ROLE(name) "<VMGROUP><VMGROUP_ID>4</VMGROUP_ID><ROLE>" name "</ROLE></VMGROUP>"
#define GROUP(roles, rules)                                                                        \
    "<VM_GROUP><ID>4</ID><ROLES>" roles "</ROLES><TEMPLATE>" rules "</TEMPLATE></VM_GROUP>"

static void roles_keep_together_and_apart(void **state)
{
    struct one_document document;
    struct one_picture picture;
    const struct fleet *fleet = &picture.cluster.fleet;

    (void)state;
    see(&(struct one_gaps){.template10 = ROLE("a"),
                           .role11 = ROLE("a"),
                           .role12 = ROLE("b"),
                           .groups = GROUP("<ROLE><NAME>a</NAME><POLICY>AFFINED</POLICY></ROLE>"
                                           "<ROLE><NAME>b</NAME><HOST_ANTI_AFFINED>3,1"
                                           "</HOST_ANTI_AFFINED></ROLE>",
                                           "<ANTI_AFFINED>a, b</ANTI_AFFINED>")},
        ONE_OPTIMIZE, &document, &picture);
    assert_true(one_guest(&document, &picture, 10)->together >= 0);
    assert_int_equal(one_guest(&document, &picture, 10)->together,
                     one_guest(&document, &picture, 11)->together);
    assert_int_equal(one_guest(&document, &picture, 12)->together, FLEET_NOWHERE);
    assert_int_equal(fleet->n_apart, 2); /* 10 and 12, 11 and 12 */
    assert_int_equal(fleet->apart_first[2], 4);
    assert_false(one_guest(&document, &picture, 12)->allowed[0]);
    assert_true(one_guest(&document, &picture, 12)->allowed[1]);
    assert_false(one_guest(&document, &picture, 12)->allowed[2]);
    forget(&document, &picture);
}

static void whoever_runs_binds_whoever_comes(void **state)
{
    struct one_gaps gaps = {.state10 = pending,
                            .history10 = "",
                            .template10 = ROLE("a"),
                            .role12 = ROLE("a"),
                            .groups =
                                GROUP("<ROLE><NAME>a</NAME><POLICY>AFFINED</POLICY></ROLE>", "")};
    struct one_document document;
    struct one_picture picture;
    const bool *allowed;

    (void)state;
    see(&gaps, ONE_PLACE, &document, &picture);
    allowed = one_guest(&document, &picture, 10)->allowed;
    assert_true(!allowed[0] && allowed[1] && !allowed[2]);
    forget(&document, &picture);
    gaps.groups = GROUP("<ROLE><NAME>a</NAME><POLICY>ANTI_AFFINED</POLICY></ROLE>", "");
    see(&gaps, ONE_PLACE, &document, &picture);
    allowed = one_guest(&document, &picture, 10)->allowed;
    assert_true(allowed[0] && !allowed[1] && allowed[2]);
    forget(&document, &picture);
}

/* A datastore that is a disk of each host: host 2 has one, host 3 none. */
static void disks_have_to_find_room(void **state)
{
    struct one_document document;
    struct one_picture picture;
    const bool *allowed;

    (void)state;
    see(&(struct one_gaps){.shared = "NO",
                           .template10 = "<DISK><TYPE>fs</TYPE><SIZE>4000</SIZE></DISK>"},
        ONE_OPTIMIZE, &document, &picture);
    allowed = one_guest(&document, &picture, 10)->allowed;
    assert_true(allowed[0] && allowed[1] && !allowed[2]);
    forget(&document, &picture);
    see(&(struct one_gaps){.shared = "NO",
                           .template10 =
                               "<DISK><CLONE>YES</CLONE><CLONE_TARGET>SYSTEM</CLONE_TARGET>"
                               "<SIZE>6000</SIZE></DISK>"},
        ONE_OPTIMIZE, &document, &picture);
    assert_false(one_guest(&document, &picture, 10)->allowed[1]);
    forget(&document, &picture);
}

static void what_is_chosen_is_gone(void **state)
{
    struct one_document document;
    struct one_storage *storage;
    struct one_choice choice;

    (void)state;
    one_read_fixture(
        &(struct one_gaps){.state10 = pending,
                           .history10 = "",
                           .template10 = "<DISK><TYPE>fs</TYPE><SIZE>5000</SIZE></DISK>",
                           .nets = "<VNET><ID>5</ID><CLUSTERS><ID>100</ID></CLUSTERS>"
                                   "<USED_LEASES>1</USED_LEASES><AR_POOL><AR><SIZE>2</SIZE>"
                                   "</AR></AR_POOL></VNET>",
                           .nics10 = "<NIC><ID>0</ID><VNETS><ID>5</ID></VNETS></NIC>"},
        &document);
    storage = one_storage_new(&document);
    assert_true(one_storage_choose(storage, &document.vms[0], &document.hosts[2], &choice));
    assert_int_equal(choice.store, 0);
    assert_int_equal(choice.n_nics, 1);
    assert_int_equal(choice.net[0], 5);
    assert_false(one_storage_choose(storage, &document.vms[0], &document.hosts[2], &choice));
    one_storage_free(storage);
    one_document_done(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_are_the_vms_that_run),
        cmocka_unit_test(others_of_a_host_count),
        cmocka_unit_test(who_cannot_be_moved_stays),
        cmocka_unit_test(loads_are_mixed_as_the_cluster_says),
        cmocka_unit_test(placing_knows_those_who_are_asked_about),
        cmocka_unit_test(who_has_to_leave_is_placed_elsewhere),
        cmocka_unit_test(roles_keep_together_and_apart),
        cmocka_unit_test(whoever_runs_binds_whoever_comes),
        cmocka_unit_test(disks_have_to_find_room),
        cmocka_unit_test(what_is_chosen_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
