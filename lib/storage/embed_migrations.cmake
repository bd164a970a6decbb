# Writes OUTPUT: a C++ file that holds every sql/<database>/NNNN_name.sql under SQL. Run with cmake -P.
#
# The two databases must have the same steps, numbered from 1 without gaps: a step that one of them does not need is a file
# with a comment in it. So a version means the same schema everywhere.
set(delimiter "postern_sql")
set(body "")
foreach(database IN ITEMS sqlite postgresql)
  file(GLOB files ${SQL}/${database}/*)
  list(SORT files)
  set(steps_${database} "")
  set(expected 0)
  string(APPEND body "constexpr embedded_migration ${database}_steps[] = {\n")
  foreach(file IN LISTS files)
    cmake_path(GET file FILENAME filename)
    if(NOT filename MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.sql$")
      message(FATAL_ERROR "${file}: a migration is called NNNN_name.sql")
    endif()
    set(number ${CMAKE_MATCH_1})
    set(name ${CMAKE_MATCH_2})
    math(EXPR expected "${expected} + 1")
    string(REGEX REPLACE "^0+" "" version ${number})
    if(NOT version EQUAL expected)
      message(FATAL_ERROR "${file}: expected number ${expected}")
    endif()
    file(READ ${file} sql)
    string(FIND "${sql}" ")${delimiter}\"" collision)
    if(NOT collision EQUAL -1)
      message(FATAL_ERROR "${file}: holds the end of the literal it is to stand in")
    endif()
    string(APPEND steps_${database} "${filename} ")
    string(APPEND body "    {${version}, \"${name}\", R\"${delimiter}(${sql})${delimiter}\"},\n")
  endforeach()
  string(APPEND body "};\n\n")
endforeach()
if(NOT steps_sqlite STREQUAL steps_postgresql)
  message(FATAL_ERROR "sql/sqlite has ${steps_sqlite}but sql/postgresql has ${steps_postgresql}")
endif()
file(WRITE ${OUTPUT} "// Made from sql/ by lib/storage/embed_migrations.cmake.
#include \"storage/soci/embedded_migrations.hpp\"

namespace postern::storage {
namespace {

${body}}  // namespace

std::span<const embedded_migration> embedded_migrations(backend of) {
    if (of == backend::sqlite) return sqlite_steps;
    return postgresql_steps;
}

}  // namespace postern::storage
")
