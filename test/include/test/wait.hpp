#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace postern::test {

/// Returns when `condition()` holds. Looks at once and then ever less often, so that what is waited for, and whatever else
/// runs, has the processor to itself.
template <class Condition>
void wait_until(Condition condition) {
    constexpr std::chrono::microseconds longest{5000};
    for (std::chrono::microseconds pause{50}; !condition(); pause = std::min(pause * 2, longest)) {
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace postern::test
