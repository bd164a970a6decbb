#include "http/wire/content_coding.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include <brotli/encode.h>
#include <zlib.h>
#include <boost/url/grammar/ci_string.hpp>

#include "http/content_type.hpp"
#include "http/wire/white_space.hpp"

namespace postern::http {

namespace {

using boost::urls::grammar::ci_is_equal;

/// RFC 9110 12.4.2: 0 to 1 with up to three digits, here in thousandths.
std::optional<int> to_weight(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    int value = (text[0] - '0') * 1000;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    int place = 100;
    for (std::size_t i = 2; i < text.size(); ++i, place /= 10) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value += (text[i] - '0') * place;
    }
    return value > 1000 ? std::nullopt : std::optional(value);
}

struct weights {
    std::optional<int> identity, gzip, brotli, any;
};

void note(std::string_view element, weights& into) {
    const auto semicolon = std::min(element.find(';'), element.size());
    const auto coding = trimmed(element.substr(0, semicolon));
    int weight = 1000;
    if (semicolon < element.size()) {
        const auto parameter = trimmed(element.substr(semicolon + 1));
        if (parameter.size() < 2 || !ci_is_equal(parameter.substr(0, 2), "q=")) return;
        const auto given = to_weight(parameter.substr(2));
        if (!given) return;
        weight = *given;
    }
    if (ci_is_equal(coding, "br")) into.brotli = weight;
    if (ci_is_equal(coding, "gzip") || ci_is_equal(coding, "x-gzip")) into.gzip = weight;  // RFC 9110 8.4.1.3
    if (ci_is_equal(coding, "identity")) into.identity = weight;
    if (coding == "*") into.any = weight;
}

std::string to_gzip(std::string_view octets, effort e) {
    constexpr int gzip_wrapper = 15 + 16;  // the largest window, and gzip's header instead of zlib's
    z_stream z{};
    if (deflateInit2(&z, e == effort::quick ? 5 : 9, Z_DEFLATED, gzip_wrapper, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("gzip cannot begin");
    }
    std::string out(deflateBound(&z, octets.size()), '\0');
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));  // zlib does not write there
    z.avail_in = static_cast<uInt>(octets.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    const int ended = deflate(&z, Z_FINISH);
    out.resize(z.total_out);
    deflateEnd(&z);
    if (ended != Z_STREAM_END) throw std::runtime_error("gzip failed");
    return out;
}

std::string to_brotli(std::string_view octets, effort e) {
    std::string out(BrotliEncoderMaxCompressedSize(octets.size()), '\0');
    auto size = out.size();
    const int quality = e == effort::quick ? 4 : 9;
    // For a window of 64 KiB at most it makes do with a tenth of its tables, which for a small text cost more than the text.
    constexpr int small_window = 16;
    const int window = octets.size() < (1U << small_window) ? small_window : BROTLI_DEFAULT_WINDOW;
    if (BrotliEncoderCompress(quality, window, BROTLI_MODE_TEXT, octets.size(),
                              reinterpret_cast<const std::uint8_t*>(octets.data()), &size,
                              reinterpret_cast<std::uint8_t*>(out.data())) != BROTLI_TRUE) {
        throw std::runtime_error("brotli failed");
    }
    out.resize(size);
    return out;
}

}  // namespace

std::string_view name_of(content_coding c) {
    switch (c) {
        case content_coding::gzip: return "gzip";
        case content_coding::brotli: return "br";
        case content_coding::identity: break;
    }
    return "identity";
}

content_coding choose_coding(std::string_view accept_encoding) {
    weights w;
    for (std::size_t start = 0; start <= accept_encoding.size();) {
        const auto end = std::min(accept_encoding.find(',', start), accept_encoding.size());
        note(trimmed(accept_encoding.substr(start, end - start)), w);
        start = end + 1;
    }
    const int brotli = w.brotli.value_or(w.any.value_or(0));
    const int gzip = w.gzip.value_or(w.any.value_or(0));
    const int best = std::max(brotli, gzip);
    if (best == 0 || best < w.identity.value_or(0)) return content_coding::identity;
    return brotli == best ? content_coding::brotli : content_coding::gzip;
}

std::string compress(std::string_view octets, content_coding how, effort e) {
    switch (how) {
        case content_coding::gzip: return to_gzip(octets, e);
        case content_coding::brotli: return to_brotli(octets, e);
        case content_coding::identity: break;
    }
    return std::string(octets);
}

bool is_compressible(std::string_view content_type) {
    const auto type = media_type(content_type);
    return type.starts_with("text/") || type.ends_with("json") || type.ends_with("javascript") || type.ends_with("+xml");
}

}  // namespace postern::http
