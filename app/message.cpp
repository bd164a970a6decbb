#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "account/address.hpp"
#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/output.hpp"
#include "config/text.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;
using storage::message_trace;

json::value event_detail(const std::string& text) {
    boost::system::error_code wrong;
    auto detail = json::parse(text, wrong);
    return wrong ? json::value(text) : detail;
}

/// A number as people write it, anything else as JSON does.
std::string plain(const json::value& value) {
    return value.is_double() ? fmt::format("{}", value.as_double()) : json::serialize(value);
}

/// "host: mx.example.net, seconds: 0.4": the detail for people.
std::string facts_of(const std::string& text) {
    const auto detail = event_detail(text);
    if (!detail.is_object()) return text;
    std::string facts;
    for (const auto& [name, value] : detail.as_object()) {
        if (!facts.empty()) facts += ", ";
        facts +=
            fmt::format("{}: {}", std::string_view(name), value.is_string() ? std::string(value.as_string()) : plain(value));
    }
    return facts;
}

json::object to_json(const message_trace& m) {
    json::array recipients(m.recipients.begin(), m.recipients.end());
    json::array places;
    for (const auto& p : m.places)
        places.push_back(json::object{{"id", core::to_string(p.entry)},
                                      {"account", storage::to_string(p.account)},
                                      {"mailbox", p.mailbox},
                                      {"uid", p.uid},
                                      {"delivered_to", p.delivered_to}});
    json::array events;
    for (const auto& e : m.events)
        events.push_back(json::object{
            {"at", core::to_rfc3339(e.at)}, {"kind", e.kind}, {"recipient", e.recipient}, {"detail", event_detail(e.detail)}});
    return {{"id", core::to_string(m.id)},
            {"received_at", core::to_rfc3339(m.received_at)},
            {"reverse_path", m.reverse_path},
            {"recipients", std::move(recipients)},
            {"size", m.size},
            {"mailboxes", std::move(places)},
            {"events", std::move(events)}};
}

void print(const message_trace& m) {
    print_facts({{"Message", core::to_string(m.id)},
                 {"Received", core::to_rfc3339(m.received_at)},
                 {"From", '<' + m.reverse_path + '>'},
                 {"To", fmt::format("<{}>", fmt::join(m.recipients, ">, <"))},
                 {"Size", fmt::format("{} octets", m.size)}});
    table places({"ID", "ACCOUNT", "MAILBOX", "UID", "DELIVERED TO"});
    for (const auto& p : m.places)
        places.add({core::to_string(p.entry), account::to_text(p.account), p.mailbox, fmt::to_string(p.uid), p.delivered_to});
    fmt::print("\n");
    places.print("In no mailbox.");
    table events({"AT", "EVENT", "RECIPIENT", "DETAIL"});
    for (const auto& e : m.events) events.add({core::to_rfc3339(e.at), e.kind, e.recipient, facts_of(e.detail)});
    fmt::print("\n");
    events.print("No event is known.");
}

net::awaitable<exit_code> show(services on, const invocation& call) {
    const auto id = core::parse_id<storage::message_id>(call.arguments[0]);
    if (!id)
        co_return misuse(call.command, fmt::format("{} is not an id; ids are numbers", config::in_quotes(call.arguments[0])));
    const auto found = co_await on.database.messages().trace(*id);
    if (!found && found.error().code == storage::errc::not_found)
        co_return refuse(fmt::format("there is no message {}", core::to_string(*id)));
    if (!found) co_return refuse(found.error().message());
    if (call.has("json"))
        print_json(to_json(*found));
    else
        print(*found);
    co_return exit_code::done;
}

constexpr command commands[] = {
    {"message show", "ID", 1, 1, "Shows a message's envelope, where it lies and what happened to it",
     "ID is what the reply 250 named when the message was accepted.", describe_json,
     [](const invocation& call) { return on_database(call, show); }},
};

}  // namespace

std::span<const command> message_commands() { return commands; }

}  // namespace postern::app
