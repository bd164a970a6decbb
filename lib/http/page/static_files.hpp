#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"

/// Files that are part of the program: the page, its scripts and styles, the API's description.
namespace postern::http {

/// One of them, as embedded at build time (.cmake/embed_files.cmake).
struct static_file {
    std::string_view path;  ///< below its folder: "index.html", "css/base.css"
    std::string_view octets;
};

/// The files ready to be sent: compressed both ways and hashed, once, when this is made (some ten milliseconds).
///
/// Files refer to each other by relative paths, and the index to "/assets/...". It is given a version there, the hash of all
/// files: "/assets/<version>/...", so a browser may keep what it has for ever and still never mixes two versions of the page.
class static_files {
public:
    explicit static_files(std::span<const static_file> files);

    /// The answer to a GET for a file; nullopt: there is none. `version`: the request's path had it, so the answer never
    /// changes.
    [[nodiscard]] std::optional<response> find(std::string_view path, const request& r, bool versioned = false) const;

    /// 16 hexadecimal digits.
    [[nodiscard]] const std::string& version() const noexcept { return version_; }

private:
    struct ready {
        std::string content_type;
        std::string octets;
        std::string gzip;
        std::string brotli;  ///< empty, as gzip, where it is not shorter
        std::string etag;
    };

    std::map<std::string, ready, std::less<>> files_;
    std::string version_;
};

/// What lib/http itself embeds: the API's description.
[[nodiscard]] std::span<const static_file> embedded_documents();

}  // namespace postern::http
