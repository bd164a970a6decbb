#include "message/mime_fields.hpp"

#include <algorithm>

#include "message/clean_text.hpp"
#include "message/field_decoder.hpp"
#include "message/field_parameters.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_mime_field = 16UL * 1024;
constexpr std::size_t max_encoding = 64;
constexpr std::size_t max_disposition = 127;
constexpr std::size_t max_languages = 100;

std::string mime_field(const header_block& header, std::string_view name) {
    return readable_line(cut_utf8(header.find(name), max_mime_field), max_mime_field);
}

std::optional<std::string> optional_mime_field(const header_block& header, std::string_view name) {
    auto text = mime_field(header, name);
    if (text.empty()) return std::nullopt;
    return text;
}

std::vector<std::string> read_languages(std::string_view line) {
    std::vector<std::string> languages;
    while (!line.empty() && languages.size() < max_languages) {
        const auto end = std::min(line.find(','), line.size());
        auto tag = readable_line(line.substr(0, end), max_mime_field);
        if (!tag.empty()) languages.push_back(std::move(tag));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return languages;
}

/// Without comments and what else may stand behind it, as read_transfer_encoding() reads it.
std::string read_encoding_name(const std::string& line) {
    const auto name = cut_utf8(std::string_view(line).substr(0, line.find_first_of(" ;(")), max_encoding);
    return std::string(name.empty() ? "7bit" : name);  // RFC 2045 6.1
}

bool begins_with_text(std::string_view content_type) {
    constexpr std::string_view text = "text";
    return content_type.size() >= text.size() && same_name(content_type.substr(0, text.size()), text);
}

std::size_t text_weight(const mime_parameters& parameters) {
    std::size_t sum = 0;
    for (const auto& [name, value] : parameters) sum += sizeof(parameters.front()) + name.size() + value.size();
    return sum;
}

std::size_t text_weight(const std::optional<std::string>& text) { return text ? text->size() : 0; }

std::size_t text_weight(const envelope& e) {
    std::size_t sum = sizeof(envelope);
    for (const auto* text : {&e.date, &e.subject, &e.in_reply_to, &e.message_id}) sum += text_weight(*text);
    for (const auto* list : {&e.from, &e.sender, &e.reply_to, &e.to, &e.cc, &e.bcc}) {
        for (const auto& a : *list)
            sum += sizeof(envelope_address) + text_weight(a.name) + text_weight(a.mailbox) + text_weight(a.host);
    }
    return sum;
}

}  // namespace

void read_mime_fields(const header_block& header, const part& read, mime_node& node) {
    node.type = read.type;
    node.subtype = read.subtype;
    const auto content_type = mime_field(header, "Content-Type");
    // What was made text for want of sense has the parameters of something else.
    if (read.is("text", "plain") && !begins_with_text(content_type)) {
        make_plain_text(node);
    } else {
        node.parameters = read_field_parameters(content_type).parameters;
    }
    node.id = optional_mime_field(header, "Content-ID");
    node.description = optional_mime_field(header, "Content-Description");
    node.encoding = read_encoding_name(mime_field(header, "Content-Transfer-Encoding"));
    node.md5 = optional_mime_field(header, "Content-MD5");
    auto disposition = read_field_parameters(mime_field(header, "Content-Disposition"));
    if (!disposition.value.empty()) {
        node.disposition = cut_utf8(disposition.value, max_disposition);
        node.disposition_parameters = std::move(disposition.parameters);
    }
    node.languages = read_languages(mime_field(header, "Content-Language"));
    node.location = optional_mime_field(header, "Content-Location");
}

void make_plain_text(mime_node& node) {
    node.type = "text";
    node.subtype = "plain";
    node.parameters = {{"charset", "us-ascii"}};
}

void make_opaque(mime_node& node) {
    node.type = "application";
    node.subtype = "octet-stream";
}

std::size_t text_weight(const mime_node& node) {
    auto sum = text_weight(node.parameters) + text_weight(node.disposition_parameters) + node.languages.size();
    for (const auto* text : {&node.id, &node.description, &node.md5, &node.disposition, &node.location}) {
        sum += text_weight(*text);
    }
    for (const auto& tag : node.languages) sum += sizeof(tag) + tag.size();
    if (node.envelope) sum += text_weight(*node.envelope);
    return sum;
}

void drop_texts(mime_node& node) {
    node.parameters.clear();
    node.disposition_parameters.clear();
    node.languages.clear();
    for (auto* const text : {&node.id, &node.description, &node.md5, &node.disposition, &node.location}) text->reset();
    if (node.envelope) node.envelope.emplace();
}

}  // namespace postern::message
