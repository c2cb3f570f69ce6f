# SPDX-License-Identifier: GPL-3.0-or-later
# Run by CPack behind packing: a .deb and a tarball have something of who packed them, the umask, the user and the
# folder's order, until they are packed again.
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(file IN LISTS CPACK_PACKAGE_FILES)
  set(folder ${file}.repack)
  if(file MATCHES "\\.deb$")
    run(dpkg-deb -R ${file} ${folder})
  elseif(file MATCHES "\\.tar\\.gz$")
    file(MAKE_DIRECTORY ${folder})
    run(tar -xf ${file} -C ${folder})
  else()
    continue()
  endif()
  run(chmod -R u=rwX,go=rX ${folder})
  run(find ${folder} -exec touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +)
  if(file MATCHES "\\.deb$")
    run(dpkg-deb --root-owner-group -Zxz -b ${folder} ${file})
  else()
    run(tar --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -C ${folder} -cf ${file}.tar
        ${CPACK_PACKAGE_FILE_NAME})
    execute_process(COMMAND gzip -9nc ${file}.tar OUTPUT_FILE ${file} COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE ${file}.tar)
  endif()
  file(REMOVE_RECURSE ${folder})
endforeach()
