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

json::object to_object(const storage::mailbox& m) {
    return {
        {"id", core::to_string(m.id)}, {"name", m.name}, {"role", role_name(m.role)}, {"total", m.total}, {"unread", m.unread}};
}

json::array to_array(std::span<const storage::mailbox> mailboxes) {
    json::array list;
    list.reserve(mailboxes.size());
    for (const auto& m : mailboxes) list.push_back(to_object(m));
    return list;
}

json::value or_null(std::uint16_t port) { return port != 0 ? json::value(port) : json::value(nullptr); }

/// What a mail program is told to send or to read with.
json::object way_json(const std::string& host, std::uint16_t starttls, std::uint16_t tls) {
    return {{"host", host}, {"starttls_port", or_null(starttls)}, {"tls_port", or_null(tls)}};
}

}  // namespace

std::string account_json(const storage::account& account, std::span<const storage::mailbox> mailboxes,
                         std::span<const storage::canonical_address> aliases, std::span<const storage::login> logins,
                         const client_settings& clients) {
    json::array names;
    for (const auto& a : aliases) names.push_back(json::string(storage::to_string(a)));
    json::array attempts;
    for (const auto& l : logins) {
        attempts.push_back(
            {{"at", core::to_rfc3339(l.at)}, {"address", l.address}, {"method", l.method}, {"client", l.client}, {"ok", l.ok}});
    }
    const json::value limit = account.quota_limit ? json::value(*account.quota_limit) : json::value(nullptr);
    return json::serialize(
        json::object{{"address", storage::to_string(account.address)},
                     {"name", account.name},
                     {"admin", account.admin},
                     {"created_at", core::to_rfc3339(account.created_at)},
                     {"quota", {{"used", account.quota_used}, {"limit", limit}}},
                     {"mailboxes", to_array(mailboxes)},
                     {"aliases", std::move(names)},
                     {"last_logins", std::move(attempts)},
                     {"submission", way_json(clients.hostname, clients.submission_port, clients.submissions_port)},
                     {"imap", way_json(clients.hostname, clients.imap_port, clients.imaps_port)}});
}

std::string mailbox_json(const storage::mailbox& mailbox) { return json::serialize(to_object(mailbox)); }

std::string mailboxes_json(std::span<const storage::mailbox> mailboxes) {
    return json::serialize(json::object{{"mailboxes", to_array(mailboxes)}});
}

}  // namespace postern::http
