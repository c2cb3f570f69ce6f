/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/fleet_families.h"

/* one_document FAMILY HOSTS GUESTS SEED: a fleet of tests/model/fleet_families.h as oned would hand it to a
 * scheduler, valid against the published schema scheduler_driver_action.xsd. Who runs is asked to be evened
 * out; where somebody is stopped, he is pending, and those who run stand in their hosts' sums alone. */

enum { CLUSTER = 100, STORE = 0, PCPUS = 64, OVERCOMMIT = 8, NO_LIMIT = 100000, KIB = 1024 };

struct sums {
    long cpu, mib, load_tenths, vms;
};

static bool is_asked(const struct fleet_case *fleet, bool is_place, size_t i)
{
    return (fleet->home[i] < 0) == is_place;
}

static void put_permissions(void)
{
    puts("<PERMISSIONS><OWNER_U>1</OWNER_U><OWNER_M>1</OWNER_M><OWNER_A>0</OWNER_A><GROUP_U>0</"
         "GROUP_U>"
         "<GROUP_M>0</GROUP_M><GROUP_A>0</GROUP_A><OTHER_U>0</OTHER_U><OTHER_M>0</OTHER_M>"
         "<OTHER_A>0</OTHER_A></PERMISSIONS>");
}

static void put_owner(const char *of, size_t id)
{
    printf(
        "<%s><ID>%zu</ID><UID>0</UID><GID>0</GID><UNAME>oneadmin</UNAME><GNAME>oneadmin</GNAME>\n",
        of, id);
}

/* The set that keeps it apart from others, or -1. */
static long set_of(const struct fleet_case *fleet, size_t guest)
{
    for (size_t s = 0; s < fleet->n_apart; s++)
        for (int k = fleet->apart_first[s]; k < fleet->apart_first[s + 1]; k++)
            if (fleet->apart_item[k] == (int)guest)
                return (long)s;
    return -1;
}

static void put_history(const struct fleet_case *fleet, size_t i)
{
    if (fleet->home[i] >= 0)
        printf("<HISTORY><OID>%zu</OID><SEQ>0</SEQ><HOSTNAME>h%04d</HOSTNAME><HID>%d</HID><CID>%d</"
               "CID>"
               "<STIME>1</STIME><ETIME>0</ETIME><VM_MAD>kvm</VM_MAD><TM_MAD>shared</TM_MAD>"
               "<DS_ID>%d</DS_ID><PLAN_ID>-1</PLAN_ID><ACTION_ID>-1</ACTION_ID><PSTIME>1</PSTIME>"
               "<PETIME>1</PETIME><RSTIME>1</RSTIME><RETIME>0</RETIME><ESTIME>0</ESTIME>"
               "<EETIME>0</EETIME><ACTION>0</ACTION><UID>-1</UID><GID>-1</GID>"
               "<REQUEST_ID>-1</REQUEST_ID></HISTORY>",
               i, fleet->home[i], fleet->home[i], CLUSTER, STORE);
}

static void put_vm(const struct fleet_case *fleet, size_t i)
{
    bool runs = fleet->home[i] >= 0;
    long tenths = (long)PCPUS * fleet->load_permille[i], set = set_of(fleet, i);

    put_owner("VM", i);
    printf("<NAME>g%05zu</NAME>", i);
    put_permissions();
    printf("<LAST_POLL>1</LAST_POLL><STATE>%d</STATE><LCM_STATE>%d</LCM_STATE><PREV_STATE>%d</"
           "PREV_STATE>"
           "<PREV_LCM_STATE>%d</PREV_LCM_STATE><RESCHED>0</RESCHED><STIME>1</STIME><ETIME>0</ETIME>"
           "<DEPLOY_ID/><MONITORING>",
           runs ? 3 : 1, runs ? 3 : 0, runs ? 3 : 1, runs ? 3 : 0);
    if (runs)
        printf("<CPU>%ld.%ld</CPU>", tenths / 10, tenths % 10);
    printf(
        "</MONITORING><SCHED_ACTIONS/><TEMPLATE><CPU>%d</CPU><DISK><SIZE>1024</SIZE><TYPE>fs</TYPE>"
        "</DISK><MEMORY>%d</MEMORY><TM_MAD_SYSTEM>shared</TM_MAD_SYSTEM><VCPU>%d</VCPU>",
        fleet->size[i * FLEET_ROOMS + FLEET_VCPUS], fleet->size[i * FLEET_ROOMS + FLEET_MEMORY],
        fleet->size[i * FLEET_ROOMS + FLEET_VCPUS]);
    if (set >= 0)
        printf("<VMGROUP><ROLE>apart</ROLE><VMGROUP_ID>%ld</VMGROUP_ID></VMGROUP>", set);
    printf("<VMID>%zu</VMID></TEMPLATE><USER_TEMPLATE/><HISTORY_RECORDS>", i);
    put_history(fleet, i);
    puts("</HISTORY_RECORDS><BACKUPS><BACKUP_CONFIG/><BACKUP_IDS/></BACKUPS></VM>");
}

