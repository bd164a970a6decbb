#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"
#include "http/wire/content_coding.hpp"

/// Files that are part of the program: the page, its scripts and styles, the API's description.
namespace postern::http {

/// One of them, as embedded at build time (.cmake/embed_files.cmake).
struct static_file {
    std::string_view path;  ///< below its folder: "index.html", "css/base.css"
    std::string_view octets;
};

/// The files ready to be sent. Hashed when this is made; compressed, each once, when a client first asks for it in that coding:
/// a millisecond then, in place of a start that takes half as long again for what nobody may ask for. Loop thread only.
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
        std::string etag;
        std::optional<std::string> gzip{};    ///< once somebody asked for it; empty where it is not shorter
        std::optional<std::string> brotli{};  ///< as gzip
    };

    static const std::string& coded(ready& file, content_coding how);

    mutable std::map<std::string, ready, std::less<>> files_;
    std::string version_;
};

/// What lib/http itself embeds: the API's description.
[[nodiscard]] std::span<const static_file> embedded_documents();

}  // namespace postern::http
