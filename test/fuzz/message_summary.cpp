// Any octets give a summary that fits a row: UTF-8 without control characters, within the bounds summary.hpp states; and the
// same summary whether the content lies in memory or is read in pieces.
#include <cstdint>
#include <cstdlib>

#include "core/unicode.hpp"
#include "message/summary.hpp"

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void require_clean(const std::string& text, std::size_t max) {
    require(text.size() <= max);
    require(core::is_utf8(text));
    for (const char c : text) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

void require_clean(const message::mailbox_address& a) {
    require_clean(a.name, 512);
    require_clean(a.address, 320);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto content = std::make_shared<core::memory_content>(std::string(reinterpret_cast<const char*>(data), size));
    const auto s = message::summarize(*content);
    require_clean(s.from);
    require(s.to.size() <= 100);
    for (const auto& a : s.to) require_clean(a);
    require_clean(s.subject, 998);
    require_clean(s.preview, 800);
    require_clean(s.message_id, 998);
    require_clean(s.in_reply_to, 998);
    require(s.references.size() <= 100);
    for (const auto& id : s.references) require_clean(id, 998);
    if (s.date) require(*s.date >= core::timestamp{} && core::to_rfc3339(*s.date).size() == 20);

    const auto distant = message::summarize(core::prefixed_content("", content));
    require(distant.subject == s.subject && distant.preview == s.preview && distant.has_attachments == s.has_attachments);
    return 0;
}
