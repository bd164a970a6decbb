#include "http/admin_json.hpp"

#include <algorithm>
#include <chrono>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "core/id.hpp"

namespace postern::http {

namespace json = boost::json;

namespace {

json::array to_array(const std::vector<storage::canonical_address>& addresses) {
    json::array all;
    for (const auto& a : addresses) all.push_back(json::string(storage::to_string(a)));
    return all;
}

json::array to_array(const std::vector<server_state::certificate>& certificates, core::timestamp now) {
    json::array all;
    for (const auto& c : certificates) {
        const auto left = std::chrono::floor<std::chrono::days>(c.expires_at - now).count();
        all.push_back({{"subject", c.subject},
                       {"names", json::array(c.names.begin(), c.names.end())},
                       {"expires_at", core::to_rfc3339(c.expires_at)},
                       {"days_left", left}});
    }
    return all;
}

json::value parsed(const std::string& detail) {
    boost::system::error_code failed;
    auto value = json::parse(detail, failed);
    return failed ? json::value(nullptr) : value;
}

}  // namespace

std::string_view state_of(const storage::queue_item& i, core::timestamp now) {
    if (i.lease_until && *i.lease_until > now) return "working";
    if (i.state == storage::queue_state::held) return "held";
    return i.next_attempt_at <= now ? "due" : "waiting";
}

json::object overview_json(const server_facts& facts, const server_state& state, const std::vector<storage::domain>& domains,
                           const storage::queue_depth& depth, core::timestamp now) {
    std::int64_t accounts = 0;
    std::int64_t aliases = 0;
    for (const auto& d : domains) {
        accounts += d.accounts;
        aliases += d.aliases;
    }
    const auto up = std::chrono::floor<std::chrono::seconds>(now - facts.started_at).count();
    return {{"version", facts.version},
            {"hostname", facts.hostname},
            {"database", facts.database},
            {"uptime", std::max<std::int64_t>(up, 0)},
            {"domains", domains.size()},
            {"accounts", accounts},
            {"aliases", aliases},
            {"queue",
             {{"waiting", depth.waiting},
              {"held", depth.held},
              {"oldest_at", depth.oldest ? json::value(core::to_rfc3339(*depth.oldest)) : json::value(nullptr)}}},
            {"sessions",
             {{"smtp", state.smtp_sessions},
              {"submission", state.submission_sessions},
              {"imap", state.imap_sessions},
              {"http", state.http_connections}}},
            {"certificates", to_array(state.certificates, now)}};
}

json::object to_json(const storage::domain& d) {
    return {{"name", d.name}, {"accounts", d.accounts}, {"aliases", d.aliases}, {"created_at", core::to_rfc3339(d.created_at)}};
}

json::object to_json(const account::account_view& a) {
    return {{"address", storage::to_string(a.address)},
            {"name", a.name},
            {"admin", a.admin},
            {"disabled", a.disabled},
            {"can_sign_in", a.can_sign_in},
            {"quota", {{"used", a.quota_used}, {"limit", a.quota_limit ? json::value(*a.quota_limit) : json::value(nullptr)}}},
            {"created_at", core::to_rfc3339(a.created_at)},
            {"aliases", to_array(a.aliases)}};
}

json::object to_json(const storage::alias& a) {
    return {{"address", storage::to_string(a.address)},
            {"targets", to_array(a.targets)},
            {"created_at", core::to_rfc3339(a.created_at)}};
}

json::object to_json(const storage::queue_item& i, core::timestamp now) {
    return {{"id", core::to_string(i.id)},
            {"message", core::to_string(i.message)},
            {"state", json::string(state_of(i, now))},
            {"sender", i.reverse_path},
            {"recipient", i.recipient},
            {"destination", i.destination},
            {"size", i.size},
            {"attempts", i.attempts},
            {"created_at", core::to_rfc3339(i.created_at)},
            {"next_attempt_at", core::to_rfc3339(i.next_attempt_at)},
            {"expires_at", core::to_rfc3339(i.expires_at)},
            {"last_host", i.last_host},
            {"last_status", i.last_status},
            {"last_reply", i.last_reply}};
}

json::object to_json(const storage::message_trace& t) {
    json::array places;
    for (const auto& p : t.places) {
        places.push_back({{"id", core::to_string(p.entry)},
                          {"account", storage::to_string(p.account)},
                          {"mailbox", p.mailbox},
                          {"delivered_to", p.delivered_to}});
    }
    json::array events;
    for (const auto& e : t.events) {
        events.push_back(
            {{"at", core::to_rfc3339(e.at)}, {"kind", e.kind}, {"recipient", e.recipient}, {"detail", parsed(e.detail)}});
    }
    return {{"id", core::to_string(t.id)},
            {"received_at", core::to_rfc3339(t.received_at)},
            {"size", t.size},
            {"envelope", {{"from", t.reverse_path}, {"to", json::array(t.recipients.begin(), t.recipients.end())}}},
            {"places", std::move(places)},
            {"events", std::move(events)}};
}

}  // namespace postern::http
