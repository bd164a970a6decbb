// Any octets give a whole message within the bounds parsed_message.hpp states, and every attachment it lists can be opened and
// is as long as it says, in pieces of any size.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "core/unicode.hpp"
#include "message/parsed_message.hpp"

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void require_line(const std::string& text) {
    require(core::is_utf8(text));
    require(std::ranges::none_of(text, is_control));
}

void require_body(const std::optional<message::body>& b) {
    if (!b) return;
    require(b->text.size() <= 2UL * 1024 * 1024);
    require(core::is_utf8(b->text));
    require(std::ranges::none_of(b->text, [](char c) { return is_control(c) && c != '\n' && c != '\t'; }));
}

void require_attachment(const std::shared_ptr<core::memory_content>& content, const message::attachment& listed) {
    require_line(listed.filename);
    require(!listed.filename.contains('/') && listed.filename.size() <= 255);
    require_line(listed.content_type);
    require_line(listed.content_id);
    const auto opened = message::open_attachment(content, listed.id);
    require(opened && opened->description.filename == listed.filename && opened->octets->size() == listed.size);
    const auto whole = core::read_all(*opened->octets);
    require(whole.size() == listed.size);
    const auto middle = static_cast<std::size_t>(listed.size / 2);
    std::string piece(97, '\0');
    piece.resize(opened->octets->read(middle, piece));
    require(whole.substr(middle, 97) == piece);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto content = std::make_shared<core::memory_content>(std::string(reinterpret_cast<const char*>(data), size));
    const auto m = message::parse(*content);
    for (const auto* list : {&m.from, &m.to, &m.cc, &m.reply_to}) {
        require(list->size() <= 1000);
        for (const auto& a : *list) {
            require_line(a.name);
            require_line(a.address);
        }
    }
    require_line(m.subject);
    require_line(m.message_id);
    require(m.headers.size() <= 1000);
    for (const auto& h : m.headers) {
        require_line(h.name);
        require_line(h.value);
    }
    require_body(m.text);
    require_body(m.html);
    require(m.attachments.size() <= 1000);
    constexpr std::size_t opened = 20;  // each walks the message again
    for (std::size_t i = 0; i < std::min(opened, m.attachments.size()); ++i) require_attachment(content, m.attachments[i]);
    return 0;
}
