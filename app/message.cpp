#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/program_options/value_semantic.hpp>

#include "account/address.hpp"
#include "app/commands.hpp"
#include "app/on_database.hpp"
#include "app/output.hpp"
#include "config/text.hpp"
#include "config/values.hpp"

namespace postern::app {

namespace {

namespace json = boost::json;
namespace po = boost::program_options;
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

net::awaitable<exit_code> show_message(services on, const invocation& call) {
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

void print(const std::vector<message_trace>& messages) {
    table t({"ID", "RECEIVED", "FROM", "TO", "SIZE", "LAST EVENT"});
    for (const auto& m : messages) {
        t.add({core::to_string(m.id), core::to_rfc3339(m.received_at), '<' + m.reverse_path + '>',
               fmt::format("<{}>", fmt::join(m.recipients, ">, <")), fmt::to_string(m.size),
               m.events.empty() ? "" : m.events.back().kind});
    }
    t.print("No such message is on record.");
}

net::awaitable<exit_code> list_messages(services on, const invocation& call) {
    storage::message_store::trace_filter f{.sender = call.text("sender"), .recipient = call.text("recipient")};
    if (!f.sender && !f.recipient) co_return misuse(call.command, "one of --sender and --recipient is needed");
    if (f.sender == "<>") f.sender = "";
    const auto limit = config::parse_integer(call.text("limit").value_or("50"));
    if (!limit || *limit < 1 || *limit > 500) co_return misuse(call.command, "--limit is a number from 1 to 500");
    f.limit = *limit;
    const auto found = co_await on.database.messages().list_traces(std::move(f));
    if (!found) co_return refuse(found.error().message());
    if (call.has("json")) {
        json::array all;
        for (const auto& m : *found) all.push_back(to_json(m));
        print_json(json::object{{"messages", std::move(all)}});
    } else {
        print(*found);
    }
    co_return exit_code::done;
}

void describe_list(po::options_description& options) {
    options.add_options()("sender", po::value<std::string>()->value_name("ADDRESS"), "only from this sender; <> for notices")(
        "recipient", po::value<std::string>()->value_name("ADDRESS"), "only to this recipient")(
        "limit", po::value<std::string>()->value_name("NUMBER"), "at most so many, 1 to 500; 50 if left out");
    describe_json(options);
}

}  // namespace

std::span<const command> message_commands() {
    static constexpr command commands[] = {
        {"message list", "", 0, 0, "Lists messages by who sent them or was to have them, the newest first",
         "`message show` tells all about one of them.", describe_list,
         [](const invocation& call) { return on_database(call, list_messages); }},
        {"message show", "ID", 1, 1, "Shows a message's envelope, where it lies and what happened to it",
         "ID is what the reply 250 named when the message was accepted.", describe_json,
         [](const invocation& call) { return on_database(call, show_message); }},
    };
    return commands;
}

}  // namespace postern::app
