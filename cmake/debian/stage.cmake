# Run by cpack between the installation of the components and the making of their packages.

set(source ${CPACK_PRISM_SOURCE})
set(debian ${CMAKE_CURRENT_LIST_DIR})
set(readable OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

function(put file folder)
  file(COPY ${file} DESTINATION ${folder} FILE_PERMISSIONS ${readable})
endfunction()

# Debian's tools look for changelogs and manual pages compressed, without a time in them.
function(compress)
  execute_process(COMMAND gzip -9n ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(component ${CPACK_COMPONENTS_ALL})
  string(TOUPPER ${component} upper)
  set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${component})
  set(doc ${root}/usr/share/doc/${package})
  put(${debian}/copyright ${doc})
  put(${debian}/changelog ${doc})
  compress(${doc}/changelog)
  if(EXISTS ${debian}/${package}.lintian-overrides)
    put(${debian}/${package}.lintian-overrides ${root}/usr/share/lintian/overrides)
    file(RENAME ${root}/usr/share/lintian/overrides/${package}.lintian-overrides
      ${root}/usr/share/lintian/overrides/${package})
  endif()
endforeach()

set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/libprism)
file(GLOB_RECURSE libraries ${root}/usr/lib/libprism.so.*)
file(CHMOD ${libraries} PERMISSIONS ${readable})

set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/prismctl)
# The library is where all programs look for theirs.
file(RPATH_REMOVE FILE ${root}/usr/bin/prismctl)
file(GLOB_RECURSE pages ${root}/usr/share/man/*.[17])
compress(${pages})
file(RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)
file(COPY ${source}/scripts/systemd/ DESTINATION ${root}/lib/systemd/system
  FILE_PERMISSIONS ${readable})
foreach(kind cron k8s)
  file(COPY ${source}/scripts/${kind} DESTINATION ${root}/usr/share/doc/prismctl/examples
    FILE_PERMISSIONS ${readable})
endforeach()
file(MAKE_DIRECTORY ${root}/etc/prismctl)
