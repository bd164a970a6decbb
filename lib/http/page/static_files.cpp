#include "http/page/static_files.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "core/content.hpp"
#include "storage/digest.hpp"

namespace postern::http {

namespace {

constexpr std::string_view index_name = "index.html";

std::string digest_of(std::string octets) {
    const auto whole = storage::sha256(core::memory_content(std::move(octets)));
    std::string text;
    for (std::size_t i = 0; i < 8; ++i) text += fmt::format("{:02x}", whole.at(i));
    return text;
}

std::string content_type_of(std::string_view path) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> types = {{
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".woff2", "font/woff2"},
        {".webmanifest", "application/manifest+json"},
    }};
    const auto fits = [&](const auto& type) { return path.ends_with(type.first); };
    const auto* const found = std::ranges::find_if(types, fits);
    return std::string(found == types.end() ? "text/plain; charset=utf-8" : found->second);
}

std::string with_version(std::string_view index, const std::string& version) {
    constexpr std::string_view folder = "\"/assets/";
    std::string text(index);
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder, at + folder.size())) {
        text.insert(at + folder.size(), version + "/");
    }
    return text;
}

}  // namespace

static_files::static_files(std::span<const static_file> files) {
    std::string everything;
    for (const auto& f : files) everything.append(f.path).append(1, '\0').append(f.octets);
    version_ = digest_of(std::move(everything));
    for (const auto& f : files) {
        ready r{content_type_of(f.path), f.path == index_name ? with_version(f.octets, version_) : std::string(f.octets), {}};
        r.etag = digest_of(r.octets);
        files_.emplace(f.path, std::move(r));
    }
}

/// The octets in that coding; none, if it makes them no shorter.
const std::string& static_files::coded(ready& file, content_coding how) {
    auto& kept = how == content_coding::brotli ? file.brotli : file.gzip;
    if (!kept) {
        kept = compress(file.octets, how, effort::thorough);
        if (kept->size() >= file.octets.size()) kept->clear();
    }
    return *kept;
}

std::optional<response> static_files::find(std::string_view path, const request& r, bool versioned) const {
    const auto found = files_.find(path);
    if (found == files_.end()) return std::nullopt;
    auto& file = found->second;
    response answer{status::ok, file.content_type, {}, file.octets};
    answer.etag = file.etag;
    answer.cache_control = versioned ? "public, max-age=31536000, immutable" : "no-cache";
    if (!is_compressible(file.content_type)) return answer;
    answer.fields.emplace_back("Vary", "Accept-Encoding");
    const auto coding = choose_coding(r.field(boost::beast::http::field::accept_encoding));
    if (coding == content_coding::identity) return answer;
    const auto& body = coded(file, coding);
    if (body.empty()) return answer;
    answer.body = body;
    answer.fields.emplace_back("Content-Encoding", name_of(coding));
    answer.etag += fmt::format("-{}", name_of(coding));
    return answer;
}

}  // namespace postern::http
