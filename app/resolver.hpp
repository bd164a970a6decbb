#pragma once

#include "config/settings.hpp"
#include "core/result.hpp"
#include "dns/cares_resolver.hpp"

namespace postern::app {

/// The resolver that [dns] describes.
[[nodiscard]] core::result<std::unique_ptr<dns::cares_resolver>> make_resolver(net::executor loop,
                                                                               const config::dns_settings& settings);

}  // namespace postern::app
