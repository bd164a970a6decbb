#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/load.hpp"
#include "core/unicode.hpp"

/// Any octets as a configuration file: settings or problems, and each problem is one line of plain text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    postern::config::sources from;
    from.file_name = "postern.conf";
    from.file_text.assign(reinterpret_cast<const char*>(data), size);
    from.machine_name = [] { return std::string("machine.test"); };
    const auto outcome = postern::config::load(from);
    if (outcome) {
        if (outcome->values.server.hostname.empty() || outcome->values.limits.recipients < 100) std::abort();
        return 0;
    }
    if (outcome.error().empty()) std::abort();
    for (const auto& problem : outcome.error()) {
        const std::string_view text = problem.text;
        if (!text.starts_with("postern.conf") || !postern::core::is_utf8(text)) std::abort();
        for (const char c : text)
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
    }
    return 0;
}
