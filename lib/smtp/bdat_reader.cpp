#include "smtp/bdat_reader.hpp"

#include <algorithm>
#include <limits>

namespace postern::smtp {

void bdat_reader::begin(std::uint64_t size, bool last) noexcept {
    const auto room = std::numeric_limits<std::uint64_t>::max() - announced_;
    announced_ += std::min(size, room);
    remaining_ = size;
    last_ = last;
}

bdat_reader::progress bdat_reader::feed(std::string_view input, octet_sink& out) {
    const auto octets = input.substr(0, std::min<std::uint64_t>(input.size(), remaining_));
    remaining_ -= octets.size();
    if (!octets.empty()) out.append(octets);
    // RFC 3030 section 3: what BODY=BINARYMIME promises is arbitrary octets; all else is lines of text.
    if (body_ != body_type::binary) {
        text_.feed(octets);
        if (remaining_ == 0 && last_) text_.finish();
    }
    return {octets.size(), remaining_ == 0};
}

}  // namespace postern::smtp
