// Whatever a message is, what it is made is text that the next server carries; and of what was text, making it again changes
// nothing more.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "message/downgrade.hpp"
#include "message/structure.hpp"

using namespace postern;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::optional<std::string> downgraded(const std::string& octets, message::downgrade_to target) {
    message::downgrader d(std::make_shared<core::memory_content>(octets), 0, target);
    if (d.obstacle()) return std::nullopt;
    std::string out;
    while (d.next(out)) {
    }
    return out;
}

bool is_text(const std::string& octets) {
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (octets[i] == '\0') return false;
        if (octets[i] == '\n' && (i == 0 || octets[i - 1] != '\r')) return false;
        if (octets[i] == '\r' && (i + 1 == octets.size() || octets[i + 1] != '\n')) return false;
    }
    return true;
}

void require_ascii_bodies(const std::string& octets) {
    const core::memory_content content(octets);
    message::octet_window window(content);
    for (const auto& p : message::walk(window).parts()) {
        if (p.opened || p.type == "message") continue;
        const auto body = octets.substr(p.body.begin, p.body.end - p.body.begin);
        require(std::ranges::all_of(body, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string octets(reinterpret_cast<const char*>(data), size);
    for (const auto target : {message::downgrade_to::seven_bit, message::downgrade_to::eight_bit}) {
        const auto once = downgraded(octets, target);
        if (!once) continue;
        require(is_text(*once));
        if (target == message::downgrade_to::seven_bit) require_ascii_bodies(*once);
        const auto twice = downgraded(*once, target);
        if (twice && is_text(octets)) require(*twice == *once);
    }
    static_cast<void>(message::has_utf8_header(core::memory_content(octets), 0));
    return 0;
}
