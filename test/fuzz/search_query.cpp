#include "http/search_query.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/unicode.hpp"
#include "require.hpp"

using namespace postern;

namespace {

/// Nothing that means something to a database, and no more than was said there can be.
void check(const message::search_phrase& phrase) {
    require(!phrase.terms.empty() && phrase.terms.size() <= message::search_phrase::longest);
    for (const auto& term : phrase.terms) {
        require(!term.empty() && term.size() <= 48 && core::is_utf8(term));
        for (const char c : term)
            require((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80);
    }
}

}  // namespace

/// Any text is a search or is refused with a reason that fits a JSON document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view q(reinterpret_cast<const char*>(data), size);
    auto query = http::parse_search(q);
    if (!query) {
        require(query.error().parameter == "q" && core::is_utf8(http::to_json(query.error())));
        return 0;
    }
    require(query->wanted.terms.size() <= storage::search_criteria::most_terms);
    for (const auto& term : query->wanted.terms) check(term.phrase);
    http::resolve_mailboxes(*query, {{.id = {1}, .account = {1}, .name = "Inbox", .role = storage::mailbox_role::inbox},
                                     {.id = {2}, .account = {1}, .name = "b\xC3\xA4r"}});
    return 0;
}
