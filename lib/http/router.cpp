#include "http/router.hpp"

#include <algorithm>
#include <optional>
#include <ranges>
#include <set>

#include <fmt/ranges.h>

#include "http/request_context.hpp"

namespace postern::http {

namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

std::vector<std::string_view> split(std::string_view pattern) {
    std::vector<std::string_view> segments;
    for (const auto part : std::views::split(pattern.substr(1), '/')) segments.emplace_back(part.begin(), part.end());
    if (segments.empty()) segments.emplace_back();  // "/" is one empty segment, as parse_target() has it
    return segments;
}

/// The last parameter takes all the segments there are.
bool is_rest(std::string_view segment) { return segment.ends_with("*}"); }

bool fits(std::span<const std::string_view> pattern, std::span<const std::string> path) {
    if (is_rest(pattern.back()) && path.size() > pattern.size()) path = path.first(pattern.size());
    return std::ranges::equal(pattern, path, [](std::string_view want, std::string_view have) {
        return is_parameter(want) ? !have.empty() : want == have;
    });
}

path_parameters parameters_of(std::span<const std::string_view> pattern, std::span<const std::string> path) {
    path_parameters found;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_rest(pattern[i])) {
            found.emplace_back(pattern[i].substr(1, pattern[i].size() - 3), fmt::format("{}", fmt::join(path.subspan(i), "/")));
        } else if (is_parameter(pattern[i])) {
            found.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
        }
    }
    return found;
}

std::string_view name_of(verb method) {
    const auto text = boost::beast::http::to_string(method);
    return {text.data(), text.size()};
}

/// RFC 9110 9.3.7: what a path takes is no secret, so nobody needs to sign in for it.
net::awaitable<outcome<response>> show_options(request_context& c) {
    co_return response{status::no_content, {}, {{"Allow", c.match.allow}}};
}

constexpr std::string_view any_path = "*";

}  // namespace

router::router(std::vector<route> routes) : routes_(std::move(routes)) {
    for (const auto& r : routes_) patterns_.push_back(split(r.pattern));
    options_ = {verb::options, any_path, access::anyone, {}, show_options};
}

outcome<route_match> router::find(verb method, std::span<const std::string> path) const {
    if (method == verb::unknown || method == verb::connect || method == verb::trace) {
        return refuse(status::not_implemented, "This server does not know the request's method.");
    }
    const auto wanted = method == verb::head ? verb::get : method;
    std::set<std::string_view> allowed{name_of(verb::options)};
    const bool is_named = std::ranges::any_of(patterns_, [path](const auto& p) { return std::ranges::equal(p, path); });
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        // "/messages/batch" is no message called "batch": a path that stands in the table as it is means nothing else.
        if (is_named ? !std::ranges::equal(patterns_[i], path) : !fits(patterns_[i], path)) continue;
        if (routes_[i].method == wanted) return route_match{&routes_[i], parameters_of(patterns_[i], path)};
        allowed.insert(name_of(routes_[i].method));
        if (routes_[i].method == verb::get) allowed.insert(name_of(verb::head));
    }
    if (allowed.size() == 1) return refuse(status::not_found, "There is nothing at this path.");
    const auto list = fmt::format("{}", fmt::join(allowed, ", "));
    if (method == verb::options) return route_match{&options_, {}, list};
    return std::unexpected(problem{status::method_not_allowed, "This path takes " + list + ".", {}, {{"Allow", list}}});
}

}  // namespace postern::http
