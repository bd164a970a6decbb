#include "http/wire/negotiation.hpp"

#include <utility>

#include <fmt/format.h>

#include "http/wire/byte_range.hpp"
#include "http/wire/content_coding.hpp"
#include "http/wire/entity_tag.hpp"

namespace postern::http {

namespace {

using boost::beast::http::field;

constexpr std::size_t worth_compressing = 1024;    // a smaller answer is one packet anyway
constexpr std::size_t quickly_done = 16UL * 1024;  // about a third of a millisecond

response not_modified(response answer, std::string tag) {
    // RFC 9110 15.4.5: the fields a cache needs of the 200 it stands for.
    response r{status::not_modified, {}, {}};
    for (auto& f : answer.fields) {
        if (f.first == "Vary") r.fields.push_back(std::move(f));
    }
    r.etag = std::move(tag);
    r.cache_control = answer.cache_control;
    return r;
}

/// RFC 9110 13.1.5: a part is of use only if it is of what the client has. We send no Last-Modified, so a date is none of ours.
bool wants_part(const request& r, const response& answer) {
    const auto condition = r.field(field::if_range);
    return condition.empty() ||
           (!answer.etag.empty() && condition != "*" && find_tag(condition, answer.etag, tag_comparison::strong));
}

response in_part(const request& r, response answer, body_source& source) {
    const auto size = source.size();
    if (!source.narrow(0, size)) return answer;
    answer.fields.emplace_back("Accept-Ranges", "bytes");
    // RFC 9110 14.2: with GET only.
    if (r.method != verb::get || !wants_part(r, answer)) return answer;
    const auto range = read_range(r.field(field::range), size);
    if (range.what == byte_range::kind::whole) return answer;
    if (range.what == byte_range::kind::unsatisfiable) {
        return to_response(problem{status::range_not_satisfiable,
                                   "The body ends before the range begins.",
                                   {},
                                   {{"Content-Range", fmt::format("bytes */{}", size)}}});
    }
    source.narrow(range.first, range.size);
    answer.code = status::partial_content;
    answer.fields.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", range.first, range.first + range.size - 1, size));
    return answer;
}

}  // namespace

response apply_conditions(const request& r, response answer) {
    if (answer.code != status::ok || (r.method != verb::get && r.method != verb::head)) return answer;
    if (const auto condition = r.field(field::if_none_match); !condition.empty() && !answer.etag.empty()) {
        if (auto tag = find_tag(condition, answer.etag, tag_comparison::weak)) {
            return not_modified(std::move(answer), std::move(*tag));
        }
    }
    if (const auto* source = std::get_if<std::shared_ptr<body_source>>(&answer.body)) {
        const auto kept = *source;
        return in_part(r, std::move(answer), *kept);
    }
    return answer;
}

net::awaitable<response> apply_coding(const request& r, response answer, net::blocking_pool& workers) {
    const auto* text = std::get_if<std::string>(&answer.body);
    if (text == nullptr || text->size() < worth_compressing || !is_compressible(answer.content_type)) co_return answer;
    for (const auto& [name, value] : answer.fields) {
        if (name == "Content-Encoding") co_return answer;
    }
    answer.fields.emplace_back("Vary", "Accept-Encoding");
    const auto coding = choose_coding(r.field(field::accept_encoding));
    if (coding == content_coding::identity) co_return answer;
    std::string shorter;
    if (text->size() <= quickly_done) {
        shorter = compress(*text, coding, effort::quick);
    } else {
        shorter = co_await workers.run(
            [octets = std::string_view(*text), coding] { return compress(octets, coding, effort::quick); });
    }
    if (shorter.size() >= text->size()) co_return answer;
    answer.body = std::move(shorter);
    answer.fields.emplace_back("Content-Encoding", std::string(name_of(coding)));
    if (!answer.etag.empty()) answer.etag.append("-").append(name_of(coding));  // RFC 9110 8.8.3.3
    co_return answer;
}

}  // namespace postern::http
