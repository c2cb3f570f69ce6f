# SPDX-License-Identifier: GPL-3.0-or-later
# Read by CPack for each kind of package: the page for Cockpit and
# evenkeel-fleet are in the tarball, and a .deb of their own each.
if(NOT CPACK_GENERATOR STREQUAL "TGZ")
  list(GET CPACK_INSTALL_CMAKE_PROJECTS 0 built)
  set(CPACK_INSTALL_CMAKE_PROJECTS "${built};evenkeel;Unspecified;/")
endif()
