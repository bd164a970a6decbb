#pragma once

// Without a try block around every assertion, which is a tenth of what a test takes to compile: an exception that is not
// expected ends the test case, named by the last assertion before it.
#define CATCH_CONFIG_FAST_COMPILE

// Catch2 is version 2 in Debian 12 and version 3 elsewhere: this is the one place that knows.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
