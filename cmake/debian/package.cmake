# Debian packages: cpack --config build/release/CPackConfig.cmake -B build/packages
# libprism0, libprism-dev and prismctl are the components of cmake/install.cmake, and what stage.cmake
# adds to them: units of systemd, examples, the changelog, the copyright.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME prismctl)
set(CPACK_PACKAGE_CONTACT "prismctl maintainers <maintainers@prismctl.example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL libprism libprism-dev prismctl)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/stage.cmake)
set(CPACK_PRISM_SOURCE ${PROJECT_SOURCE_DIR})

get_target_property(prism_soversion prism SOVERSION)
set(prism_library_package libprism${prism_soversion})
set(prism_same_version "${prism_library_package} (= ${PROJECT_VERSION})")

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)

set(CPACK_DEBIAN_LIBPRISM_PACKAGE_NAME ${prism_library_package})
set(CPACK_DEBIAN_LIBPRISM_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBPRISM_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/triggers)
set(CPACK_DEBIAN_LIBPRISM_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_COMPONENT_LIBPRISM_DESCRIPTION
  "operates systems made of several databases (library)\n\
Reads workbooks of facts, keeps facts in SQLite, PostgreSQL or Neo4j,\n\
builds caches in Redis, and backs up and restores the databases of a\n\
system.")

set(CPACK_DEBIAN_LIBPRISM-DEV_PACKAGE_NAME libprism-dev)
set(CPACK_DEBIAN_LIBPRISM-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBPRISM-DEV_PACKAGE_DEPENDS ${prism_same_version})
set(CPACK_COMPONENT_LIBPRISM-DEV_DESCRIPTION
  "operates systems made of several databases (development files)\n\
The headers of libprism and its CMake package: find_package(prism),\n\
target prism::prism.")

# What it runs: pg_dump and pg_restore, age for encrypted backups, a redis-server for restore tests.
set(CPACK_DEBIAN_PRISMCTL_PACKAGE_NAME prismctl)
set(CPACK_DEBIAN_PRISMCTL_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PRISMCTL_PACKAGE_DEPENDS ${prism_same_version})
set(CPACK_DEBIAN_PRISMCTL_PACKAGE_RECOMMENDS "postgresql-client, age, ca-certificates")
set(CPACK_DEBIAN_PRISMCTL_PACKAGE_SUGGESTS "redis-server, zstd")
set(CPACK_DEBIAN_PRISMCTL_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_LIST_DIR}/postinst ${CMAKE_CURRENT_LIST_DIR}/prerm
  ${CMAKE_CURRENT_LIST_DIR}/postrm)
set(CPACK_DEBIAN_PRISMCTL_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_COMPONENT_PRISMCTL_DESCRIPTION
  "operates systems made of several databases\n\
Seeds, backs up, restores and watches systems made of several databases\n\
from one command line. Timers of systemd for backups, their checks and\n\
restore tests are included, and disabled.")

include(CPack)
