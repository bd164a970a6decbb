#include "storage/soci/json_columns.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "storage/soci/database_error.hpp"

namespace postern::storage {
namespace {

namespace json = boost::json;

/// Reads the elements of a JSON array with `read`; whatever is not as we wrote it is one kind of failure.
template <class T, class Read>
std::vector<T> elements(std::string_view text, Read read) {
    try {
        const json::value parsed = json::parse(json::string_view(text.data(), text.size()));
        std::vector<T> out;
        out.reserve(parsed.as_array().size());
        for (const auto& element : parsed.as_array()) out.push_back(read(element));
        return out;
    } catch (const std::exception&) {
        throw database_error(errc::failed, "a list column does not hold what Postern writes");
    }
}

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

}  // namespace

std::string to_json(const std::vector<message::mailbox_address>& addresses) {
    json::array list;
    list.reserve(addresses.size());
    for (const auto& a : addresses) list.push_back(json::object{{"name", a.name}, {"address", a.address}});
    return json::serialize(list);
}

std::string to_json(const std::vector<std::string>& texts) {
    json::array list;
    list.reserve(texts.size());
    for (const auto& text : texts) list.emplace_back(text);
    return json::serialize(list);
}

std::vector<message::mailbox_address> addresses_from_json(std::string_view json) {
    return elements<message::mailbox_address>(json, [](const json::value& element) {
        const auto& object = element.as_object();
        return message::mailbox_address{text_of(object.at("name")), text_of(object.at("address"))};
    });
}

std::vector<std::string> texts_from_json(std::string_view json) { return elements<std::string>(json, text_of); }

}  // namespace postern::storage
