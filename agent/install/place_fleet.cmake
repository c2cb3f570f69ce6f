# SPDX-License-Identifier: GPL-3.0-or-later
# Run by cmake --install, as place.cmake: what belongs to evenkeel-fleet and evenkeel-one.
set(sbin ${CMAKE_INSTALL_PREFIX}/${SBINDIR})
configure_file(${SOURCE}/agent/install/evenkeel-fleet.service.in ${BINARY}/placed/evenkeel-fleet.service @ONLY)
file(INSTALL ${BINARY}/placed/evenkeel-fleet.service DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
file(INSTALL ${SOURCE}/agent/install/fleet_sysusers.conf DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/sysusers.d
     RENAME evenkeel-fleet.conf)
# The folder that OpenNebula is given as a scheduler.
foreach(command place optimize)
  configure_file(${SOURCE}/agent/install/one_driver.in ${BINARY}/placed/${command} @ONLY)
  file(INSTALL ${BINARY}/placed/${command} DESTINATION ${CMAKE_INSTALL_PREFIX}/${LIBEXECDIR}/evenkeel/one
       PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endforeach()
