#include "http/json_body.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <boost/json/memory_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/storage_ptr.hpp>

namespace postern::http {

namespace json = boost::json;

namespace {

/// The heap, up to a bound: an array of a million empty arrays is two megabytes of text and would be a hundred of values.
class bounded_memory final : public json::memory_resource {
public:
    explicit bounded_memory(std::size_t most) : left_(most) {}

private:
    // No value needs more than the alignment every allocation has; and Boost.JSON 1.81 gives some memory back under another one
    // than it asked for.
    void* do_allocate(std::size_t size, std::size_t /*alignment*/) override {
        if (size > left_) throw std::bad_alloc();
        void* const place = ::operator new(size);
        left_ -= size;
        return place;
    }
    void do_deallocate(void* place, std::size_t size, std::size_t /*alignment*/) override {
        left_ += size;
        ::operator delete(place);
    }
    [[nodiscard]] bool do_is_equal(const json::memory_resource& other) const noexcept override { return this == &other; }

    std::size_t left_;
};

bool is_forbidden(char c, bool lines) {
    if (lines && (c == '\n' || c == '\r' || c == '\t')) return false;
    return static_cast<unsigned char>(c) < 0x20U || c == '\x7F';
}

/// A name as the client sent it, short enough to be read back to it.
std::string_view shortened(std::string_view name) {
    std::size_t end = std::min<std::size_t>(name.size(), 64);
    while (end < name.size() && end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;  // whole UTF-8
    return name.substr(0, end);
}

std::string_view view(const json::string& s) { return {s.data(), s.size()}; }

}  // namespace

outcome<json::value> parse_json(std::string_view text, std::size_t depth) {
    json::parse_options options;
    options.max_depth = depth;
    boost::system::error_code failed;
    // Ordinary values take two or three times the octets of their text, while they are being read.
    const auto memory = json::make_shared_resource<bounded_memory>(4 * text.size() + 64UL * 1024);
    try {
        auto value = json::parse(json::string_view(text.data(), text.size()), failed, memory, options);
        if (!failed) return value;
    } catch (const std::bad_alloc&) {
        return refuse(status::payload_too_large, "The JSON text has too many values for its size.");
    }
    if (failed == json::error::too_deep) {
        return refuse(status::bad_request, fmt::format("The JSON text is nested deeper than {} levels.", depth));
    }
    return refuse(status::bad_request, "The request body is not JSON: " + failed.message() + ".");
}

const json::value* json_object::find(std::string_view name) const {
    const auto* value = members_->if_contains(json::string_view(name.data(), name.size()));
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::vector<std::string_view> json_object::names() const {
    std::vector<std::string_view> all;
    all.reserve(members_->size());
    for (const auto& member : *members_) all.emplace_back(member.key().data(), member.key().size());
    return all;
}

bool json_object::is_null(std::string_view name) const {
    const auto* value = members_->if_contains(json::string_view(name.data(), name.size()));
    return value != nullptr && value->is_null();
}

std::string json_object::path_of(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

std::string json_object::item(std::string_view name, std::size_t index) { return fmt::format("{}[{}]", name, index); }

std::unexpected<problem> json_object::complain(std::string_view name, std::string_view what) const {
    const auto path = path_of(name);
    problem p{status::unprocessable_entity, fmt::format("The member \"{}\" {}.", path, what), {}};
    p.member = path;
    return std::unexpected(std::move(p));
}

outcome<void> json_object::only(std::initializer_list<std::string_view> known) const {
    for (const auto& member : *members_) {
        const std::string_view name(member.key().data(), member.key().size());
        if (std::ranges::find(known, name) == known.end()) return complain(shortened(name), "is not known here");
    }
    return {};
}

outcome<std::string> json_object::text_of(const json::value& value, std::string_view name, text_rule rule) const {
    const auto* given = value.if_string();
    if (given == nullptr) return complain(name, "must be a string");
    const auto text = view(*given);
    if (text.empty() && !rule.may_be_empty) return complain(name, "must not be empty");
    if (text.size() > rule.longest) return complain(name, fmt::format("must not be longer than {} octets", rule.longest));
    // NUL above all, which a database's text cannot hold.
    if (std::ranges::any_of(text, [&](char c) { return is_forbidden(c, rule.lines); })) {
        return complain(name, "must not have control characters");
    }
    return std::string(text);
}

outcome<std::string> json_object::text(std::string_view name, text_rule rule) const {
    const auto* value = find(name);
    if (value == nullptr) return complain(name, "is missing");
    return text_of(*value, name, rule);
}

outcome<std::optional<std::string>> json_object::optional_text(std::string_view name, text_rule rule) const {
    const auto* value = find(name);
    if (value == nullptr) return std::optional<std::string>();
    auto text = text_of(*value, name, rule);
    if (!text) return std::unexpected(std::move(text.error()));
    return std::optional(std::move(*text));
}

outcome<std::optional<bool>> json_object::optional_boolean(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr) return std::optional<bool>();
    if (!value->is_bool()) return complain(name, "must be true or false");
    return std::optional(value->get_bool());
}

outcome<std::optional<std::int64_t>> json_object::optional_integer(std::string_view name, std::int64_t least,
                                                                   std::int64_t most) const {
    const auto* value = find(name);
    if (value == nullptr) return std::optional<std::int64_t>();
    if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most) {
        return complain(name, fmt::format("must be a whole number from {} to {}", least, most));
    }
    return std::optional(value->get_int64());
}

outcome<std::optional<core::timestamp>> json_object::optional_time(std::string_view name) const {
    auto text = optional_text(name);
    if (!text) return std::unexpected(std::move(text.error()));
    if (!*text) return std::optional<core::timestamp>();
    const auto time = core::parse_rfc3339(**text);
    if (!time) return complain(name, "must be a time as in RFC 3339, such as \"2026-11-23T05:10:00Z\"");
    return time;
}

outcome<const json::array*> json_object::array(std::string_view name, std::size_t most) const {
    static const json::array none;
    const auto* value = find(name);
    if (value == nullptr) return &none;
    const auto* items = value->if_array();
    if (items == nullptr) return complain(name, "must be an array");
    if (items->size() > most) return complain(name, fmt::format("must not have more than {} items", most));
    return items;
}

outcome<std::vector<std::string>> json_object::texts(std::string_view name, std::size_t most, text_rule rule) const {
    const auto items = array(name, most);
    if (!items) return std::unexpected(items.error());
    std::vector<std::string> found;
    for (std::size_t i = 0; i < (*items)->size(); ++i) {
        auto text = text_of((**items)[i], item(name, i), rule);
        if (!text) return std::unexpected(std::move(text.error()));
        found.push_back(std::move(*text));
    }
    return found;
}

outcome<std::vector<json_object>> json_object::objects(std::string_view name, std::size_t most) const {
    const auto items = array(name, most);
    if (!items) return std::unexpected(items.error());
    std::vector<json_object> found;
    for (std::size_t i = 0; i < (*items)->size(); ++i) {
        const auto* members = (**items)[i].if_object();
        if (members == nullptr) return complain(item(name, i), "must be an object");
        found.emplace_back(*members, path_of(item(name, i)));
    }
    return found;
}

outcome<std::optional<json_object>> json_object::optional_object(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr) return std::optional<json_object>();
    const auto* members = value->if_object();
    if (members == nullptr) return complain(name, "must be an object");
    return std::optional(json_object(*members, path_of(name)));
}

}  // namespace postern::http
