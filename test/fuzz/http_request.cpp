#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/unicode.hpp"
#include "http/content_disposition.hpp"
#include "http/credentials.hpp"
#include "http/handlers.hpp"
#include "http/query.hpp"
#include "http/request_reader.hpp"
#include "http/router.hpp"
#include "http/target.hpp"
#include "http/wire/byte_range.hpp"
#include "http/wire/content_coding.hpp"
#include "http/wire/cookies.hpp"
#include "http/wire/entity_tag.hpp"

namespace {

using namespace postern::http;

struct reading {
    status refused = status::unknown;
    bool head = false;
    bool done = false;
    std::string target;
    std::string body;
    std::size_t consumed = 0;

    friend bool operator==(const reading&, const reading&) = default;
};

/// One request out of `octets`, given in pieces.
reading read(std::string_view octets, std::size_t piece) {
    constexpr std::size_t head_limit = 2048;
    constexpr std::uint64_t body_limit = 4096;
    request_reader reader(head_limit);
    reading r;
    for (std::size_t arrived = 0; arrived < octets.size() && !r.done;) {
        arrived = std::min(octets.size(), arrived + piece);
        if (!r.head) {
            const auto taken = reader.read_head(octets.substr(0, arrived));
            if (!taken) return {taken.error().code, false, false, {}, {}, 0};
            if (!*taken) continue;
            r.head = true;
            r.consumed = **taken;
            if (const auto begun = reader.begin_body(body_limit); !begun) return {begun.error().code, true, false, {}, {}, 0};
        }
        while (!reader.body_done()) {
            const auto taken = reader.read_body(octets.substr(r.consumed, arrived - r.consumed));
            if (!taken) return {taken.error().code, true, false, {}, {}, 0};
            r.consumed += *taken;
            if (*taken == 0) break;
        }
        r.done = reader.body_done();
    }
    if (r.head) r.target = reader.get().target;
    if (r.done) r.body = reader.get().body;
    if (!r.done) r.consumed = 0;  // how much of an unfinished body was taken depends on the pieces
    return r;
}

bool is_plain(std::string_view text) {
    return postern::core::is_utf8(text) &&
           std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// The path that led to a route, put together again from the pattern and its parameters.
std::vector<std::string> rebuilt(const route_match& match) {
    std::vector<std::string> path;
    auto parameter = match.parameters.begin();
    std::string_view pattern = match.found->pattern.substr(1);
    for (;;) {
        const auto segment = pattern.substr(0, pattern.find('/'));
        path.emplace_back(segment.starts_with('{') ? (parameter++)->second : std::string(segment));
        if (segment.size() == pattern.size()) return path;
        pattern.remove_prefix(segment.size() + 1);
    }
}

void route_target(std::string_view text) {
    static const router api(api_routes());
    const auto parsed = parse_target(text);
    if (!parsed) return;
    for (const auto& segment : parsed->path) {
        if (!is_plain(segment) || segment == "." || segment == "..") std::abort();
    }
    const auto page = read_page(parsed->query);
    if (page && (page->limit < 1 || page->limit > max_page)) std::abort();
    if (!page && page.error().code != status::bad_request) std::abort();
    const auto match = api.find(verb::get, parsed->path);
    if (!match) {
        if (match.error().code != status::not_found && match.error().code != status::method_not_allowed) std::abort();
        return;
    }
    // An encoded "/" in what takes all the rest becomes one like the others there.
    if (!match->found->pattern.ends_with("*}") && rebuilt(*match) != parsed->path) std::abort();
    const auto checked = parsed->query.check(match->found->query);
    if (!checked && !is_plain(checked.error().detail)) std::abort();
}

/// Any octets as the value of a field.
void read_field(std::string_view text) {
    for (const std::uint64_t size : {0UL, 10UL, 1UL << 40U}) {
        const auto range = read_range(text, size);
        if (range.what != byte_range::kind::part) continue;
        if (range.size == 0 || range.first >= size || range.size > size - range.first) std::abort();
    }
    const auto strong = find_tag(text, "7", tag_comparison::strong);
    const auto weak = find_tag(text, "7", tag_comparison::weak);
    if (strong && !weak) std::abort();
    static_cast<void>(choose_coding(text));
    if (const auto cookie = find_cookie(text, "a"); cookie && cookie->size() > text.size()) std::abort();
    static_cast<void>(has_scheme(text, "bearer"));
    static_cast<void>(read_bearer(text));
}

}  // namespace

/// Any octets as a connection's input: one request or one refusal, however they are cut; and its target leads to the route
/// whose pattern it is or to none.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto whole = read(octets, std::max<std::size_t>(octets.size(), 1));
    if (octets.size() < 4096) {
        for (const std::size_t piece : {1UL, 7UL}) {
            const auto cut = read(octets, piece);
            // What is refused, and when, may depend on the pieces; what is understood must not.
            if ((whole.done || cut.done) && !(cut == whole)) std::abort();
        }
    }
    if (whole.head) route_target(whole.target);
    route_target(octets);
    read_field(octets);
    if (const auto credentials = read_basic(octets); credentials && !is_plain(credentials->login)) std::abort();
    if (!is_plain(content_disposition(octets))) std::abort();
    return 0;
}
