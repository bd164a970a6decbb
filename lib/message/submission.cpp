#include "message/submission.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "message/field_decoder.hpp"
#include "message/gmime_library.hpp"
#include "message/header_block.hpp"
#include "message/header_line.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_authors = 20;
constexpr std::size_t max_author_field = 8UL * 1024;  // far less than what the decoder would cut off unseen

/// One field with its continuation lines, or a line that belongs to none.
struct piece {
    std::string_view name;  // empty for such a line
    std::string_view octets;
    std::size_t begin = 0;
};

std::string_view take_whole_line(std::string_view& text) {
    const auto line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    text.remove_prefix(line.size());
    return line;
}

std::vector<piece> cut(std::string_view header) {
    std::vector<piece> pieces;
    for (auto rest = header; !rest.empty();) {
        const auto begin = header.size() - rest.size();
        const auto line = take_whole_line(rest);
        const auto kind = classify(line, begin == 0);
        if (kind == line_kind::continuation && !pieces.empty() && !pieces.back().name.empty()) {
            auto& field = pieces.back();
            field.octets = header.substr(field.begin, begin + line.size() - field.begin);
        } else {
            pieces.push_back({kind == line_kind::field ? field_name(line) : std::string_view{}, line, begin});
        }
    }
    return pieces;
}

std::vector<const piece*> named(const std::vector<piece>& pieces, std::string_view name) {
    std::vector<const piece*> found;
    for (const auto& p : pieces) {
        if (same_name(p.name, name)) found.push_back(&p);
    }
    return found;
}

/// The text of an address field without its quoted strings and comments; nullopt when one of them has no end, which each reader
/// takes for something else.
std::optional<std::string> bare_text(std::string_view value) {
    std::string bare;
    std::size_t comments = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (c == '\\') {
            ++i;
        } else if (quoted) {
            quoted = c != '"';
        } else if (c == '"') {
            quoted = comments == 0;
        } else if (c == '(') {
            ++comments;
            bare += ' ';
        } else if (c == ')' && comments > 0) {
            --comments;
        } else if (comments == 0) {
            bare += c;
        }
    }
    if (quoted || comments > 0) return std::nullopt;
    return bare;
}

bool is_encoded_word(std::string_view word) { return word.starts_with("=?") && word.ends_with("?=") && word.size() > 4; }

/// Whether somebody could read another address in the field than those that were found: "alice@here bob@there" is one to one
/// reader, the other to the next, and an account must own both.
bool hides_an_address(std::string_view value, const std::vector<std::string>& found) {
    const auto bare = bare_text(value);
    if (!bare) return true;
    for (std::string_view rest = *bare; !rest.empty();) {
        const auto word = rest.substr(0, rest.find_first_of(" \t\r\n,;:<>"));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        if (!word.contains('@') || is_encoded_word(word)) continue;
        // A quoted local part is gone from the word; its domain is not.
        const auto is_word = [word](std::string_view address) {
            return same_name(address, word) || (word.starts_with('@') && address.size() > word.size() &&
                                                same_name(address.substr(address.size() - word.size()), word));
        };
        if (std::ranges::none_of(found, is_word)) return true;
    }
    return false;
}

/// The addresses of one From or Sender field; nullopt: nobody can tell for certain.
std::optional<std::vector<std::string>> read_authors(const piece& field) {
    if (field.octets.size() > max_author_field) return std::nullopt;
    const header_block alone(std::vector<char>(field.octets.begin(), field.octets.end()));
    const auto read = decode_addresses(alone, field.name, max_authors + 1);
    if (read.empty() || read.size() > max_authors) return std::nullopt;
    std::vector<std::string> addresses;
    for (const auto& author : read) {
        if (!author.address.contains('@')) return std::nullopt;
        addresses.push_back(author.address);
    }
    if (hides_an_address(alone.find(field.name), addresses)) return std::nullopt;
    return addresses;
}

/// Reads the one field of that name into `into`, if there is one.
submission_edit::fault read_only(const std::vector<piece>& pieces, std::string_view name, std::vector<std::string>& into) {
    using enum submission_edit::fault;
    const auto fields = named(pieces, name);
    if (fields.size() > 1) return several_from;
    if (fields.empty()) return none;
    auto addresses = read_authors(*fields.front());
    if (!addresses) return bad_from;
    into = std::move(*addresses);
    return none;
}

}  // namespace

submission_edit prepare_submission(std::string_view header, const submission_defaults& defaults) {
    start_gmime();
    submission_edit edit;
    const auto pieces = cut(header);
    for (const auto& p : pieces) {
        if (!p.name.empty() && !same_name(p.name, "Bcc") && !same_name(p.name, "Resent-Bcc")) continue;
        if (!edit.removed.empty() && edit.removed.back().begin + edit.removed.back().size == p.begin) {
            edit.removed.back().size += p.octets.size();
        } else {
            edit.removed.push_back({p.begin, p.octets.size()});
        }
    }
    edit.found = read_only(pieces, "From", edit.from);
    const auto sender_fault = read_only(pieces, "Sender", edit.senders);
    if (edit.found == submission_edit::fault::none) edit.found = sender_fault;
    if (edit.senders.size() > 1) edit.found = submission_edit::fault::bad_from;  // RFC 5322 3.6.2: one mailbox

    if (named(pieces, "Date").empty()) edit.prefix += fmt::format("Date: {}\r\n", core::to_rfc5322(defaults.now));
    if (named(pieces, "From").empty()) {
        edit.prefix += fmt::format("From: {}\r\n", defaults.sender);
        edit.from.push_back(defaults.sender);
    }
    if (named(pieces, "Message-ID").empty()) {
        edit.prefix += fmt::format("Message-ID: <{}@{}>\r\n", defaults.unique, defaults.domain);
    }
    return edit;
}

}  // namespace postern::message
