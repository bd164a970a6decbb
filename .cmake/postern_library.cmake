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
  target_compile_options(postern_options INTERFACE
    -fsanitize=address -fno-sanitize-recover=all -fno-omit-frame-pointer -g1
    $<IF:$<BOOL:$<TARGET_PROPERTY:POSTERN_TEST>>,-O0,-O1>
    # vptr: to look at an object it opens a pipe, and where none can be opened, as in the tests that use up all descriptors,
    # it takes every object for a wrong one. null, object-size: AddressSanitizer stops where they would, and with alignment,
    # which this processor does not ask for, they are a fifth of the compiler's time.
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:POSTERN_TEST>>>:-fsanitize=undefined,fuzzer-no-link -fno-sanitize=vptr,null,alignment,object-size>)
  target_link_options(postern_options INTERFACE -fsanitize=address,undefined)
else()
  target_compile_options(postern_options INTERFACE -g1)
endif()

# The headers nearly every file needs cost more to read than the file itself: they are read once, without and with Asio.
if(NOT EXISTS ${CMAKE_BINARY_DIR}/precompiled.cpp)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")
endif()
# Tests have theirs, as they are compiled with other options.
foreach(kind plain asio test_plain test_asio)
  add_library(postern_precompiled_${kind} OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(postern_precompiled_${kind} PRIVATE postern_options fmt::fmt)
endforeach()
set_target_properties(postern_precompiled_test_plain postern_precompiled_test_asio PROPERTIES POSTERN_TEST TRUE)
set(plain_headers <algorithm> <array> <chrono> <cstdint> <expected> <functional> <map> <memory> <optional> <span> <string>
  <string_view> <variant> <vector> <fmt/format.h>)
set(asio_headers ${plain_headers} <deque> <mutex> <thread>
  <boost/asio/awaitable.hpp> <boost/asio/basic_stream_socket.hpp> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
  <boost/asio/co_spawn.hpp> <boost/asio/post.hpp> <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>)
foreach(test "" test_)
  target_precompile_headers(postern_precompiled_${test}plain PRIVATE ${plain_headers})
  target_precompile_headers(postern_precompiled_${test}asio PRIVATE ${asio_headers})
endforeach()

# postern_precompile(TARGET [test_]): which of them a target is compiled with.
function(postern_precompile target)
  if(target MATCHES "_(core|message|smtp|config)$")  # the rooms that do no I/O, and their tests
    target_precompile_headers(${target} REUSE_FROM postern_precompiled_${ARGN}plain)
  else()
    target_precompile_headers(${target} REUSE_FROM postern_precompiled_${ARGN}asio)
  endif()
endfunction()

# postern_library(NAME SOURCES... PUBLIC targets... PRIVATE targets...)
#
# One library per folder of lib/. Its headers are reached as "NAME/header.hpp" through an include root that holds
# only this folder, so including a folder that is not linked, directly or through those below it, fails the build.
function(postern_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE")
  set(root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)
  add_library(postern_${name} STATIC ${arg_SOURCES})
  add_library(postern::${name} ALIAS postern_${name})
  target_include_directories(postern_${name} PUBLIC ${root})
  target_link_libraries(postern_${name} PUBLIC ${arg_PUBLIC} PRIVATE postern_options ${arg_PRIVATE})
  target_compile_definitions(postern_${name} PUBLIC
    $<TARGET_PROPERTY:postern_options,INTERFACE_COMPILE_DEFINITIONS>)
  postern_precompile(postern_${name})
endfunction()

# postern_test(NAME SOURCES... LINKS... [LABELS ...]): a Catch2 program, one ctest entry, run in a folder of its own. It counts as
# two of ctest's jobs: a fuzz target, which only has to run its minute, shares a core with another.
function(postern_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} catch_main postern_options)
  set_target_properties(${name} PROPERTIES POSTERN_TEST TRUE)
  postern_precompile(${name} test_)
  set(work ${CMAKE_BINARY_DIR}/work/${name})
  file(MAKE_DIRECTORY ${work})
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${work})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 900 PROCESSORS 2)
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
  set(work ${CMAKE_BINARY_DIR}/work/fuzz_${name})
  file(MAKE_DIRECTORY ${work}/found)
  # New inputs go to the build folder; the committed corpus is only read.
  add_test(NAME fuzz_${name}
    COMMAND fuzz_${name} -max_total_time=${POSTERN_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=2048 -max_len=65536
            -print_final_stats=1 ${work}/found ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}
    WORKING_DIRECTORY ${work})
  set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz TIMEOUT 180)
endfunction()
