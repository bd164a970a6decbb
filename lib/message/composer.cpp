#include "message/composer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "core/unicode.hpp"
#include "message/clean_text.hpp"
#include "message/gmime_library.hpp"
#include "message/line_lengths.hpp"

namespace postern::message {

namespace {

constexpr std::size_t longest_value = 8000;  // octets of a field from a form
constexpr auto charset = "utf-8";

/// "NAME: first, second" with each item on a line of its own where they do not fit.
class field_writer {
public:
    field_writer(std::string& out, std::string_view name) : out_(out), column_(name.size() + 1) {
        out_ += name;
        out_ += ':';
    }
    void add(std::string_view item) {
        if (!first_ && column_ + 1 + item.size() > columns) {
            out_ += "\r\n";
            column_ = 0;
        }
        out_ += ' ';
        out_ += item;
        column_ += 1 + item.size();
        first_ = false;
    }
    void finish() { out_ += "\r\n"; }

private:
    std::string& out_;
    std::size_t column_;
    bool first_ = true;
};

std::string take(char* text) {
    const gmime_string owned(text);
    return owned ? std::string(owned.get()) : std::string();
}

/// Words of a field that is text, encoded where they are not ASCII (RFC 2047 section 5).
void append_text(std::string& out, std::string_view name, std::string_view text) {
    const auto clean = clean_line(text, longest_value);
    const auto encoded = take(g_mime_utils_header_encode_text(nullptr, clean.c_str(), charset));
    field_writer field(out, name);
    for (std::string_view rest = encoded; !rest.empty();) {
        auto word = rest.substr(0, rest.find(' '));
        if (word.size() > longest_word) word = cut_utf8(word, longest_word);
        rest.remove_prefix(word.size());
        if (rest.starts_with(' ')) rest.remove_prefix(1);
        if (!word.empty()) field.add(word);
    }
    field.finish();
}

/// `"Ann Example" <ann@example.org>`. What could begin another address is no part of one, but between quotes.
std::string written(const mailbox_address& a) {
    auto address = clean_line(a.address, longest_word);
    const auto begins_another = address.starts_with('"') ? std::string_view("<>") : std::string_view("<>,;: \"");
    std::erase_if(address, [begins_another](char c) { return begins_another.contains(c); });
    const auto name = clean_line(a.name, 500);
    if (name.empty()) return address;
    return fmt::format("{} <{}>", take(g_mime_utils_header_encode_phrase(nullptr, name.c_str(), charset)), address);
}

void append_addresses(std::string& out, std::string_view name, const std::vector<mailbox_address>& list) {
    if (list.empty()) return;
    field_writer field(out, name);
    for (std::size_t i = 0; i < list.size(); ++i) field.add(written(list[i]) + (i + 1 < list.size() ? "," : ""));
    field.finish();
}

/// What may stand between the angle brackets of a message id.
std::string sound_id(std::string_view id) {
    std::string out(id.substr(0, longest_word));
    std::erase_if(out, [](char c) { return c <= ' ' || c >= 0x7f || c == '<' || c == '>'; });
    return out;
}

void append_ids(std::string& out, std::string_view name, const std::vector<std::string>& ids) {
    field_writer field(out, name);
    bool any = false;
    for (const auto& id : ids) {
        const auto sound = sound_id(id);
        if (sound.empty()) continue;
        field.add(fmt::format("<{}>", sound));
        any = true;
    }
    if (any) return field.finish();
    out.resize(out.size() - name.size() - 1);
}

std::string header_of(const new_message& m) {
    std::string out;
    append_text(out, "Date", core::to_rfc5322(m.date));
    append_addresses(out, "From", {m.from});
    append_addresses(out, "Reply-To", m.reply_to);
    append_addresses(out, "To", m.to);
    append_addresses(out, "Cc", m.cc);
    if (m.draft) append_addresses(out, "Bcc", m.bcc);
    // RFC 5322 3.6: a message without a visible recipient needs no destination field.
    append_text(out, "Subject", m.subject);
    append_ids(out, "Message-ID", {m.message_id});
    if (!m.in_reply_to.empty()) append_ids(out, "In-Reply-To", {m.in_reply_to});
    if (!m.references.empty()) append_ids(out, "References", m.references);
    for (const auto& [name, value] : m.headers)
        if (is_free_field(name)) append_text(out, name, value);
    return out;
}

/// Text in canonical form but for its line breaks, which are LF until the message is written.
std::string text_lines(std::string_view text) {
    auto lines = clean_lines(text);
    if (!lines.empty() && !lines.ends_with('\n')) lines += '\n';
    return lines;
}

gmime_object<GMimeStream> memory_stream(std::string_view octets) {
    return gmime_object<GMimeStream>(g_mime_stream_mem_new_with_buffer(octets.data(), octets.size()));
}

void set_content(GMimePart* part, std::string_view octets) {
    const auto stream = memory_stream(octets);
    const gmime_object<GMimeDataWrapper> wrapper(
        g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
    g_mime_part_set_content(part, wrapper.get());
}

bool has_long_line(std::string_view text) {
    std::size_t column = 0;
    return std::ranges::any_of(text, [&column](char c) {
        column = c == '\n' ? 0 : column + 1;
        return column > columns;
    });
}

gmime_object<GMimeObject> text_part(const char* subtype, std::string_view text) {
    const auto lines = text_lines(text);
    gmime_object<GMimeObject> part(GMIME_OBJECT(g_mime_part_new_with_type("text", subtype)));
    g_mime_object_set_content_type_parameter(part.get(), "charset", charset);
    set_content(GMIME_PART(part.get()), lines);
    // Longer lines than people's terminals have are kept whole, and whatever a relay does to the ends of lines is undone.
    const bool plain = core::is_ascii(lines) && !has_long_line(lines);
    g_mime_part_set_content_encoding(GMIME_PART(part.get()),
                                     plain ? GMIME_CONTENT_ENCODING_7BIT : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return part;
}

bool is_same(std::string_view a, std::string_view b) {
    return a.size() == b.size() && g_ascii_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

/// The sender's word for what it is, if it is one. What is built of parts is shown by its octets, not taken apart here.
gmime_object<GMimeObject> part_of_type(const std::string& content_type) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$&-^_.+").contains(c);
    };
    const auto slash = content_type.find('/');
    const auto type = content_type.substr(0, slash);
    const auto subtype = slash == std::string::npos ? std::string() : content_type.substr(slash + 1);
    const bool known = !type.empty() && !subtype.empty() && content_type.size() <= 127 && std::ranges::all_of(type, fits) &&
                       std::ranges::all_of(subtype, fits) && !is_same(type, "multipart") && !is_same(type, "message");
    return gmime_object<GMimeObject>(GMIME_OBJECT(known ? g_mime_part_new_with_type(type.c_str(), subtype.c_str())
                                                        : g_mime_part_new_with_type("application", "octet-stream")));
}

gmime_object<GMimeObject> attachment_part(const new_attachment& a) {
    auto part = part_of_type(a.content_type);
    const auto name = clean_line(a.filename, 255);
    g_mime_object_set_disposition(part.get(), a.content_id.empty() ? "attachment" : "inline");
    if (!name.empty()) g_mime_part_set_filename(GMIME_PART(part.get()), name.c_str());
    if (const auto id = sound_id(a.content_id); !id.empty()) g_mime_object_set_content_id(part.get(), id.c_str());
    set_content(GMIME_PART(part.get()), a.octets);
    g_mime_part_set_content_encoding(GMIME_PART(part.get()), GMIME_CONTENT_ENCODING_BASE64);
    return part;
}

gmime_object<GMimeObject> multipart(const char* subtype, gmime_object<GMimeObject> first) {
    gmime_object<GMimeObject> whole(GMIME_OBJECT(g_mime_multipart_new_with_subtype(subtype)));
    g_mime_multipart_add(GMIME_MULTIPART(whole.get()), first.get());
    return whole;
}

/// RFC 2046 5.1.4, RFC 2387: text and HTML are the same thing twice; what the HTML shows belongs to it; the rest is attached.
gmime_object<GMimeObject> body_of(const new_message& m) {
    gmime_object<GMimeObject> body;
    if (m.html) {
        body = text_part("html", *m.html);
        for (const auto& a : m.attachments) {
            if (a.content_id.empty()) continue;
            if (!GMIME_IS_MULTIPART(body.get())) body = multipart("related", std::move(body));
            g_mime_multipart_add(GMIME_MULTIPART(body.get()), attachment_part(a).get());
        }
    }
    if (m.text || !m.html) {
        auto text = text_part("plain", m.text.value_or(""));
        if (body) {
            text = multipart("alternative", std::move(text));
            g_mime_multipart_add(GMIME_MULTIPART(text.get()), body.get());
        }
        body = std::move(text);
    }
    bool mixed = false;
    for (const auto& a : m.attachments) {
        if (m.html && !a.content_id.empty()) continue;
        if (!mixed) body = multipart("mixed", std::move(body));
        mixed = true;
        g_mime_multipart_add(GMIME_MULTIPART(body.get()), attachment_part(a).get());
    }
    return body;
}

struct format_deleter {
    void operator()(GMimeFormatOptions* options) const noexcept { g_mime_format_options_free(options); }
};

void append_object(std::string& out, GMimeObject* object) {
    const std::unique_ptr<GMimeFormatOptions, format_deleter> format(g_mime_format_options_new());
    g_mime_format_options_set_newline_format(format.get(), GMIME_NEWLINE_FORMAT_DOS);
    const gmime_object<GMimeStream> stream(g_mime_stream_mem_new());
    g_mime_object_write_to_stream(object, format.get(), stream.get());
    const auto* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    out.append(reinterpret_cast<const char*>(array->data), array->len);
}

}  // namespace

bool is_free_field(std::string_view name) {
    constexpr std::array<std::string_view, 8> informing = {"Importance", "Priority",     "Sensitivity", "Keywords",
                                                           "Comments",   "Organization", "Precedence",  "Auto-Submitted"};
    const auto fits = [](char c) { return c > ' ' && c < 0x7f && c != ':'; };  // RFC 5322 3.6.8
    if (name.empty() || name.size() > 77 || !std::ranges::all_of(name, fits)) return false;
    if (is_same(name.substr(0, 2), "X-") || is_same(name.substr(0, 5), "List-")) return true;
    return std::ranges::any_of(informing, [name](std::string_view each) { return is_same(each, name); });
}

std::string compose(const new_message& m) {
    start_gmime();
    auto out = header_of(m);
    out += "MIME-Version: 1.0\r\n";
    append_object(out, body_of(m).get());
    if (!out.ends_with("\r\n")) out += "\r\n";
    return out;
}

bool needs_smtputf8(const new_message& m) {
    const auto outside = [](const mailbox_address& a) { return !core::is_ascii(a.address); };
    return outside(m.from) || std::ranges::any_of(m.to, outside) || std::ranges::any_of(m.cc, outside) ||
           std::ranges::any_of(m.reply_to, outside) || std::ranges::any_of(m.bcc, outside);
}

}  // namespace postern::message
