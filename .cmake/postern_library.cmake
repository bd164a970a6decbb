# Compile options shared by everything that is ours, and one function per kind of target.
add_library(postern_options INTERFACE)
target_compile_options(postern_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror -pthread)
target_compile_definitions(postern_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL)
target_link_options(postern_options INTERFACE -fuse-ld=lld)
if(POSTERN_SANITIZE)
  # What is tested has all of it. A test's own code has AddressSanitizer, for what it hands over, and no more: most of it runs
  # once, and what the compiler would add to every line of it is most of a full run's time.
  set(tested $<NOT:$<BOOL:$<TARGET_PROPERTY:POSTERN_TEST>>>)
  target_compile_options(postern_options INTERFACE
    -fsanitize=address -fno-sanitize-recover=all -fno-omit-frame-pointer -g1
    # At a fixed address: else a hundred thousand pointers in the sanitizers' tables are written anew at every start.
    -fno-pie
    # One call for each access instead of the check itself, which the compiler would have to work on at every place.
    -fsanitize-address-outline-instrumentation
    # What fuzz targets lead through is where every octet is looked at. The rest waits, or runs once: to make it quicker takes the
    # compiler longer than all tests save.
    $<IF:$<BOOL:$<TARGET_PROPERTY:POSTERN_FUZZED>>,-O1,-O0>
    # Of a test's own code no lines are told in a sanitizer's report, only functions; Catch2 says the line of what fails.
    $<$<NOT:${tested}>:-g0>
    # vptr: to look at an object it opens a pipe, and where none can be opened, as in the tests that use up all descriptors,
    # it takes every object for a wrong one. null, object-size: AddressSanitizer stops where they would, and with alignment,
    # which this processor does not ask for, they are a fifth of the compiler's time.
    $<${tested}:-fsanitize=undefined -fno-sanitize=vptr,null,alignment,object-size>
    $<${tested}:-fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/foreign_code.txt>
    # Where a fuzz target leads, it is told how far it came.
    $<$<BOOL:$<TARGET_PROPERTY:POSTERN_FUZZED>>:-fsanitize=fuzzer-no-link>)
  target_link_options(postern_options INTERFACE -fsanitize=address,undefined -no-pie)
else()
  target_compile_options(postern_options INTERFACE -g1)
endif()

