#include "http/target.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "core/unicode.hpp"

namespace postern::http {

namespace {

namespace urls = boost::urls;

/// RFC 3986 2.4: decoded once; a second round would make "%252e" a dot.
std::optional<std::string> decode(urls::pct_string_view encoded, bool plus_is_space) {
    urls::encoding_opts options;
    options.space_as_plus = plus_is_space;
    std::string text = encoded.decode(options);
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == '\x7F'; };
    if (std::ranges::any_of(text, control) || !core::is_utf8(text)) return std::nullopt;
    return text;
}

outcome<void> read_path(urls::pct_string_view encoded, target& into) {
    // Split first, decode after: an encoded "/" is a character of its segment, never a separator (RFC 3986 2.2).
    const urls::string_view whole(encoded.data(), encoded.size());
    for (std::size_t start = 1; start <= whole.size();) {
        const auto end = std::min(whole.find('/', start), whole.size());
        auto segment = decode(urls::pct_string_view(whole.substr(start, end - start)), false);
        if (!segment) return refuse(status::bad_request, "The path is not UTF-8 text without control characters.");
        if (segment == "." || segment == "..") return refuse(status::bad_request, "The path has a \".\" or \"..\" segment.");
        into.path.push_back(std::move(*segment));
        start = end + 1;
    }
    return {};
}

outcome<void> read_query(const urls::url_view& url, target& into) {
    if (!url.has_query() || url.encoded_query().empty()) return {};
    for (const auto& p : url.encoded_params()) {
        // "+" for a space, as forms and URLSearchParams write it.
        auto name = decode(p.key, true);
        auto value = decode(p.value, true);
        if (!name || !value) return refuse(status::bad_request, "The query is not UTF-8 text without control characters.");
        into.query.add(std::move(*name), std::move(*value));
    }
    return {};
}

}  // namespace

outcome<target> parse_target(std::string_view text) {
    const urls::string_view view(text.data(), text.size());
    const bool origin_form = text.starts_with('/');
    const auto parsed = origin_form ? urls::parse_origin_form(view) : urls::parse_absolute_uri(view);
    if (!parsed) return refuse(status::bad_request, "The request target is not a valid path and query.");
    if (!origin_form) {
        // RFC 9112 3.2.2: a server accepts absolute-form. RFC 9110 4.2.4: with user information it is a trick.
        const auto scheme = parsed->scheme_id();
        if ((scheme != urls::scheme::http && scheme != urls::scheme::https) || parsed->has_userinfo() ||
            parsed->host().empty()) {
            return refuse(status::bad_request, "The request target is not an address of this server.");
        }
    }
    target t;
    const auto path = parsed->encoded_path();
    if (path.empty()) {
        t.path.emplace_back();
    } else if (const auto read = read_path(path, t); !read) {
        return std::unexpected(read.error());
    }
    if (const auto read = read_query(*parsed, t); !read) return std::unexpected(read.error());
    return t;
}

}  // namespace postern::http
