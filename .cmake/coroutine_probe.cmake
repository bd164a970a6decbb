# Judges the compiler by what it does, not by its name: GCC 12 frees temporaries twice across co_await.
# The probe runs the forms the code base relies on and counts constructions against destructions.
if(NOT DEFINED POSTERN_COROUTINES_SOUND)
  try_run(probe_exit probe_compiled
    ${CMAKE_BINARY_DIR}/coroutine_probe ${CMAKE_CURRENT_LIST_DIR}/coroutine_probe.cpp
    CXX_STANDARD 23 CXX_STANDARD_REQUIRED ON
    COMPILE_OUTPUT_VARIABLE probe_output)
  if(NOT probe_compiled OR NOT probe_exit EQUAL 0)
    message(FATAL_ERROR "This compiler does not handle temporaries across co_await correctly "
      "(${CMAKE_CXX_COMPILER}). Postern is built with clang 19: "
      "apt-get install clang-19 lld-19, then cmake -DCMAKE_CXX_COMPILER=clang++-19.\n${probe_output}")
  endif()
  set(POSTERN_COROUTINES_SOUND TRUE CACHE INTERNAL "the compiler passed the coroutine probe")
endif()
