#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# root.sh BUILD: the .deb installed, upgraded, removed and purged in a Debian root that is thrown away. It is made
# once (a minute), and each scene has a copy of its own that only it sees. No systemd runs there: what its scripts
# ask of systemctl is written down.
# shellcheck disable=SC2317 # must() calls functions
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash" "$1"
[ "$(id -u)" -eq 0 ] || skip "needs root, for a root folder of Debian's"
deb=$(package 'evenkeel_*.deb') || { echo "$deb" && exit 77; }
fleet=$(package 'evenkeel-fleet_*.deb') || { echo "$fleet" && exit 77; }
for tool in debootstrap unshare dpkg-deb; do
    command -v $tool >/dev/null || skip "needs $tool"
done
if [ -z "${PACKAGE_INSIDE:-}" ]; then
    unshare --mount true 2>/dev/null || skip "this machine does not let root make namespaces"
    PACKAGE_INSIDE=1 exec unshare --mount --propagation private "$0" "$@"
fi
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
base=$build/package-root-$release

depends=$( (dpkg-deb -f "$deb" Depends && dpkg-deb -f "$fleet" Depends) | paste -sd, | sed -E 's/\([^)]*\)//g; s/\|[^,]*//g; s/default-dbus-system-bus/dbus/; s/ //g')
if [ "$(cat "$base.depends" 2>/dev/null)" != "$depends" ]; then
    rm -rf "$base" "$base.new"
    debootstrap --variant=minbase --include="$depends" "$release" "$base.new" >"$base.log" 2>&1 ||
        skip "no root folder of $release: $(tail -n 1 "$base.log")"
    rm -rf "$base.new"/var/cache/apt/archives/*.deb "$base.new"/var/lib/apt/lists/*
    mv "$base.new" "$base"
    echo "$depends" >"$base.depends"
fi

work=$(mktemp -d)
trap 'umount -l "$work/root/proc" "$work/root" 2>/dev/null; umount -l "$work" 2>/dev/null; rm -rf "$work"' EXIT
mount -t tmpfs package "$work"
root=$work/root

# fresh: an empty machine, as if systemd ran, whose systemctl only writes down what it is asked.
fresh() {
    umount -l "$root/proc" "$root" 2>/dev/null
    rm -rf "$work"/{upper,inside}
    mkdir -p "$root" "$work"/{upper,inside}
    mount -t overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/inside" package "$root"
    mount -t proc proc "$root/proc"
    mkdir -p "$root/run/systemd/system" "$root/usr/local/bin" "$root/packages"
    cp "$deb" "$root/packages/evenkeel.deb"
    cp "$fleet" "$root/packages/fleet.deb"
    cat >"$root/usr/local/bin/systemctl" <<'END'
#!/bin/sh
echo "$*" >>/asked
case "$*" in
*able*|*preset*) exec /usr/bin/systemctl --root=/ "$@" ;;
*is-active*) exit 3 ;;
esac
END
    printf '#!/bin/sh\necho "evenkeelctl $*" >>/asked\nexec /usr/bin/evenkeelctl "$@"\n' >"$root/usr/local/bin/evenkeelctl"
    chmod +x "$root"/usr/local/bin/*
    : >"$root/asked"
}
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null; }
policy() { printf '#!/bin/sh\nexit %d\n' "$1" >"$root/usr/sbin/policy-rc.d" && chmod +x "$root/usr/sbin/policy-rc.d"; }
asked() { grep -cE -- "$1" "$root/asked"; }
# apart: all names but those of dpkg's, and of what a minute changes.
apart() {
    find "$root" -xdev \( -path "$root/var/lib/dpkg" -o -path "$root/var/log" -o -path "$root/packages" \) -prune \
        -o -printf '%P %m %U:%G %y\n' | grep -vE '^(asked|var/cache/ldconfig/aux-cache) ' | sort
}
# owe URI: something is written down, and libvirt is there.
owe() {
    printf '[vcpu]\nconnect = %s\n[memory]\nconnect = %s\n' "$1" "$1" >"$root/etc/evenkeel/evenkeel.conf"
    mkdir -p "$root/var/lib/evenkeel"
    tee "$root"/var/lib/evenkeel/{memory-1,pauses-memory,history-memory}.json <<<'{}' >/dev/null
}
owed() { [ -f "$root/var/lib/evenkeel/memory-1.json" ]; }
removal() {
    : >"$root/asked"
    inside dpkg -r evenkeel >"$work/said" 2>&1
}

fresh
apart >"$work/before"
policy 101
must "installed where policy-rc.d says no" inside dpkg -i /packages/evenkeel.deb
must "nothing is started" test "$(asked '^.*(start|reload dbus)')" -eq 0
must "there is a user who may use libvirt" has 'evenkeel.*libvirt' < <(inside id evenkeel)
must "what starts with the machine is the target" inside test -L /etc/systemd/system/multi-user.target.wants/evenkeel.target
must "and nothing would be changed" has '^act = no ;' < <(
    inside vcpu_scheduler --config /etc/evenkeel/evenkeel.conf --show-config)
must "removed" inside dpkg -r evenkeel
must "configuration stays" test -f "$root/etc/evenkeel/evenkeel.conf"
must "purged" inside dpkg -P evenkeel
rm "$root/usr/sbin/policy-rc.d"
apart >"$work/after"
# The user database, of which the tools keep the one before as well, and the lock by which they write.
rest() { diff "$work/before" "$work/after" | grep -vE '^[^<>]|^[<>] etc/(\.pwd\.lock|(passwd|group|shadow|gshadow)-?) '; }
must "nothing is left" test -z "$(rest)"
added() { diff "$base/etc/$1" "$root/etc/$1" | sed -n 's/^> //p' | cut -d: -f1,4 | sort | xargs; }
must "but the user, and libvirt's group without it" test "$(added group)" = "evenkeel: libvirt:"
must "who is one" has '^evenkeel:' < <(diff "$base/etc/passwd" "$root/etc/passwd" | sed -n 's/^> //p')

fresh
must "installed" inside dpkg -i /packages/evenkeel.deb
must "it is started once" test "$(asked '^--quiet --system start evenkeel.target$')" -eq 1
must "behind the bus's look at its policy" test "$(grep -nE 'reload dbus|start evenkeel' "$root/asked" | head -n 1 | cut -d: -f2)" = "reload dbus.service"
owe test:///default
printf '# mine\n' >>"$root/etc/evenkeel/evenkeel.conf"
dpkg-deb -R "$deb" "$work/next"
sed -i 's/^Version: .*/Version: 0.1.1/' "$work/next/DEBIAN/control"
dpkg-deb --root-owner-group -b "$work/next" "$root/packages/next.deb" >/dev/null
: >"$root/asked"
must "upgraded" inside dpkg -i /packages/next.deb
must "what runs is restarted" test "$(asked '^try-restart evenkeel-vcpu.service evenkeel-memory.service$')" -eq 1
must "and nothing is started or stopped" test "$(asked '(^| )(start|stop)( |$)')" -eq 0
must "nothing is released" test "$(asked '^evenkeelctl release')" -eq 0
must "the administrator's lines stay" grep -qx '# mine' "$root/etc/evenkeel/evenkeel.conf"
must "disabled" inside systemctl disable evenkeel.target
must "upgraded again" inside dpkg -i /packages/next.deb
must "who disabled it finds it so" test ! -e "$root/etc/systemd/system/multi-user.target.wants/evenkeel.target"
must "removed" removal
must "stopped first, then released" test "$(grep -E '^(stop|evenkeelctl)' "$root/asked" | cut -d' ' -f1,2 | xargs)" = \
    "stop evenkeel.target evenkeelctl release"
