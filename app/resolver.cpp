#include "app/resolver.hpp"

namespace postern::app {

core::result<std::unique_ptr<dns::cares_resolver>> make_resolver(net::executor loop, const config::dns_settings& settings) {
    dns::resolver_options options;
    for (const auto& s : settings.servers) options.servers.push_back({s.address, s.port});
    options.timeout = settings.timeout;
    return dns::cares_resolver::create(loop, options);
}

}  // namespace postern::app
