#pragma once

#include <string>
#include <string_view>

namespace postern::http {

/// How a body's octets are written (RFC 9110 8.4.1; brotli: RFC 7932).
enum class content_coding { identity, gzip, brotli };

/// Its name in Content-Encoding: "gzip", "br".
[[nodiscard]] std::string_view name_of(content_coding c);

/// The coding an Accept-Encoding field likes best (RFC 9110 12.5.3); brotli before gzip where it likes both the same. identity
/// when there is no such field, and when it forbids everything: an answer that was not asked for is better than none.
[[nodiscard]] content_coding choose_coding(std::string_view accept_encoding);

enum class effort {
    quick,     ///< for an answer that is made once: about 50 MB/s
    thorough,  ///< for what is kept and sent often
};

/// The octets in that coding. Takes a millisecond for each 50 KB or so.
[[nodiscard]] std::string compress(std::string_view octets, content_coding how, effort e);

/// Whether a body of this media type gets shorter.
[[nodiscard]] bool is_compressible(std::string_view content_type);

}  // namespace postern::http
