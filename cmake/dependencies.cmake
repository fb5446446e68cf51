# Every dependency is a Debian package; what is missing is named by the package that brings it.

function(prism_require what package found)
  if(NOT found)
    message(FATAL_ERROR "${what} was not found. Install it with: apt-get install ${package}\n"
                        "(scripts/quickstart installs all that is needed.)")
  endif()
endfunction()

macro(prism_find name package)
  find_package(${name} ${ARGN} QUIET)
  prism_require("${name}" "${package}" "${${name}_FOUND}")
endmacro()

prism_find(PkgConfig pkg-config)
prism_find(Threads libc6-dev)
prism_find(CLI11 libcli11-dev)
prism_find(fmt libfmt-dev)
prism_find(spdlog libspdlog-dev)
prism_find(nlohmann_json nlohmann-json3-dev)
prism_find(tomlplusplus libtomlplusplus-dev)
prism_find(OpenSSL libssl-dev)
prism_find(SQLite3 libsqlite3-dev 3.37)

pkg_check_modules(ISAL QUIET IMPORTED_TARGET libisal)
prism_require("ISA-L" libisal-dev "${ISAL_FOUND}")
pkg_check_modules(PQXX QUIET IMPORTED_TARGET libpqxx)
prism_require("libpqxx" libpqxx-dev "${PQXX_FOUND}")
pkg_check_modules(PQ QUIET IMPORTED_TARGET libpq)
prism_require("libpq" libpq-dev "${PQ_FOUND}")
pkg_check_modules(HIREDIS QUIET IMPORTED_TARGET hiredis>=0.14)
prism_require("hiredis" libhiredis-dev "${HIREDIS_FOUND}")
