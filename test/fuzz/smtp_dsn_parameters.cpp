#include "smtp/dsn_parameters.hpp"

#include <algorithm>

#include "core/unicode.hpp"
#include "require.hpp"
#include "smtp/xtext.hpp"

using namespace postern;
using namespace postern::smtp;

namespace {

bool fits_a_header(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

}  // namespace

/// Whatever a client writes in ENVID, ORCPT, NOTIFY and RET: what is taken fits a header, and written again means the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view value(reinterpret_cast<const char*>(data), size);
    require(decode_xtext(encode_xtext(value)) == value);
    if (const auto octets = decode_xtext(value)) require(decode_xtext(encode_xtext(*octets)) == octets);
    if (const auto envid = parse_envid(value)) require(envid->size() <= max_envid && fits_a_header(*envid));
    if (const auto notify = parse_notify(value)) require(parse_notify(to_string(*notify)) == notify);
    if (const auto ret = parse_ret(value)) require(parse_ret(to_string(*ret)) == ret);
    for (const bool utf8 : {false, true}) {
        const auto orcpt = parse_orcpt(value, utf8);
        if (!orcpt) continue;
        require(orcpt->size() <= max_orcpt && fits_a_header(*orcpt) && core::is_utf8(*orcpt));
        for (const bool out_utf8 : {false, true}) {
            const auto written = encode_orcpt(*orcpt, out_utf8);
            require(out_utf8 || core::is_ascii(written));
            if (written.size() <= max_orcpt) require(parse_orcpt(written, true) == orcpt);
        }
    }
    return 0;
}
