#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace postern::net {

/// A certificate and its key as PEM.
struct pem_pair {
    std::string certificate;
    std::string private_key;
};

/// A certificate for `hostname` that nobody vouches for: ECDSA P-256, valid for ten years from a day before `now`, so that a
/// clock that is a little slow does not refuse it. Throws when OpenSSL cannot.
[[nodiscard]] pem_pair make_self_signed_certificate(std::string_view hostname, core::timestamp now);

}  // namespace postern::net
