#include "http/message_json.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/clock.hpp"
#include "core/id.hpp"

namespace postern::http {

namespace json = boost::json;

namespace {

json::object to_object(const message::mailbox_address& a) { return {{"name", a.name}, {"address", a.address}}; }

json::array to_array(std::span<const message::mailbox_address> addresses) {
    json::array list;
    list.reserve(addresses.size());
    for (const auto& a : addresses) list.push_back(to_object(a));
    return list;
}

json::array to_array(std::span<const std::string> strings) { return json::array(strings.begin(), strings.end()); }

json::value or_null(std::string_view text) {
    if (text.empty()) return nullptr;
    return json::value(json::string_view(text.data(), text.size()));
}

json::object summary_object(const storage::entry& e, std::span<const message::mailbox_address> to) {
    json::object o;
    o.reserve(32);  // the fields of a whole message: a list's rows have half of them
    o["id"] = core::to_string(e.id);
    o["mailbox"] = core::to_string(e.mailbox);
    o["thread"] = core::to_string(e.thread);
    o["from"] = to_object(e.summary.from);
    o["to"] = to_array(to);
    o["subject"] = e.summary.subject;
    o["date"] = e.summary.date ? json::value(core::to_rfc3339(*e.summary.date)) : json::value(nullptr);
    o["received_at"] = core::to_rfc3339(e.received_at);
    o["size"] = e.size;
    o["preview"] = e.summary.preview;
    o["seen"] = e.seen;
    o["flagged"] = e.flagged;
    o["answered"] = e.answered;
    o["has_attachments"] = e.summary.has_attachments;
    return o;
}

json::array to_array(std::span<const message::header_field> headers) {
    json::array list;
    list.reserve(headers.size());
    for (const auto& h : headers) list.push_back({{"name", h.name}, {"value", h.value}});
    return list;
}

json::array to_array(std::span<const message::attachment> attachments) {
    json::array list;
    list.reserve(attachments.size());
    for (const auto& a : attachments) {
        list.push_back({{"id", std::to_string(a.id)},
                        {"filename", or_null(a.filename)},
                        {"content_type", a.content_type},
                        {"size", a.size},
                        {"content_id", or_null(a.content_id)},
                        {"inline", a.is_inline}});
    }
    return list;
}

json::value to_value(const std::optional<message::body>& body) {
    return body ? json::value(json::string(body->text)) : json::value(nullptr);
}

void add_content(json::object& o, const message::parsed_message& m) {
    o["cc"] = to_array(m.cc);
    o["bcc"] = to_array(m.bcc);
    o["reply_to"] = to_array(m.reply_to);
    o["message_id"] = or_null(m.message_id);
    o["in_reply_to"] = m.in_reply_to.empty() ? json::value(nullptr) : json::value(m.in_reply_to.front());
    o["references"] = to_array(m.references);
    o["headers"] = to_array(m.headers);
    o["text"] = to_value(m.text);
    o["html"] = to_value(m.html);
    o["truncated"] = (m.text && m.text->truncated) || (m.html && m.html->truncated);
    o["attachments"] = to_array(m.attachments);
}

json::object to_object(const storage::message_event& e) {
    boost::system::error_code failed;
    auto detail = json::parse(e.detail, failed);
    if (failed) detail = json::object{};
    return {{"at", core::to_rfc3339(e.at)}, {"kind", e.kind}, {"recipient", or_null(e.recipient)}, {"detail", detail}};
}

void add_trace(json::object& o, const storage::message_trace& t, const storage::canonical_address& reader, bool sender) {
    json::array recipients;
    json::array places;
    std::vector<std::string_view> own;
    for (const auto& p : t.places) {
        if (p.account != reader) continue;
        own.push_back(p.delivered_to);
        places.push_back({{"id", core::to_string(p.entry)}, {"mailbox", p.mailbox}});
    }
    const auto concerns_reader = [&](std::string_view recipient) {
        return sender || std::ranges::find(own, recipient) != own.end();
    };
    for (const auto& r : t.recipients) {
        if (concerns_reader(r)) recipients.push_back(json::string(r));
    }
    json::array events;
    for (const auto& e : t.events) {
        if (e.recipient.empty() || concerns_reader(e.recipient)) events.push_back(to_object(e));
    }
    o["envelope"] = {{"from", t.reverse_path}, {"to", std::move(recipients)}};
    o["places"] = std::move(places);
    o["events"] = std::move(events);
}

}  // namespace

namespace {

std::string page_json(std::span<const storage::entry> entries, const std::optional<std::string>& next_cursor,
                      std::optional<std::int64_t> total) {
    json::array messages;
    messages.reserve(entries.size());
    for (const auto& e : entries) messages.push_back(summary_object(e, e.summary.to));
    return json::serialize(json::object{{"messages", std::move(messages)},
                                        {"next_cursor", next_cursor ? json::value(*next_cursor) : json::value(nullptr)},
                                        {"total", total ? json::value(*total) : json::value(nullptr)}});
}

}  // namespace

std::string list_json(const storage::entry_page& page, const std::optional<std::string>& next_cursor) {
    return page_json(page.entries, next_cursor, page.total);
}

std::string found_json(const storage::search_page& page) {
    return page_json(page.entries, page.next ? std::optional(core::to_string(*page.next)) : std::nullopt, std::nullopt);
}

std::string entry_json(const storage::entry& entry) { return json::serialize(summary_object(entry, entry.summary.to)); }

std::string thread_json(storage::thread_id id, const std::vector<storage::entry>& entries) {
    json::array messages;
    messages.reserve(entries.size());
    for (const auto& e : entries) messages.push_back(summary_object(e, e.summary.to));
    return json::serialize(json::object{{"id", core::to_string(id)}, {"messages", std::move(messages)}});
}

std::string message_tag(const storage::entry& entry, const storage::message_trace& trace) {
    return fmt::format("{}-{}-{}-{}-{}-{}", core::to_string(entry.message), core::to_string(entry.mailbox), entry.modseq,
                       core::to_string(entry.thread), trace.places.size(), trace.events.size());
}

std::string message_json(const storage::entry& entry, const message::parsed_message& parsed,
                         const storage::message_trace& trace, const storage::canonical_address& reader) {
    auto o = summary_object(entry, parsed.to);
    add_content(o, parsed);
    add_trace(o, trace, reader, entry.role == storage::mailbox_role::sent);
    return json::serialize(o);
}

std::string events_json(const std::vector<storage::message_event>& events) {
    json::array all;
    for (const auto& e : events) all.push_back(to_object(e));
    return json::serialize(json::object{{"events", std::move(all)}});
}

}  // namespace postern::http
