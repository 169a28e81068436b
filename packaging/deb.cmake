# `cpack -G DEB` in a build directory makes untrack_VERSION_ARCH.deb and
# libuntrack-dev_VERSION_ARCH.deb. What the program depends on is asked of the binary itself
# (dpkg-shlibdeps), not listed here.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME untrack)
set(CPACK_PACKAGE_VENDOR "the untrack authors")
set(CPACK_PACKAGE_CONTACT "the untrack authors <untrack@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "firewall auditor for connection tracking")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_COMPONENTS_GROUPING IGNORE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Without it Debian takes CHANGELOG.md for the changelog of the package, whose form is its own.
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME untrack)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
"Reads rulesets of iptables and nftables and tells whether they force the
kernel to track connections, by which constructs and why; rewrites them
without state where it can prove that the policy is kept; compares rulesets
packet by packet; estimates the size and load of the conntrack table; plans
how to unload the modules. Reads files or the kernel, and changes nothing on
the running system.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libuntrack-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS libfmt-dev)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
"Headers, static libraries and CMake configuration of untrack: every command
of the program as a function, from texts to a value. The folders are libraries
of their own (untrack::parser, untrack::analysis and so on).")

# Debian Policy 12.7: the changelog of the package, beside that of the program.
configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog.Debian.in ${PROJECT_BINARY_DIR}/changelog.Debian @ONLY)
execute_process(COMMAND ${gzip_program} -n9c ${PROJECT_BINARY_DIR}/changelog.Debian
                OUTPUT_FILE ${PROJECT_BINARY_DIR}/changelog.Debian.gz COMMAND_ERROR_IS_FATAL ANY)
foreach(package untrack/runtime libuntrack-dev/development)
  cmake_path(GET package FILENAME component)
  cmake_path(GET package PARENT_PATH package)
  install(FILES ${PROJECT_BINARY_DIR}/changelog.Debian.gz
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
  # No bug of Debian asks for this package: it is not uploaded there.
  file(WRITE ${PROJECT_BINARY_DIR}/overrides/${package} "${package}: initial-upload-closes-no-bugs\n")
  install(FILES ${PROJECT_BINARY_DIR}/overrides/${package}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT ${component})
endforeach()
include(CPack)
