#include "message/part.hpp"

#include <algorithm>

#include "message/charset.hpp"
#include "message/clean_text.hpp"
#include "message/field_decoder.hpp"
#include "message/gmime_library.hpp"

namespace postern::message {

namespace {

constexpr std::size_t max_part_field = 16UL * 1024;  // octets of a field that are read
constexpr std::size_t max_token = 127;               // RFC 6838 4.2 for types and subtypes
constexpr std::size_t max_filename = 255;
constexpr std::size_t max_extension = 16;

std::string lower_case(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// RFC 2045 5.1: US-ASCII without space, controls and tspecials.
bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= max_token && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < 0x7f && !std::string_view("()<>@,;:\\\"/[]?=").contains(c);
    });
}

std::string text_or_empty(const char* text, std::size_t max) { return text == nullptr ? std::string{} : clean_line(text, max); }

/// A name for a file, and nothing but a name: folders are left out, so that nobody is led to write where the sender says.
std::string plain_filename(const char* given) {
    auto name = text_or_empty(given, max_part_field);
    if (const auto slash = name.find_last_of("/\\"); slash != std::string::npos) name.erase(0, slash + 1);
    if (name == "." || name == "..") return {};
    if (name.size() <= max_filename) return name;
    const auto dot = name.rfind('.');
    const std::string extension =
        dot != std::string::npos && name.size() - dot <= max_extension ? name.substr(dot) : std::string{};
    return std::string(cut_utf8(name, max_filename - extension.size())) + extension;
}

std::string readable(std::string_view value) {
    return with_known_charsets_in_parameters(with_known_charsets_in_words(readable_line(value, max_part_field)));
}

void read_content_type(std::string_view value, part& p) {
    const gmime_object<GMimeContentType> parsed(g_mime_content_type_parse(gmime_options(), readable(value).c_str()));
    auto type = lower_case(text_or_empty(g_mime_content_type_get_media_type(parsed.get()), max_part_field));
    auto subtype = lower_case(text_or_empty(g_mime_content_type_get_media_subtype(parsed.get()), max_part_field));
    if (!is_token(type) || !is_token(subtype)) return;
    // RFC 2045 5.2: what is no content type is text; GMime makes an unknown file of it.
    if (subtype == "octet-stream" && !lower_case(std::string(value)).contains(subtype)) return;
    p.type = std::move(type);
    p.subtype = std::move(subtype);
    const auto parameter = [&parsed](const char* name) { return g_mime_content_type_get_parameter(parsed.get(), name); };
    p.charset = lower_case(text_or_empty(parameter("charset"), max_token));
    p.flowed = lower_case(text_or_empty(parameter("format"), max_token)) == "flowed";
    p.delete_space = lower_case(text_or_empty(parameter("delsp"), max_token)) == "yes";
    p.filename = plain_filename(parameter("name"));
    if (p.type == "multipart") p.boundary = text_or_empty(parameter("boundary"), boundary_stack::max_boundary + 1);
}

void read_disposition(std::string_view value, part& p) {
    const gmime_object<GMimeContentDisposition> parsed(
        g_mime_content_disposition_parse(gmime_options(), readable(value).c_str()));
    const auto kind = lower_case(text_or_empty(g_mime_content_disposition_get_disposition(parsed.get()), max_token));
    p.disposition = kind == "inline" ? part::disposition_kind::in_line : part::disposition_kind::attachment;
    auto filename = plain_filename(g_mime_content_disposition_get_parameter(parsed.get(), "filename"));
    if (!filename.empty()) p.filename = std::move(filename);
}

}  // namespace

part read_part(const header_block& header, bool in_digest) {
    part p;
    if (in_digest) {
        p.type = "message";
        p.subtype = "rfc822";
    }
    if (const auto value = header.find("Content-Type"); !value.empty()) read_content_type(value, p);
    if (const auto value = header.find("Content-Disposition"); !value.empty()) read_disposition(value, p);
    if (const auto value = header.find("Content-ID"); !value.empty()) {
        const auto ids = decode_ids(value, 1);
        if (!ids.empty()) p.content_id = ids.front();
    }
    // RFC 2046 5.1: a multipart cannot be without a boundary; what calls itself one is shown as the text it is.
    if (p.type == "multipart" && (p.boundary.empty() || p.boundary.size() > boundary_stack::max_boundary)) {
        p.type = "text";
        p.subtype = "plain";
        p.boundary.clear();
    }
    // RFC 2045 6.4: a multipart is never encoded, whatever it says.
    if (!p.is_multipart()) p.body.encoding = read_transfer_encoding(header.find("Content-Transfer-Encoding"));
    return p;
}

}  // namespace postern::message
