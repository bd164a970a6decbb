#include "smtp/address.hpp"

#include "require.hpp"

using namespace postern::smtp;

/// Whatever is read as an address can be written and read again, and is the same address.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto check = [](const address& a) {
        require(a.local_part.size() <= max_local_part && a.domain.size() <= max_domain);
        const auto written = to_string(a);
        const auto again = parse_mailbox(written);
        require(again && again->local_part == a.local_part && again->domain == a.domain && again->literal == a.literal);
        require(to_string(*again) == written);
    };
    if (const auto mailbox = parse_mailbox(text)) {
        require(mailbox->text == text);
        check(*mailbox);
    }
    for (const auto& path : {parse_reverse_path(text), parse_forward_path(text)}) {
        if (!path) continue;
        require(path->length <= text.size() && path->length <= max_path && text[path->length - 1] == '>');
        if (!path->value.is_null() && !path->value.domain.empty()) check(path->value);
    }
    return 0;
}
