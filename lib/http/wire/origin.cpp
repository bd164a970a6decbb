#include "http/wire/origin.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "http/wire/white_space.hpp"

namespace postern::http {

namespace {

namespace ip = boost::asio::ip;

/// The field's lines as one list (RFC 9110 5.3).
std::string list_of(const boost::beast::http::fields& fields, boost::beast::string_view name) {
    std::string all;
    const auto [begin, end] = fields.equal_range(name);
    for (auto line = begin; line != end; ++line) {
        if (!all.empty()) all += ',';
        all.append(line->value().data(), line->value().size());
    }
    return all;
}

/// Takes the last element off the list.
std::string_view take_last(std::string_view& list) {
    const auto comma = list.rfind(',');
    const auto last = comma == std::string_view::npos ? list : list.substr(comma + 1);
    list = list.substr(0, comma == std::string_view::npos ? 0 : comma);
    return trimmed(last);
}

/// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711".
std::optional<ip::address> to_address(std::string_view text) {
    if (text.starts_with('[')) {
        text = text.substr(1, text.find(']') - 1);
    } else if (text.find(':') == text.rfind(':')) {
        text = text.substr(0, text.find(':'));
    }
    boost::system::error_code wrong;
    const auto address = ip::make_address(std::string(text), wrong);
    if (wrong || text.contains('%')) return std::nullopt;
    return net::plain(address);
}

}  // namespace

origin origin_of(const boost::beast::http::fields& fields, const origin& direct, const net::network_list& trusted) {
    if (!trusted.contains(direct.address)) return direct;
    auto from = direct;
    const auto hops = list_of(fields, "X-Forwarded-For");
    for (std::string_view left = hops; !left.empty() && trusted.contains(from.address);) {
        const auto before = to_address(take_last(left));
        if (!before) break;  // "unknown", or made up
        from.address = *before;
    }
    // The last word is that of the proxy we heard from.
    const auto schemes = list_of(fields, "X-Forwarded-Proto");
    std::string_view left = schemes;
    if (const auto scheme = take_last(left); !scheme.empty()) from.secure = scheme == "https";
    return from;
}

}  // namespace postern::http