static void add_sums(const struct fleet_case *fleet, size_t host, struct sums *ret)
{
    *ret = (struct sums){0};
    for (size_t i = 0; i < fleet->n_items; i++) {
        if (fleet->home[i] != (int)host)
            continue;
        ret->cpu += 100L * fleet->size[i * FLEET_ROOMS + FLEET_VCPUS];
        ret->mib += fleet->size[i * FLEET_ROOMS + FLEET_MEMORY];
        ret->load_tenths += (long)PCPUS * fleet->load_permille[i];
        ret->vms++;
    }
}

static void put_host(const struct fleet_case *fleet, size_t p)
{
    long total = (long)PCPUS * fleet->share_permille[p] / 10, most = total * OVERCOMMIT;
    long mib = fleet->room[p * FLEET_ROOMS + FLEET_MEMORY];
    int vcpus = fleet->room[p * FLEET_ROOMS + FLEET_VCPUS];
    struct sums sums;

    if (vcpus < NO_LIMIT)
        most = 100L * vcpus;
    add_sums(fleet, p, &sums);
    printf(
        "<HOST><ID>%zu</ID><NAME>h%04zu</NAME><STATE>2</STATE><PREV_STATE>2</PREV_STATE>"
        "<IM_MAD>kvm</IM_MAD><VM_MAD>kvm</VM_MAD><CLUSTER_ID>%d</CLUSTER_ID><CLUSTER>one</CLUSTER>"
        "<HOST_SHARE><MEM_USAGE>%ld</MEM_USAGE><CPU_USAGE>%ld</CPU_USAGE><TOTAL_MEM>%ld</TOTAL_MEM>"
        "<TOTAL_CPU>%ld</TOTAL_CPU><MAX_MEM>%ld</MAX_MEM><MAX_CPU>%ld</MAX_CPU>"
        "<RUNNING_VMS>%ld</RUNNING_VMS><VMS_THREAD>1</VMS_THREAD>\n",
        p, p, CLUSTER, sums.mib * KIB, sums.cpu, mib * KIB, total, mib * KIB, most, sums.vms);
    printf("<DATASTORES><DISK_USAGE>0</DISK_USAGE><FREE_DISK>900000</FREE_DISK>"
           "<MAX_DISK>1000000</MAX_DISK><USED_DISK>100000</USED_DISK></DATASTORES><PCI_DEVICES/>"
           "<NUMA_NODES/></HOST_SHARE><VMS>");
    for (size_t i = 0; i < fleet->n_items; i++)
        if (fleet->home[i] == (int)p)
            printf("<ID>%zu</ID>", i);
    printf("</VMS><TEMPLATE/><MONITORING><TIMESTAMP>1</TIMESTAMP><ID>%zu</ID><CAPACITY>"
           "<FREE_CPU>%ld</FREE_CPU><FREE_MEMORY>%ld</FREE_MEMORY><USED_CPU>%ld</USED_CPU>"
           "<USED_MEMORY>%ld</USED_MEMORY></CAPACITY></MONITORING></HOST>\n",
           p, total, (mib - sums.mib) * KIB, sums.load_tenths / 10, sums.mib * KIB);
}

