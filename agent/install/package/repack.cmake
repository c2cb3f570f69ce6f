# SPDX-License-Identifier: GPL-3.0-or-later
# Run by CPack behind packing: a tarball has the user who packed it, and files in the folder's order, until it
# is packed again.
foreach(file IN LISTS CPACK_PACKAGE_FILES)
  if(file MATCHES "\\.tar\\.gz$")
    set(folder ${file}.repack)
    file(MAKE_DIRECTORY ${folder})
    execute_process(COMMAND tar -xf ${file} -C ${folder} --preserve-permissions COMMAND_ERROR_IS_FATAL ANY)
    execute_process(
      COMMAND tar --sort=name --owner=0 --group=0 --numeric-owner --format=gnu --mtime=@$ENV{SOURCE_DATE_EPOCH}
              -C ${folder} -cf ${file}.tar ${CPACK_PACKAGE_FILE_NAME}
      COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND gzip -9nc ${file}.tar OUTPUT_FILE ${file} COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE_RECURSE ${folder} ${file}.tar)
  endif()
endforeach()
