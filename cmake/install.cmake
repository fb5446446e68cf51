# What `cmake --install` brings: the program, the library with its headers and CMake package
# (find_package(prism), target prism::prism), manual pages, completions. A component is what one
# Debian package holds: debian/package.cmake.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(PRISM_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/prism)

# The program finds its library wherever the prefix is moved to.
file(RELATIVE_PATH prism_lib_from_bin ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set_target_properties(prismctl PROPERTIES INSTALL_RPATH "$ORIGIN/${prism_lib_from_bin}")

install(TARGETS prism prismctl
  EXPORT prismTargets
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT prismctl
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libprism NAMELINK_COMPONENT libprism-dev
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

install(DIRECTORY ${PROJECT_SOURCE_DIR}/lib/prism
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT libprism-dev
  FILES_MATCHING PATTERN "*.hpp")

install(EXPORT prismTargets NAMESPACE prism:: DESTINATION ${PRISM_INSTALL_CMAKEDIR}
  COMPONENT libprism-dev)
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/prismConfig.cmake.in ${PROJECT_BINARY_DIR}/prismConfig.cmake
  INSTALL_DESTINATION ${PRISM_INSTALL_CMAKEDIR})
# Before 1.0 a minor version may break what the one before offered.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/prismConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/prismConfig.cmake
  ${PROJECT_BINARY_DIR}/prismConfigVersion.cmake
  DESTINATION ${PRISM_INSTALL_CMAKEDIR} COMPONENT libprism-dev)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/man/
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT prismctl
  FILES_MATCHING PATTERN "*.1")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/man/
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man7 COMPONENT prismctl
  FILES_MATCHING PATTERN "*.7")

set(prism_completions ${PROJECT_SOURCE_DIR}/completions)
install(FILES ${prism_completions}/prismctl.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  COMPONENT prismctl RENAME prismctl)
install(FILES ${prism_completions}/_prismctl
  DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT prismctl)
install(FILES ${prism_completions}/prismctl.fish
  DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT prismctl)

if(PRISM_TESTS)
  enable_testing()
  add_test(NAME "cmake: package config"
    COMMAND ${PROJECT_SOURCE_DIR}/tests/cmake/package_test.sh
      ${CMAKE_COMMAND} ${PROJECT_BINARY_DIR} ${CMAKE_GENERATOR} ${CMAKE_CXX_COMPILER}
      "${PRISM_SANITIZE}")
endif()
