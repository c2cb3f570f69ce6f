# SPDX-License-Identifier: GPL-3.0-or-later
# Packages of what `cmake --install` installs, by CPack: .deb, .rpm and a tarball. `./bootstrap package`.
set(package_folder ${PROJECT_SOURCE_DIR}/agent/install/package)
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME evenkeel)
set(CPACK_PACKAGE_VENDOR "Evenkeel")
set(CPACK_PACKAGE_CONTACT "Evenkeel maintainers <maintainers@evenkeel.dev>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "even load and fair memory for the guests of a KVM host")
set(description
"vcpu_scheduler pins the guests' virtual CPUs so that the CPUs of the host
carry about the same load. memory_coordinator takes idle memory back through
the guests' balloons, gives it to guests that grow, and keeps a reserve for
the host. Both say the reason of every change.
@paragraph@
As installed they only look: nothing is changed until the configuration says
'act = yes'. Removing the package puts back what was found.")
string(REPLACE "@paragraph@" "." CPACK_PACKAGE_DESCRIPTION "${description}")
string(REPLACE "@paragraph@" "" CPACK_RPM_PACKAGE_DESCRIPTION "${description}")
set(CPACK_PACKAGE_FILE_NAME evenkeel-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})
# Files are named by their full paths, so they are installed where they will be, below DESTDIR.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${package_folder}/prepare.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${package_folder}/repack.cmake)
set(CPACK_EVENKEEL_PACKAGE_FOLDER ${package_folder})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Which user and which units there are, systemd is told; who may ask, the system's bus.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd (>= 245), default-dbus-system-bus | dbus-system-bus")
# Recommended, a libvirtd would be started where none is.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libvirt-daemon-system (>= 7.0), libvirt-clients, prometheus-node-exporter")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${package_folder}/deb/conffiles ${package_folder}/deb/postinst
    ${package_folder}/deb/prerm ${package_folder}/deb/postrm)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_SUMMARY "Even load and fair memory for the guests of a KVM host")
set(CPACK_RPM_SPEC_MORE_DEFINE "%define packager ${CPACK_PACKAGE_CONTACT}")
set(CPACK_RPM_PACKAGE_LICENSE "GPL-3.0-or-later")
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
set(CPACK_RPM_PACKAGE_REQUIRES "systemd >= 245, dbus")
set(CPACK_RPM_USER_FILELIST "%config(noreplace) /etc/evenkeel/evenkeel.conf")
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE ${package_folder}/rpm/post)
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE ${package_folder}/rpm/preun)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${package_folder}/rpm/postun)
set(CPACK_RPM_CHANGELOG_FILE ${package_folder}/rpm/changelog)
# What other packages own, and what these scripts are.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /usr/libexec /usr/sbin /usr/lib/systemd /usr/lib/systemd/catalog
    /usr/lib/systemd/system /usr/lib/sysusers.d /usr/share/bash-completion /usr/share/bash-completion/completions
    /usr/share/dbus-1 /usr/share/dbus-1/system.d /usr/share/fish /usr/share/fish/vendor_completions.d
    /usr/share/zsh /usr/share/zsh/site-functions /usr/share/man /usr/share/man/man1 /usr/share/man/man5
    /usr/share/man/man7 /usr/share/man/man8)
set(CPACK_PROJECT_CONFIG_FILE ${package_folder}/parts.cmake)
include(CPack)
configure_file(${package_folder}/cockpit.cmake.in ${PROJECT_BINARY_DIR}/CPackCockpit.cmake @ONLY)
configure_file(${package_folder}/fleet.cmake.in ${PROJECT_BINARY_DIR}/CPackFleet.cmake @ONLY)
