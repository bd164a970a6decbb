#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/problem.hpp"
#include "http/route.hpp"
#include "http/status.hpp"

namespace postern::http {

/// The parts of a path that a pattern leaves open: {"id", "42"}.
using path_parameters = std::vector<std::pair<std::string_view, std::string>>;

/// A route found for a request.
struct route_match {
    const route* found = nullptr;
    path_parameters parameters;
    std::string allow{};  ///< for OPTIONS: the methods the path takes
};

/// Finds the route for a method and a path. The table is short: it is searched segment by segment, in its order.
class router {
public:
    /// The patterns' text must outlive the router: literals.
    explicit router(std::vector<route> routes);

    /// OPTIONS fits every pattern and leads to a route of its own (RFC 9110 9.3.7).
    /// 404 when no pattern fits the path; 405 with Allow when some do, but not for this method (RFC 9110 15.5.6);
    /// 501 for a method nobody here has heard of (RFC 9110 15.6.2). The router must outlive the match.
    [[nodiscard]] outcome<route_match> find(verb method, std::span<const std::string> path) const;

    [[nodiscard]] std::span<const route> routes() const noexcept { return routes_; }

private:
    std::vector<route> routes_;
    route options_;
    std::vector<std::vector<std::string_view>> patterns_;  // routes_' patterns by segment
};

}  // namespace postern::http
