# Writes OUTPUT: a C++ file with a function FUNCTION in the namespace SPACE that gives every file under ROOT as a
# postern::http::static_file. Run with cmake -P; postern_embed() below makes it a step of the build.
if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/*)
  list(FILTER files INCLUDE REGEX "${ONLY}")
  list(SORT files)
  set(lines "")
  foreach(name IN LISTS files)
    if(NOT name MATCHES "^[A-Za-z0-9_./-]+$")
      message(FATAL_ERROR "${name}: letters, digits and _ . - only")
    endif()
    file(SIZE ${ROOT}/${name} size)
    file(READ ${ROOT}/${name} octets HEX)
    string(REGEX REPLACE "(..)" "\\\\x\\1" octets "${octets}")
    string(APPEND lines "        {\"${name}\", {\"${octets}\", ${size}}},\n")
  endforeach()
  file(WRITE ${OUTPUT} "// Made from ${ROOT} by .cmake/embed_files.cmake.
#include <vector>

#include \"http/page/static_files.hpp\"

namespace ${SPACE} {

std::span<const http::static_file> ${FUNCTION}();

std::span<const http::static_file> ${FUNCTION}() {
    static const std::vector<http::static_file> files{
${lines}    };
    return files;
}

}  // namespace ${SPACE}
")
  return()
endif()

# postern_embed(VARIABLE ROOT ONLY SPACE FUNCTION): VARIABLE becomes the source file to compile; made anew whenever a file
# under ROOT whose name matches ONLY comes, goes or changes.
set(POSTERN_EMBED ${CMAKE_CURRENT_LIST_FILE})
function(postern_embed variable root only space function)
  file(GLOB_RECURSE files RELATIVE ${root} CONFIGURE_DEPENDS ${root}/*)
  list(FILTER files INCLUDE REGEX "${only}")
  list(TRANSFORM files PREPEND ${root}/)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DROOT=${root} -DONLY=${only} -DSPACE=${space} -DFUNCTION=${function} -DOUTPUT=${output}
            -P ${POSTERN_EMBED}
    DEPENDS ${files} ${POSTERN_EMBED}
    VERBATIM
    COMMENT "Embedding ${function}")
  set_source_files_properties(${output} PROPERTIES SKIP_UNITY_BUILD_INCLUSION TRUE)  # large, and changes by itself
  set(${variable} ${output} PARENT_SCOPE)
endfunction()
