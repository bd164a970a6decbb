#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "core/clock.hpp"
#include "core/id.hpp"
#include "http/problem.hpp"

/// JSON that a client sent, read without trust: bounded in depth and memory, and every complaint names the member at fault.
namespace postern::http {

/// Reads a whole JSON text (RFC 8259). 400 for what is none, is not UTF-8 or is deeper than `depth`; 413 for one whose values
/// take many times the memory of its text ("[[],[],[],..."). May take milliseconds for a large text.
[[nodiscard]] outcome<boost::json::value> parse_json(std::string_view text, std::size_t depth);

/// What a member's text may be.
struct text_rule {
    std::size_t longest = 1024;  ///< octets of UTF-8
    bool may_be_empty = true;
    bool lines = false;  ///< may have line ends and tabs; other control characters never
};

/// An object of a request's body, read member by member. What is wrong with one is 422 and names it by its path:
/// "attachments[2].content". A member that is null counts as absent; is_null() tells them apart.
class json_object {
public:
    /// `members` outlives this object. `path`: what leads to it, empty for the body itself.
    explicit json_object(const boost::json::object& members, std::string path = {})
        : members_(&members), path_(std::move(path)) {}

    /// 422 for a member that is none of `known`: a misspelt one never looks like one that was left out.
    [[nodiscard]] outcome<void> only(std::initializer_list<std::string_view> known) const;

    /// Of the members that are there, as given.
    [[nodiscard]] std::vector<std::string_view> names() const;

    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
    [[nodiscard]] bool is_null(std::string_view name) const;

    [[nodiscard]] outcome<std::string> text(std::string_view name, text_rule rule = {}) const;
    [[nodiscard]] outcome<std::optional<std::string>> optional_text(std::string_view name, text_rule rule = {}) const;
    [[nodiscard]] outcome<std::optional<bool>> optional_boolean(std::string_view name) const;
    [[nodiscard]] outcome<std::optional<std::int64_t>> optional_integer(std::string_view name, std::int64_t least,
                                                                        std::int64_t most) const;
    /// RFC 3339 with its offset.
    [[nodiscard]] outcome<std::optional<core::timestamp>> optional_time(std::string_view name) const;

    /// At most `most` texts, none when absent.
    [[nodiscard]] outcome<std::vector<std::string>> texts(std::string_view name, std::size_t most, text_rule rule = {}) const;
    [[nodiscard]] outcome<std::vector<json_object>> objects(std::string_view name, std::size_t most) const;
    [[nodiscard]] outcome<std::optional<json_object>> optional_object(std::string_view name) const;

    /// The array's values, none when absent: for members of several shapes.
    [[nodiscard]] outcome<const boost::json::array*> array(std::string_view name, std::size_t most) const;

    /// An id as the API writes it: a string of digits.
    template <class Id>
    [[nodiscard]] outcome<std::optional<Id>> optional_id(std::string_view name) const {
        const auto given = optional_text(name);
        if (!given) return std::unexpected(given.error());
        if (!*given) return std::optional<Id>();
        const auto parsed = core::parse_id<Id>(**given);
        if (!parsed) return complain(name, "is an id: a string of digits");
        return std::optional<Id>(*parsed);
    }

    /// 1 to `most` of them.
    template <class Id>
    [[nodiscard]] outcome<std::vector<Id>> ids(std::string_view name, std::size_t most) const {
        const auto given = texts(name, most);
        if (!given) return std::unexpected(given.error());
        if (given->empty()) return complain(name, "must name at least one id");
        std::vector<Id> found;
        for (std::size_t i = 0; i < given->size(); ++i) {
            const auto parsed = core::parse_id<Id>((*given)[i]);
            if (!parsed) return complain(item(name, i), "is an id: a string of digits");
            found.push_back(*parsed);
        }
        return found;
    }

    /// The member if it is there and not null.
    [[nodiscard]] const boost::json::value* find(std::string_view name) const;

    /// 422 about a member of this object: "\"name\" what".
    [[nodiscard]] std::unexpected<problem> complain(std::string_view name, std::string_view what) const;
    /// "name[i]", to complain about.
    [[nodiscard]] static std::string item(std::string_view name, std::size_t index);
    /// What leads to a member: "attachments[2].content".
    [[nodiscard]] std::string path_of(std::string_view name) const;

private:
    [[nodiscard]] outcome<std::string> text_of(const boost::json::value& value, std::string_view name, text_rule rule) const;

    const boost::json::object* members_;
    std::string path_;
};

}  // namespace postern::http
