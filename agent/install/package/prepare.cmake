# SPDX-License-Identifier: GPL-3.0-or-later
# Run by CPack between installation and packing: what packages have beside that, and everything with the
# modes and the time that it has whoever packs it, where and when.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# The time of the last change that the changelog tells of.
file(STRINGS ${CPACK_EVENKEEL_PACKAGE_FOLDER}/deb/changelog entry REGEX "^ -- ")
list(GET entry 0 entry)
string(REGEX REPLACE "^ -- .*>  " "" when "${entry}")
execute_process(COMMAND date -u -d "${when}" +%s OUTPUT_VARIABLE epoch OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
set(ENV{SOURCE_DATE_EPOCH} ${epoch})

set(documents ${root}/usr/share/doc/${CPACK_PACKAGE_NAME})
if(CPACK_GENERATOR STREQUAL "DEB")
  file(MAKE_DIRECTORY ${documents})
  file(COPY_FILE ${CPACK_EVENKEEL_PACKAGE_FOLDER}/deb/changelog ${documents}/changelog)
  file(COPY_FILE ${CPACK_EVENKEEL_PACKAGE_FOLDER}/deb/copyright ${documents}/copyright)
  run(gzip -9nf ${documents}/changelog)
endif()
file(GLOB pages ${root}/usr/share/man/man*/*.[0-9])
if(pages)
  run(gzip -9nf ${pages})
endif()
run(chmod -R u=rwX,go=rX ${root})
run(find ${root} -exec touch --no-dereference --date=@${epoch} {} +)
