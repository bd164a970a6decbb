#include <algorithm>
#include <cstddef>

#include "core/base64.hpp"
#include "storage/change_store.hpp"

namespace postern::storage {
namespace {

constexpr char state_version = 1;
constexpr std::size_t head_octets = 9;      // version, last event
constexpr std::size_t mailbox_octets = 20;  // mailbox, uid_next, highest_modseq
constexpr std::size_t most_states = 1024;   // rows; more than an account can have
constexpr std::int64_t last_uid_next = 0xFFFF'FFFF;

void append_number(std::string& into, std::int64_t number, std::size_t octets) {
    while (octets-- > 0) into += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * octets));
}

std::int64_t number_at(std::string_view from, std::size_t at, std::size_t octets) {
    std::uint64_t number = 0;
    for (const char c : from.substr(at, octets)) number = number << 8 | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(number);
}

}  // namespace

std::string encode_state(const account_state& state) {
    std::string octets(1, state_version);
    append_number(octets, state.last_event, 8);
    for (const auto& m : state.mailboxes) {
        append_number(octets, m.mailbox.value, 8);
        append_number(octets, m.uid_next, 4);
        append_number(octets, m.highest_modseq, 8);
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
    if (!octets || octets->size() < head_octets || (octets->size() - head_octets) % mailbox_octets != 0 ||
        octets->front() != state_version)
        return std::nullopt;
    if ((octets->size() - head_octets) / mailbox_octets > most_states) return std::nullopt;
    account_state state{.mailboxes = {}, .last_event = number_at(*octets, 1, 8)};
    for (std::size_t at = head_octets; at < octets->size(); at += mailbox_octets) {
        const mailbox_state m{{number_at(*octets, at, 8)}, number_at(*octets, at + 8, 4), number_at(*octets, at + 12, 8)};
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
