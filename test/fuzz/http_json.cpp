#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/unicode.hpp"
#include "http/json_body.hpp"

namespace {

using namespace postern::http;

/// A complaint is told to the client as JSON, whatever the member was called.
template <class T>
void use(const outcome<T>& r) {
    if (r.has_value()) return;
    if (r.error().code != status::unprocessable_entity) std::abort();
    if (!postern::core::is_utf8(to_json(r.error()))) std::abort();
}

void read(const json_object& o) {
    use(o.only({"a", "b"}));
    for (const std::string_view name : {"a", "b"}) {
        use(o.text(name));
        use(o.text(name, {.longest = 8, .may_be_empty = false, .lines = true}));
        use(o.optional_boolean(name));
        use(o.optional_integer(name, -5, 5));
        use(o.optional_time(name));
        use(o.texts(name, 3));
        use(o.ids<postern::core::entry_id>(name, 3));
        use(o.optional_id<postern::core::entry_id>(name));
        const auto items = o.objects(name, 3);
        use(items);
        if (items) {
            for (const auto& i : *items) read(i);
        }
        const auto inner = o.optional_object(name);
        use(inner);
        if (inner && *inner) read(**inner);
    }
}

}  // namespace

/// Any octets as a request's body: JSON whose members can be asked for as anything, or a refusal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto parsed = parse_json(octets, 16);
    if (!parsed) {
        if (parsed.error().code != status::bad_request && parsed.error().code != status::payload_too_large) std::abort();
        return 0;
    }
    if (parsed->is_object()) read(json_object(parsed->as_object()));
    return 0;
}