static void put_stores(void)
{
    printf("<DATASTORE_POOL>");
    put_owner("DATASTORE", STORE);
    printf("<NAME>system</NAME>");
    put_permissions();
    printf("<DS_MAD/><TM_MAD>shared</TM_MAD><BASE_PATH>/var/lib/one/datastores/%d</BASE_PATH>"
           "<TYPE>1</TYPE><DISK_TYPE>0</DISK_TYPE><STATE>0</STATE><CLUSTERS><ID>%d</ID></CLUSTERS>"
           "<TOTAL_MB>1000000000</TOTAL_MB><FREE_MB>900000000</FREE_MB><USED_MB>100000000</USED_MB>"
           "<IMAGES/><TEMPLATE><SHARED>YES</SHARED><TM_MAD>shared</TM_MAD></TEMPLATE></DATASTORE>"
           "</DATASTORE_POOL><VNET_POOL/>\n",
           STORE, CLUSTER);
}

static void put_groups(const struct fleet_case *fleet)
{
    printf("<VM_GROUP_POOL>");
    for (size_t s = 0; s < fleet->n_apart; s++) {
        put_owner("VM_GROUP", s);
        printf("<NAME>group%zu</NAME>", s);
        put_permissions();
        printf(
            "<ROLES><ROLE><ID>0</ID><NAME>apart</NAME><POLICY>ANTI_AFFINED</POLICY></ROLE></ROLES>"
            "<TEMPLATE/></VM_GROUP>\n");
    }
    puts("</VM_GROUP_POOL>");
}

static void put_cluster(const struct fleet_case *fleet)
{
    printf("<CLUSTER_POOL><CLUSTER><ID>%d</ID><NAME>one</NAME><HOSTS>", CLUSTER);
    for (size_t p = 0; p < fleet->n_bins; p++)
        printf("<ID>%zu</ID>", p);
    printf("</HOSTS><DATASTORES><ID>%d</ID></DATASTORES><VNETS/><TEMPLATE><ONE_DRS>"
           "<AUTOMATION>partial</AUTOMATION><CPU_USAGE_WEIGHT>1</CPU_USAGE_WEIGHT>"
           "<MIGRATION_THRESHOLD>-1</MIGRATION_THRESHOLD><POLICY>BALANCE</POLICY>"
           "<PREDICTIVE>0</PREDICTIVE></ONE_DRS></TEMPLATE></CLUSTER></CLUSTER_POOL>\n",
           STORE);
}

static void put_requirement(const struct fleet_case *fleet, size_t i)
{
    printf("<VM><ID>%zu</ID><HOSTS>", i);
    for (size_t p = 0; p < fleet->n_bins; p++)
        if (!fleet->allowed || fleet->allowed[i * fleet->n_bins + p])
            printf("<ID>%zu</ID>", p);
    printf("</HOSTS><DATASTORES><ID>%d</ID></DATASTORES></VM>\n", STORE);
}

static void put_document(const struct fleet_case *fleet)
{
    bool is_place = false;

    for (size_t i = 0; i < fleet->n_items; i++)
        is_place = is_place || fleet->home[i] < 0;
    puts("<SCHEDULER_DRIVER_ACTION><VM_POOL>");
    for (size_t i = 0; i < fleet->n_items; i++)
        if (is_asked(fleet, is_place, i))
            put_vm(fleet, i);
    puts("</VM_POOL><HOST_POOL>");
    for (size_t p = 0; p < fleet->n_bins; p++)
        put_host(fleet, p);
    puts("</HOST_POOL>");
    put_stores();
    put_groups(fleet);
    if (is_place)
        puts("<CLUSTER_POOL/>");
    else
        put_cluster(fleet);
    puts("<REQUIREMENTS>");
    for (size_t i = 0; i < fleet->n_items; i++)
        if (is_asked(fleet, is_place, i))
            put_requirement(fleet, i);
    puts("</REQUIREMENTS></SCHEDULER_DRIVER_ACTION>");
}

int main(int argc, char **argv)
{
    size_t hosts, guests;
    unsigned seed;
    struct fleet_case fleet;
    char end;

    if (argc != 5 || sscanf(argv[2], "%zu%c", &hosts, &end) != 1 ||
        sscanf(argv[3], "%zu%c", &guests, &end) != 1 || sscanf(argv[4], "%u%c", &seed, &end) != 1 ||
        !fleet_case_new(argv[1], hosts, guests, seed, &fleet)) {
        fprintf(stderr, "one_document FAMILY HOSTS GUESTS SEED\n");
        return EXIT_FAILURE;
    }
    put_document(&fleet);
    fleet_case_done(&fleet);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
