#pragma once

#include <string>

#include "core/metrics.hpp"

namespace postern::imap {

/// What a server counts. Made without metrics it counts nothing.
struct figures {
    core::gauge sessions;
    core::counter connections;
    core::counter appended;  ///< messages
    core::counter refused;   ///< connections that were too many

    figures() = default;
    /// `listener`: "imap" or "imaps".
    figures(core::metrics& in, const std::string& listener);
};

}  // namespace postern::imap