# The headers nearly every file needs cost more to read than the file itself: they are read once, without and with Asio. A
# target that is compiled in many batches has its own, with its own heaviest headers; for two or three they cost more than they
# save. No timestamps in them: two checkouts make the same, for ccache.
set(CMAKE_PCH_INSTANTIATE_TEMPLATES ON)
target_compile_options(postern_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
set(plain_headers <algorithm> <array> <chrono> <cstdint> <expected> <filesystem> <functional> <map> <memory> <optional> <random>
  <set> <span> <string> <string_view> <unordered_map> <variant> <vector> <fmt/format.h>)
set(asio_headers ${plain_headers} <deque> <mutex> <thread>
  <boost/asio/awaitable.hpp> <boost/asio/basic_stream_socket.hpp> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
  <boost/asio/co_spawn.hpp> <boost/asio/post.hpp> <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>)
if(NOT EXISTS ${CMAKE_BINARY_DIR}/precompiled.cpp)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")
endif()

# postern_precompiled(KIND HEADERS...): headers for targets to share.
function(postern_precompiled kind)
  add_library(postern_precompiled_${kind} OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(postern_precompiled_${kind} PRIVATE postern_options fmt::fmt)
  target_precompile_headers(postern_precompiled_${kind} PRIVATE ${ARGN})
endfunction()
postern_precompiled(plain ${plain_headers})
postern_precompiled(asio ${asio_headers})
# Tests have theirs, as they are compiled with other options.
set(catch ${CMAKE_CURRENT_SOURCE_DIR}/test/include/test/catch.hpp)
postern_precompiled(test_plain ${plain_headers} ${catch})
postern_precompiled(test_asio ${asio_headers} ${catch})
set_target_properties(postern_precompiled_test_plain postern_precompiled_test_asio PROPERTIES POSTERN_TEST TRUE)
set_target_properties(postern_precompiled_plain PROPERTIES POSTERN_FUZZED TRUE)

# postern_precompile(TARGET [test_] [HEADERS headers...]): what a target is compiled with: the shared ones, or, given headers,
# its own.
function(postern_precompile target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "test_" "" "HEADERS")
  set(test)
  set(catch_header)
  if(arg_test_)
    set(test test_)
    set(catch_header ${catch})
  endif()
  if(arg_HEADERS)
    target_precompile_headers(${target} PRIVATE ${asio_headers} ${catch_header} ${arg_HEADERS})
  elseif(target MATCHES "_(core|message|smtp|config)$")  # the rooms that do no I/O, and their tests
    target_precompile_headers(${target} REUSE_FROM postern_precompiled_${test}plain)
  else()
    target_precompile_headers(${target} REUSE_FROM postern_precompiled_${test}asio)
  endif()
endfunction()

# postern_unity(TARGET): up to sixteen files are compiled as one: what all of them include is read, and what they instantiate
# of it is made, once for the sixteen. More would make whoever changes one file wait longer.
function(postern_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${POSTERN_UNITY} UNITY_BUILD_BATCH_SIZE 16)
endfunction()

# postern_library(NAME SOURCES... [FUZZED sources...] PUBLIC targets... PRIVATE targets... [PRECOMPILE headers...])
#
# One library per folder of lib/. Its headers are reached as "NAME/header.hpp" through an include root that holds
# only this folder, so including a folder that is not linked, directly or through those below it, fails the build.
# FUZZED are those of its files that a fuzz target leads through; of the rooms that do no I/O it is all of them.
function(postern_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;FUZZED;PUBLIC;PRIVATE;PRECOMPILE")
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)
  set(fuzzed ${arg_FUZZED})
  if(POSTERN_SANITIZE AND arg_FUZZED)
    # Compiled by themselves: the library's precompiled headers are without what a fuzz target needs, and the compiler takes only
    # what is like itself.
    add_library(postern_${name}_fuzzed OBJECT ${arg_FUZZED})
    target_include_directories(postern_${name}_fuzzed PRIVATE ${root})
    target_link_libraries(postern_${name}_fuzzed PRIVATE postern_options ${arg_PUBLIC} ${arg_PRIVATE})
    set_target_properties(postern_${name}_fuzzed PROPERTIES POSTERN_FUZZED TRUE)
    target_precompile_headers(postern_${name}_fuzzed REUSE_FROM postern_precompiled_plain)
    postern_unity(postern_${name}_fuzzed)
    set(fuzzed $<TARGET_OBJECTS:postern_${name}_fuzzed>)
  endif()
  add_library(postern_${name} STATIC ${arg_SOURCES} ${fuzzed})
  add_library(postern::${name} ALIAS postern_${name})
  target_include_directories(postern_${name} PUBLIC ${root})
  target_link_libraries(postern_${name} PUBLIC ${arg_PUBLIC} PRIVATE postern_options ${arg_PRIVATE})
  target_compile_definitions(postern_${name} PUBLIC
    $<TARGET_PROPERTY:postern_options,INTERFACE_COMPILE_DEFINITIONS>)
  postern_precompile(postern_${name} HEADERS ${arg_PRECOMPILE})
  postern_unity(postern_${name})
  get_target_property(headers postern_${name} PRECOMPILE_HEADERS_REUSE_FROM)
  if(headers STREQUAL postern_precompiled_plain)
    set_target_properties(postern_${name} PROPERTIES POSTERN_FUZZED TRUE)
  endif()
endfunction()

# postern_test(NAME SOURCES... LINKS... [LABELS ...] [PRECOMPILE headers...]): a Catch2 program, one ctest entry, run in a folder
# of its own. It counts as four of ctest's jobs, which leaves one of eleven a core to fuzz targets: they only have to run their
# minute, and use what time the others, who wait for disks and clocks, leave.
function(postern_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;LABELS;PRECOMPILE")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} catch_main postern_options)
  set_target_properties(${name} PROPERTIES POSTERN_TEST TRUE UNITY_BUILD ${POSTERN_UNITY} UNITY_BUILD_BATCH_SIZE 16)
  if(NOT arg_PRECOMPILE AND "test_database" IN_LIST arg_LINKS)
    target_precompile_headers(${name} REUSE_FROM postern_precompiled_test_database)
  else()
    postern_precompile(${name} test_ HEADERS ${arg_PRECOMPILE})
  endif()
  set(work ${CMAKE_BINARY_DIR}/work/${name})
  file(MAKE_DIRECTORY ${work})
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${work})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 1800 PROCESSORS 4)
  if(name MATCHES "^integration_")
    set_tests_properties(${name} PROPERTIES COST 300)  # minutes: what starts last ends last
  endif()
endfunction()

# postern_fuzz(NAME LINKS...): fuzz/NAME.cpp with its corpus in fuzz/corpus/NAME; runs POSTERN_FUZZ_SECONDS in ctest.
set(POSTERN_FUZZ_SECONDS 60 CACHE STRING "how long ctest runs each fuzz target, in seconds")
function(postern_fuzz name)
  if(NOT POSTERN_SANITIZE)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINKS")
  add_executable(fuzz_${name} ${name}.cpp)
  target_link_libraries(fuzz_${name} PRIVATE ${arg_LINKS} postern_options)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(fuzz_${name} PROPERTIES POSTERN_FUZZED TRUE)
  target_precompile_headers(fuzz_${name} REUSE_FROM postern_precompiled_plain)
  set(work ${CMAKE_BINARY_DIR}/work/fuzz_${name})
  file(MAKE_DIRECTORY ${work}/found)
  # New inputs go to the build folder; the committed corpus is only read.
  add_test(NAME fuzz_${name}
    COMMAND nice -n 19 $<TARGET_FILE:fuzz_${name}> -max_total_time=${POSTERN_FUZZ_SECONDS} -timeout=30 -rss_limit_mb=2048
            -max_len=65536 -print_final_stats=1 ${work}/found ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}
    WORKING_DIRECTORY ${work})
  # Three of them at once: else they take each job that comes free, one by one, and what counts as four never begins.
  get_property(before GLOBAL PROPERTY POSTERN_FUZZ_TARGETS)
  list(LENGTH before number)
  math(EXPR turn "${number} % 3")
  set_property(GLOBAL APPEND PROPERTY POSTERN_FUZZ_TARGETS ${name})
  set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz TIMEOUT 600 RESOURCE_LOCK fuzz_${turn})
endfunction()
