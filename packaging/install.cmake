# What `cmake --install` puts where. Two components: `runtime` (the program, its manual) and
# `development` (headers, libraries, find_package(untrack)).
include(CMakePackageConfigHelpers)

set(folders model parser analysis rewriter report app)
set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/untrack)

install(TARGETS untrack RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)

# Compressed as Debian Policy 12.1 and 12.7 want it; -n: no time stamp, so that builds compare equal.
find_program(gzip_program gzip REQUIRED)
function(compressed source name)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/${name}.gz DEPENDS ${PROJECT_SOURCE_DIR}/${source}
    COMMAND ${gzip_program} -n9c ${PROJECT_SOURCE_DIR}/${source} > ${PROJECT_BINARY_DIR}/${name}.gz)
endfunction()
compressed(docs/untrack.1 untrack.1)
compressed(CHANGELOG.md changelog)
add_custom_target(untrack_documents ALL
  DEPENDS ${PROJECT_BINARY_DIR}/untrack.1.gz ${PROJECT_BINARY_DIR}/changelog.gz)
install(FILES ${PROJECT_BINARY_DIR}/untrack.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT runtime)
install(FILES ${PROJECT_BINARY_DIR}/changelog.gz packaging/copyright
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/untrack COMPONENT runtime)
install(FILES ${PROJECT_BINARY_DIR}/changelog.gz packaging/copyright
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libuntrack-dev COMPONENT development)

# What the program's own texts point to, as in docs/flows.md.
foreach(kind *.md checks/*.md start/*.md schema/*.json table-full/*)
  file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/${kind})
  cmake_path(GET kind PARENT_PATH place)
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/untrack/docs/${place} COMPONENT runtime)
endforeach()

install(FILES packaging/examples/untrack-textfile.service packaging/examples/untrack-textfile.timer
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/untrack/examples COMPONENT runtime)

# Written by the program itself. The names and places are those where each shell looks.
set(completions_dir ${PROJECT_BINARY_DIR}/completions)
foreach(file bash/untrack zsh/_untrack fish/untrack.fish)
  cmake_path(GET file PARENT_PATH shell)
  file(MAKE_DIRECTORY ${completions_dir}/${shell})
  add_custom_command(OUTPUT ${completions_dir}/${file} DEPENDS untrack
    COMMAND untrack completions ${shell} > ${completions_dir}/${file}.new
    COMMAND ${CMAKE_COMMAND} -E rename ${completions_dir}/${file}.new ${completions_dir}/${file})
  list(APPEND completions ${completions_dir}/${file})
endforeach()
# A manual page for each command, from the same table.
file(GLOB commands CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/app/commands ${PROJECT_SOURCE_DIR}/app/commands/*.cpp)
foreach(command IN LISTS commands)
  cmake_path(GET command STEM command)
  set(page ${PROJECT_BINARY_DIR}/manual/untrack-${command}.1)
  add_custom_command(OUTPUT ${page}.gz DEPENDS untrack
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/manual
    COMMAND untrack manual ${command} > ${page}.new
    COMMAND ${gzip_program} -n9c ${page}.new > ${page}.gz)
  list(APPEND manual_pages ${page}.gz)
endforeach()
install(FILES ${manual_pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT runtime)
add_custom_target(untrack_completions ALL DEPENDS ${completions} ${manual_pages})
install(FILES ${completions_dir}/bash/untrack COMPONENT runtime
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions_dir}/zsh/_untrack COMPONENT runtime
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${completions_dir}/fish/untrack.fish COMPONENT runtime
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

list(TRANSFORM folders PREPEND untrack_ OUTPUT_VARIABLE libraries)
install(TARGETS ${libraries} EXPORT untrack_targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(EXPORT untrack_targets NAMESPACE untrack:: FILE untrack-targets.cmake
        DESTINATION ${cmake_dir} COMPONENT development)
foreach(folder ${folders})
  # install(DIRECTORY) would leave directories without a header behind, empty.
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${folder}/*.hpp)
  foreach(header IN LISTS headers)
    cmake_path(GET header PARENT_PATH place)
    install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/untrack/${place} COMPONENT development)
  endforeach()
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/generated/app/version.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/untrack/app COMPONENT development)

configure_package_config_file(packaging/untrack-config.cmake.in
  ${PROJECT_BINARY_DIR}/untrack-config.cmake INSTALL_DESTINATION ${cmake_dir})
# Before 1.0 a new minor version may change any header.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/untrack-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/untrack-config.cmake
              ${PROJECT_BINARY_DIR}/untrack-config-version.cmake
        DESTINATION ${cmake_dir} COMPONENT development)
