# `cpack -G DEB` in a build directory makes untrack_VERSION_ARCH.deb and
# libuntrack-dev_VERSION_ARCH.deb. What the program depends on is asked of the binary itself
# (dpkg-shlibdeps), not listed here.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME untrack)
set(CPACK_PACKAGE_VENDOR "the untrack authors")
set(CPACK_PACKAGE_CONTACT "the untrack authors <untrack@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_COMPONENTS_GROUPING IGNORE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME untrack)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION
"firewall auditor for connection tracking
 Reads iptables rulesets and tells whether they force the kernel to track
 connections, by which constructs and why; estimates the size and load of the
 conntrack table; plans how to unload the modules. Reads files or the kernel,
 and changes nothing on the running system.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libuntrack-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS libfmt-dev)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
"firewall auditor for connection tracking (development files)
 Headers, static libraries and CMake configuration of untrack.")
include(CPack)
