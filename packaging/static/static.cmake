# The target untrack_static: a program that needs no library of the system, and does without --live
# (docs/install.md). It is linked from the archives of the ordinary build, so that it costs two
# sources: fmt, of which Debian has the shared library alone, and main.cpp, without live/.
add_executable(untrack_static EXCLUDE_FROM_ALL app/main.cpp packaging/static/fmt.cpp)
set_target_properties(untrack_static PROPERTIES OUTPUT_NAME untrack-static)
target_include_directories(untrack_static PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_features(untrack_static PRIVATE cxx_std_20)
target_link_options(untrack_static PRIVATE -static)
# By their files: as targets they would bring the shared fmt.
foreach(folder app report rewriter analysis parser model)
  add_dependencies(untrack_static untrack_${folder})
  target_link_libraries(untrack_static PRIVATE $<TARGET_FILE:untrack_${folder}>)
endforeach()
target_link_libraries(untrack_static PRIVATE Threads::Threads)
