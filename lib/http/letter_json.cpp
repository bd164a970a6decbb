#include "http/letter_json.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include <boost/json/array.hpp>

#include "core/base64.hpp"
#include "core/unicode.hpp"
#include "message/attachment.hpp"
#include "message/parsed_message.hpp"
#include "storage/records.hpp"

namespace postern::http {

namespace json = boost::json;

namespace {

constexpr std::size_t most_addresses = 1'000;  // limits.recipients may ask for fewer
constexpr std::size_t most_attachments = 200;
constexpr std::size_t most_headers = 50;
constexpr std::size_t most_references = 100;
constexpr std::size_t longest_text = 2UL * 1024 * 1024;  // what is read of a message: a draft loses nothing
constexpr std::size_t longest_attachment = 1UL << 30;    // the body's own limit is lower
constexpr text_rule address_rule{.longest = 512, .may_be_empty = false};

outcome<message::mailbox_address> read_address(const json_object& in, std::string_view name, const json::value& value) {
    if (const auto* text = value.if_string()) {
        if (text->empty() || text->size() > address_rule.longest) return in.complain(name, "is no mail address");
        return message::mailbox_address{.name = {}, .address = std::string(text->data(), text->size())};
    }
    const auto* members = value.if_object();
    if (members == nullptr) return in.complain(name, R"(must be an address or {"name","address"})");
    const json_object o(*members, in.path_of(name));
    if (const auto known = o.only({"name", "address"}); !known) return std::unexpected(known.error());
    auto person = o.optional_text("name");
    if (!person) return std::unexpected(std::move(person.error()));
    auto address = o.text("address", address_rule);
    if (!address) return std::unexpected(std::move(address.error()));
    return message::mailbox_address{.name = person->value_or(""), .address = std::move(*address)};
}

outcome<void> read_addresses(const json_object& body, std::string_view name, std::vector<message::mailbox_address>& into) {
    const auto list = body.array(name, most_addresses);
    if (!list) return std::unexpected(list.error());
    for (std::size_t i = 0; i < (*list)->size(); ++i) {
        auto read = read_address(body, json_object::item(name, i), (**list)[i]);
        if (!read) return std::unexpected(std::move(read.error()));
        into.push_back(std::move(*read));
    }
    return {};
}

outcome<void> read_from(const json_object& body, const storage::account& account, message::mailbox_address& into) {
    if (const auto* given = body.find("from")) {
        auto read = read_address(body, "from", *given);
        if (!read) return std::unexpected(std::move(read.error()));
        into = std::move(*read);
        return {};
    }
    into = {.name = account.name, .address = storage::to_string(account.address)};
    return {};
}

outcome<void> read_attachments(const json_object& body, std::vector<message::new_attachment>& into) {
    const auto list = body.objects("attachments", most_attachments);
    if (!list) return std::unexpected(list.error());
    for (const auto& o : *list) {
        if (const auto known = o.only({"filename", "content_type", "content", "content_id"}); !known)
            return std::unexpected(known.error());
        auto filename = o.optional_text("filename");
        if (!filename) return std::unexpected(std::move(filename.error()));
        auto type = o.optional_text("content_type");
        if (!type) return std::unexpected(std::move(type.error()));
        auto id = o.optional_text("content_id");
        if (!id) return std::unexpected(std::move(id.error()));
        const auto content = o.text("content", {.longest = longest_attachment});
        if (!content) return std::unexpected(content.error());
        auto octets = core::decode_base64(*content);
        if (!octets) return o.complain("content", "is not base64 (RFC 4648 section 4, with padding and without line breaks)");
        into.push_back({.filename = filename->value_or(""),
                        .content_type = type->value_or(""),
                        .octets = std::move(*octets),
                        .content_id = id->value_or("")});
    }
    return {};
}

outcome<void> read_headers(const json_object& body, std::vector<std::pair<std::string, std::string>>& into) {
    const auto given = body.optional_object("headers");
    if (!given) return std::unexpected(given.error());
    if (!*given) return {};
    const auto names = (*given)->names();
    if (names.size() > most_headers) return body.complain("headers", "has too many fields");
    for (const auto name : names) {
        if (!message::is_free_field(name)) return (*given)->complain(name, "is not a field that may be set here");
        auto value = (*given)->text(name, {.longest = 4000});
        if (!value) return std::unexpected(std::move(value.error()));
        into.emplace_back(name, std::move(*value));
    }
    return {};
}

/// Without the angle brackets it may have been given with.
std::string message_id_of(std::string text) {
    if (text.starts_with('<') && text.ends_with('>')) return text.substr(1, text.size() - 2);
    return text;
}

/// in_reply_to is an id of ours or a Message-ID; only the second has an "@".
outcome<void> read_relations(const json_object& body, described_letter& into) {
    auto answered = body.optional_text("in_reply_to");
    if (!answered) return std::unexpected(std::move(answered.error()));
    auto references = body.texts("references", most_references);
    if (!references) return std::unexpected(std::move(references.error()));
    for (auto& id : *references) into.message.references.push_back(message_id_of(std::move(id)));
    if (*answered && !(*answered)->empty()) {
        if (const auto id = core::parse_id<core::entry_id>(**answered)) {
            into.answers = *id;
        } else if ((*answered)->contains('@')) {
            into.message.in_reply_to = message_id_of(std::move(**answered));
            if (into.message.references.empty()) into.message.references.push_back(into.message.in_reply_to);
        } else {
            return body.complain("in_reply_to", "is neither the id of a message here nor a Message-ID");
        }
    }
    const auto forwards = body.optional_id<core::entry_id>("forward_of");
    if (!forwards) return std::unexpected(forwards.error());
    into.forwards = *forwards;
    const auto draft = body.optional_id<core::entry_id>("draft");
    if (!draft) return std::unexpected(draft.error());
    into.draft = *draft;
    return {};
}

outcome<void> read_content(const json_object& body, message::new_message& into) {
    auto subject = body.optional_text("subject", {.longest = 998});
    if (!subject) return std::unexpected(std::move(subject.error()));
    into.subject = subject->value_or("");
    for (auto [name, target] : {std::pair{"text", &into.text}, {"html", &into.html}}) {
        auto given = body.optional_text(name, {.longest = longest_text, .lines = true});
        if (!given) return std::unexpected(std::move(given.error()));
        *target = std::move(*given);
    }
    return {};
}

}  // namespace

outcome<described_letter> read_letter(const json_object& body, const storage::account& from,
                                      const std::vector<form_part>& files) {
    described_letter letter;
    auto& m = letter.message;
    auto fine = body.only({"from", "to", "cc", "bcc", "reply_to", "subject", "text", "html", "attachments", "in_reply_to",
                           "references", "forward_of", "headers", "draft"});
    if (fine) fine = read_from(body, from, m.from);
    if (fine) fine = read_addresses(body, "to", m.to);
    if (fine) fine = read_addresses(body, "cc", m.cc);
    if (fine) fine = read_addresses(body, "bcc", m.bcc);
    if (fine) fine = read_addresses(body, "reply_to", m.reply_to);
    if (fine) fine = read_content(body, m);
    if (fine) fine = read_attachments(body, m.attachments);
    if (fine) fine = read_headers(body, m.headers);
    if (fine) fine = read_relations(body, letter);
    if (!fine) return std::unexpected(std::move(fine.error()));
    for (const auto& file : files) {
        m.attachments.push_back(
            {.filename = file.filename, .content_type = file.content_type, .octets = std::string(file.octets)});
    }
    return letter;
}

message::new_message letter_of(std::shared_ptr<const core::content> octets) {
    auto read = message::parse(*octets);
    message::new_message m;
    if (!read.from.empty()) m.from = std::move(read.from.front());
    m.to = std::move(read.to);
    m.cc = std::move(read.cc);
    m.bcc = std::move(read.bcc);
    m.reply_to = std::move(read.reply_to);
    m.subject = std::move(read.subject);
    if (read.text) m.text = std::move(read.text->text);
    if (read.html) m.html = std::move(read.html->text);
    if (!read.in_reply_to.empty()) m.in_reply_to = std::move(read.in_reply_to.front());
    m.references = std::move(read.references);
    for (auto& h : read.headers)
        if (message::is_free_field(h.name)) m.headers.emplace_back(std::move(h.name), std::move(h.value));
    for (const auto& a : read.attachments) {
        const auto opened = message::open_attachment(octets, a.id);
        if (!opened) continue;
        m.attachments.push_back({.filename = a.filename,
                                 .content_type = a.content_type,
                                 .octets = core::read_all(*opened->octets),
                                 .content_id = a.is_inline ? a.content_id : std::string()});
    }
    return m;
}

}  // namespace postern::http
