# SPDX-License-Identifier: GPL-3.0-or-later
# Run by cmake --install: places what names other files by their full path, which only the
# installation knows. Below /usr, configuration is in /etc.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(etc /etc)
else()
  set(etc ${CMAKE_INSTALL_PREFIX}/etc)
endif()
set(bin ${CMAKE_INSTALL_PREFIX}/${BINDIR})
set(sbin ${CMAKE_INSTALL_PREFIX}/${SBINDIR})
foreach(unit evenkeel-vcpu evenkeel-memory)
  configure_file(${SOURCE}/agent/install/${unit}.service.in ${BINARY}/placed/${unit}.service @ONLY)
  file(INSTALL ${BINARY}/placed/${unit}.service DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
endforeach()
file(INSTALL ${SOURCE}/agent/install/evenkeel.target DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
file(INSTALL ${SOURCE}/agent/install/sysusers.conf DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/sysusers.d
     RENAME evenkeel.conf)
file(INSTALL ${SOURCE}/agent/install/evenkeel.conf DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/evenkeel)
if(NOT EXISTS $ENV{DESTDIR}${etc}/evenkeel/evenkeel.conf) # what somebody has written stays
  file(INSTALL ${SOURCE}/agent/install/etc.conf DESTINATION ${etc}/evenkeel RENAME evenkeel.conf)
endif()
# Empty: the page for Cockpit writes a file there, and can make no folder.
file(INSTALL DESTINATION ${etc}/evenkeel/evenkeel.conf.d TYPE DIRECTORY FILES "")
