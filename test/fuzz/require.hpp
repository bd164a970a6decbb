#pragma once

#include <cstdlib>

/// A property that must hold for every input; the fuzzer reports the input that breaks it.
inline void require(bool holds) {
    if (!holds) std::abort();
}
