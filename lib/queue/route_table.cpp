#include "queue/route_table.hpp"

#include <fmt/format.h>

namespace postern::queue {

namespace {

next_hop fixed(const std::string& host, std::uint16_t port) { return {fmt::format("{}:{}", host, port), host, port, false}; }

}  // namespace

route_table::route_table(const config::relay_settings& settings) : port_(settings.port) {
    for (const auto& r : settings.routes) fixed_.emplace(r.domain, fixed(r.host, r.port));
    if (settings.host.empty()) return;
    smarthost_ = fixed(settings.host, settings.port);
    smarthost_.smarthost = true;
    smarthost_.key += " smarthost";  // a route to the same host goes there without its login
}

next_hop route_table::find(std::string_view destination) const {
    std::string name(destination);
    if (const auto found = fixed_.find(name); found != fixed_.end()) return found->second;
    if (!smarthost_.host.empty()) return smarthost_;
    return {std::move(name), {}, port_, false};
}

}  // namespace postern::queue
