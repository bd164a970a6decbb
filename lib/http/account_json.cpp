#include "http/account_json.hpp"

#include <optional>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/clock.hpp"
#include "core/id.hpp"

namespace postern::http {

namespace json = boost::json;

namespace {

json::value role_name(storage::mailbox_role role) {
    switch (role) {
        case storage::mailbox_role::inbox: return "inbox";
        case storage::mailbox_role::sent: return "sent";
        case storage::mailbox_role::drafts: return "drafts";
        case storage::mailbox_role::junk: return "junk";
        case storage::mailbox_role::trash: return "trash";
        case storage::mailbox_role::archive: return "archive";
        case storage::mailbox_role::none: break;
    }
    return nullptr;
}

json::array to_array(std::span<const storage::mailbox> mailboxes) {
    json::array list;
    list.reserve(mailboxes.size());
    for (const auto& m : mailboxes) {
        list.push_back({{"id", core::to_string(m.id)},
                        {"name", m.name},
                        {"role", role_name(m.role)},
                        {"total", m.total},
                        {"unread", m.unread}});
    }
    return list;
}

}  // namespace

std::string account_json(const storage::account& account, std::span<const storage::mailbox> mailboxes) {
    const json::value limit = account.quota_limit ? json::value(*account.quota_limit) : json::value(nullptr);
    return json::serialize(json::object{{"address", storage::to_string(account.address)},
                                        {"name", account.name},
                                        {"admin", account.admin},
                                        {"created_at", core::to_rfc3339(account.created_at)},
                                        {"quota", {{"used", account.quota_used}, {"limit", limit}}},
                                        {"mailboxes", to_array(mailboxes)}});
}

std::string mailboxes_json(std::span<const storage::mailbox> mailboxes) {
    return json::serialize(json::object{{"mailboxes", to_array(mailboxes)}});
}

}  // namespace postern::http
