#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Validators (RFC 9110 8.8.3): a tag here is the opaque part alone, without quotes; ours hold letters, digits and "-".
namespace postern::http {

enum class tag_comparison {
    strong,  ///< for If-Match and If-Range: a weak tag matches nothing (RFC 9110 8.8.3.2)
    weak,    ///< for If-None-Match
};

/// The tag in a field's value of the form `"a", W/"b"` or `*` that is `tag`, as the client wrote it; nullopt: it is not there,
/// or the field is malformed up to it.
///
/// A compressed answer is another representation, so it carries the tag with its coding's name behind (RFC 9110 8.8.3.3); the
/// resource is the same, so such a tag matches the plain one.
[[nodiscard]] std::optional<std::string> find_tag(std::string_view field, std::string_view tag, tag_comparison how);

}  // namespace postern::http
