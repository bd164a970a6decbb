#include <algorithm>
#include <cstddef>

#include "core/base64.hpp"
#include "storage/change_store.hpp"

namespace postern::storage {
namespace {

constexpr char version = 1;
constexpr std::size_t head = 9;     // version, last event
constexpr std::size_t row = 20;     // mailbox, uid_next, highest_modseq
constexpr std::size_t most = 1024;  // rows; more than an account can have
constexpr std::int64_t last_uid_next = 0xFFFF'FFFF;

void put(std::string& into, std::int64_t number, std::size_t octets) {
    while (octets-- > 0) into += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * octets));
}

std::int64_t get(std::string_view from, std::size_t at, std::size_t octets) {
    std::uint64_t number = 0;
    for (const char c : from.substr(at, octets)) number = number << 8 | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(number);
}

}  // namespace

std::string encode_state(const account_state& state) {
    std::string octets(1, version);
    put(octets, state.last_event, 8);
    for (const auto& m : state.mailboxes) {
        put(octets, m.mailbox.value, 8);
        put(octets, m.uid_next, 4);
        put(octets, m.highest_modseq, 8);
    }
    // RFC 4648 5: fit for a header field, a URL and a file name.
    auto text = core::encode_base64(octets);
    text.erase(std::min(text.find('='), text.size()));
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

std::optional<account_state> decode_state(std::string_view text) {
    if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
    std::string padded(text);
    std::ranges::replace(padded, '-', '+');
    std::ranges::replace(padded, '_', '/');
    padded.append((4 - padded.size() % 4) % 4, '=');
    const auto octets = core::decode_base64(padded);
    if (!octets || octets->size() < head || (octets->size() - head) % row != 0 || octets->front() != version)
        return std::nullopt;
    if ((octets->size() - head) / row > most) return std::nullopt;
    account_state state{.mailboxes = {}, .last_event = get(*octets, 1, 8)};
    for (std::size_t at = head; at < octets->size(); at += row) {
        const mailbox_state m{{get(*octets, at, 8)}, get(*octets, at + 8, 4), get(*octets, at + 12, 8)};
        const bool follows = state.mailboxes.empty() || state.mailboxes.back().mailbox < m.mailbox;
        if (!follows || m.mailbox.value < 1 || m.uid_next < 1 || m.uid_next > last_uid_next || m.highest_modseq < 1) {
            return std::nullopt;
        }
        state.mailboxes.push_back(m);
    }
    if (state.last_event < 0) return std::nullopt;
    return state;
}

}  // namespace postern::storage
