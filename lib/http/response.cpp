#include "http/response.hpp"

#include <string_view>
#include <utility>

#include "core/format.hpp"

namespace postern::http {

namespace {

/// RFC 9110 5.6.7: IMF-fixdate differs from the mail date in the zone's name and in the day's two digits.
std::string http_date(core::timestamp t) {
    std::string text = core::to_rfc5322(t);
    text.replace(text.find('+'), std::string_view("+0000").size(), "GMT");
    if (text[6] == ' ') text.insert(5, 1, '0');
    return text;
}

}  // namespace

std::uint64_t response::body_size() const {
    if (const auto* text = std::get_if<std::string>(&body)) return text->size();
    if (const auto* source = std::get_if<std::shared_ptr<body_source>>(&body)) return (*source)->size();
    return 0;
}

response json_response(std::string text) { return {status::ok, "application/json", {}, std::move(text)}; }

response created(std::string text) {
    auto r = json_response(std::move(text));
    r.code = status::created;
    return r;
}

response no_content() { return {status::no_content, {}}; }

response to_response(problem p) {
    auto text = to_json(p);
    return {p.code, "application/problem+json", std::move(p.fields), std::move(text)};
}

std::string head_of(const response& r, const head_options& how, core::timestamp now) {
    std::string head;
    head.reserve(512);
    const auto phrase = boost::beast::http::obsolete_reason(r.code);
    core::append(head, "HTTP/1.1 {} {}\r\nDate: {}\r\nServer: postern\r\n", static_cast<unsigned>(r.code),
                 std::string_view(phrase.data(), phrase.size()), http_date(now));
    if (!r.content_type.empty()) core::append(head, "Content-Type: {}\r\n", r.content_type);
    if (std::holds_alternative<std::shared_ptr<live_source>>(r.body)) {
        if (how.chunked) head += "Transfer-Encoding: chunked\r\n";
    } else if (r.code != status::no_content && r.code != status::not_modified) {  // RFC 9110 8.6: these have none
        core::append(head, "Content-Length: {}\r\n", r.body_size());
    }
    if (!r.etag.empty()) core::append(head, "ETag: \"{}\"\r\n", r.etag);
    for (const auto& [name, value] : r.fields) core::append(head, "{}: {}\r\n", name, value);
    if (how.secure) head += "Strict-Transport-Security: max-age=31536000\r\n";
    core::append(head, "Cache-Control: {}\r\nX-Content-Type-Options: nosniff\r\nConnection: {}\r\n\r\n", r.cache_control,
                 how.keep_alive ? "keep-alive" : "close");
    return head;
}

}  // namespace postern::http