must "without a complaint" test "$(grep -c 'not everything' "$work/said")" -eq 0
must "state stays" owed

fresh
inside dpkg -i /packages/evenkeel.deb >/dev/null 2>&1
owe qemu:///system
must "removed where no libvirtd is" removal
must "what is owed is said to be kept" has 'not everything was put back.*/var/lib/evenkeel' <"$work/said"
must "and is" owed
must "until it is purged" inside dpkg -P evenkeel
must "and then is not" test ! -e "$root/var/lib/evenkeel"

fresh
inside dpkg -i /packages/evenkeel.deb >/dev/null 2>&1
owe qemu:///system
mkdir -p "$root/var/lib/evenkeel/mine"
mv "$root/var/lib/evenkeel/memory-1.json" "$root/var/lib/evenkeel/mine/"
printf '[memory]\nstate = /var/lib/evenkeel/mine\n' >"$root/etc/evenkeel/evenkeel.conf"
must "removed with a state folder of one's own" removal
must "it is looked at as well" test "$(asked '^evenkeelctl release')" -eq 1
must "purged in one go" inside dpkg -P evenkeel
inside dpkg -i /packages/evenkeel.deb >/dev/null 2>&1
owe qemu:///system
inside dpkg -P evenkeel >"$work/said" 2>&1
must "what is owed is not forgotten in silence" has 'what was still owed to guests is forgotten' <"$work/said"

fresh
inside dpkg -i /packages/evenkeel.deb >/dev/null 2>&1
owe test:///default
printf '[memory]\nact = maybe\n' >"$root/etc/evenkeel/evenkeel.conf"
must "removed with a configuration that is wrong" removal

fresh
inside dpkg -i /packages/evenkeel.deb >/dev/null 2>&1
must "removed where nothing is owed" removal
must "nobody is asked to release" test "$(asked '^evenkeelctl')" -eq 0
must "installed again" inside dpkg -i /packages/evenkeel.deb
must "it starts" test "$(asked '^--quiet --system start evenkeel.target$')" -eq 1
must "and once more the same" inside dpkg -i /packages/evenkeel.deb
must "that is an upgrade" test "$(asked '^--quiet --system start evenkeel.target$')" -eq 1

fresh
apart >"$work/before"
must "evenkeel-fleet is installed" inside dpkg -i /packages/fleet.deb
must "it starts, stops and enables nothing" test "$(asked '(start|stop|able|preset)')" -eq 0
must "there is a user who may use the cluster" has 'evenkeel-fleet.*haclient' < <(inside id evenkeel-fleet)
must "whose folder is nobody else's" test "$(stat -c '%a %U' "$root/var/lib/evenkeel-fleet" | cut -d' ' -f1)" = 700
: >"$root/var/lib/evenkeel-fleet/key"
: >"$root/asked"
must "once more the same" inside dpkg -i /packages/fleet.deb
must "that is an upgrade, which stops nothing" test "$(asked '(start|stop)')" -eq 0
must "evenkeel-fleet is removed" inside dpkg -r evenkeel-fleet
must "it is stopped then" test "$(asked '^stop evenkeel-fleet.service$')" -eq 1
must "its keys stay" test -f "$root/var/lib/evenkeel-fleet/key"
must "evenkeel-fleet is purged" inside dpkg -P evenkeel-fleet
apart >"$work/after"
must "nothing is left" test -z "$(rest)"
must "but the user, and the cluster's group without it" test "$(added group)" = "evenkeel-fleet: haclient:"
exit $((lost > 0))
