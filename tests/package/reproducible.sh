#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# reproducible.sh BUILD: .deb and tarball, made once more in another folder, at another time, with another umask,
# locale and time zone, by another user, are the same byte for byte. Compiles everything (five minutes of a processor).
# shellcheck disable=SC2317 # must() calls functions
# shellcheck source-path=SCRIPTDIR source=lib.bash
. "$(dirname "$0")/lib.bash" "$1"
[ "$(id -u)" -eq 0 ] || skip "needs root, to be another user"
for tool in setpriv dpkg-shlibdeps git; do
    command -v $tool >/dev/null || skip "needs $tool"
done
package 'evenkeel_*.deb' >/dev/null || skip "there is no .deb in $build"
work=$(mktemp -d /var/tmp/evenkeel-again-XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir "$work/another folder"
(cd "$source" && git ls-files -z -co --exclude-standard | tar --null -T - -cf -) | tar -xf - -C "$work/another folder"
chown -R nobody "$work"
find "$work" -exec touch -h -d '2001-02-03 04:05' {} +
again() {
    cd "$work/another folder" || return
    umask 077
    setpriv --reuid=nobody --regid=nogroup --clear-groups env -i PATH="$PATH" HOME="$work" LC_ALL=C.UTF-8 LANG=de_DE.UTF-8 \
        TZ=Pacific/Chatham CCACHE_DISABLE=1 sh -c \
        'cmake --preset package && cmake --build --preset package -- -j2 && tests/package/pack build-package TGZ DEB'
}
must "made again as nobody, elsewhere" again
# same KIND: whether both are, else it names the files that are not.
same() {
    local one other
    one=$(package "$1") other=$(compgen -G "$work/another folder/build-package/$1")
    cmp "$one" "$other" && return
    rm -rf "$work/one" "$work/other"
    mkdir "$work/one" "$work/other"
    if [[ $1 = *.deb ]]; then
        dpkg-deb -R "$one" "$work/one" && dpkg-deb -R "$other" "$work/other"
    else
        tar -xf "$one" -C "$work/one" && tar -xf "$other" -C "$work/other"
    fi
    diff -rq "$work/one" "$work/other"
    return 1
}
for kind in 'evenkeel_*.deb' 'evenkeel-fleet_*.deb' 'cockpit-evenkeel_*.deb' 'evenkeel-*.tar.gz'; do
    must "$kind is the same" same "$kind"
done
exit $((lost > 0))
