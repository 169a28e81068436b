# Puts the shell functions of the unload script into the program, as script_library(), so that an
# installed program needs no file beside it. They are files of their own so that shellcheck and
# editors see shell. Each begins with a head, up to the first empty line, that is not in the script.

# In the order of the script; the last calls main.
set(untrack_script_parts output modules rules namespaces backup decide run)

set(untrack_script_library "")
foreach(part ${untrack_script_parts})
  set(file ${CMAKE_CURRENT_LIST_DIR}/library/${part}.sh)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  string(FIND "${text}" "\n\n" head)
  if(head EQUAL -1 OR text MATCHES "[)]sh\"")
    message(FATAL_ERROR "${file}: no head, or text that ends a raw string")
  endif()
  math(EXPR begin "${head} + 2")
  string(SUBSTRING "${text}" ${begin} -1 text)
  if(untrack_script_library)
    string(APPEND untrack_script_library "\n")
  endif()
  string(APPEND untrack_script_library "${text}")
endforeach()

set(untrack_script_source ${PROJECT_BINARY_DIR}/generated/rewriter/unload/script_library.cpp)
configure_file(${CMAKE_CURRENT_LIST_DIR}/script_library.cpp.in ${untrack_script_source} @ONLY)
target_sources(untrack_rewriter PRIVATE ${untrack_script_source})
