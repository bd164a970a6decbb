#include <algorithm>
#include <array>

#include "http/content_body.hpp"
#include "http/content_disposition.hpp"
#include "http/handlers.hpp"
#include "http/message_json.hpp"
#include "message/attachment.hpp"
#include "message/parsed_message.hpp"

namespace postern::http {

namespace {

using content_pointer = std::shared_ptr<const core::content>;
using attachment_number = core::id<struct attachment_tag>;  // within its message, from 1

net::awaitable<outcome<content_pointer>> read(request_context& c, storage::message_id id) {
    auto octets = co_await c.server.database.messages().read_content(id, c.server.memory_message_size);
    if (!octets) co_return c.refuse(octets.error());
    co_return std::move(*octets);
}

/// A stranger's octets: saved, never shown as a page of ours, and without rights where an agent shows them all the same.
/// A message's octets never change, so its id is all the validator they need.
response octets_response(std::string content_type, content_pointer octets, std::string tag, net::blocking_pool& workers) {
    response r{status::ok,
               std::move(content_type),
               {{"Content-Security-Policy", "default-src 'none'; sandbox"}},
               std::make_shared<content_body>(std::move(octets), workers)};
    r.etag = std::move(tag);
    return r;
}

/// The sender's word for what it is, if it is one (RFC 6838 4.2: letters, digits and a few marks on both sides of a slash).
std::string safe_content_type(std::string given) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$&-^_.+/").find(c) != std::string_view::npos;
    };
    if (given.size() > 127 || std::ranges::count(given, '/') != 1 || !std::ranges::all_of(given, fits) ||
        given.front() == '/' || given.back() == '/') {
        return "application/octet-stream";
    }
    return given;
}

}  // namespace

net::awaitable<outcome<storage::entry>> find_entry(request_context& c) {
    const auto id = c.id<storage::entry_id>("id");
    if (!id) co_return std::unexpected(id.error());
    auto entry = co_await c.server.database.messages().find_entry(c.account().id, id->value);
    if (!entry) co_return c.refuse(entry.error());
    co_return std::move(*entry);
}

net::awaitable<outcome<response>> show_message(request_context& c) {
    auto entry = co_await find_entry(c);
    if (!entry) co_return std::unexpected(entry.error());
    auto octets = co_await read(c, entry->message);
    if (!octets) co_return std::unexpected(octets.error());
    auto trace = co_await c.server.database.messages().trace(entry->message);
    if (!trace) co_return c.refuse(trace.error());
    auto tag = message_tag(*entry, *trace);
    // Parsed and written out by a thread of the pool: 2 MiB of text are milliseconds that belong to the other connections.
    auto text = co_await c.server.workers.run(
        [entry = std::move(*entry), octets = std::move(*octets), trace = std::move(*trace), reader = c.account().address] {
            return message_json(entry, message::parse(*octets), trace, reader);
        });
    auto r = json_response(std::move(text));
    r.etag = std::move(tag);
    co_return r;
}

/// Also of a message that is on its way out without a copy in Sent: its id is known from the reply to it.
net::awaitable<outcome<response>> list_events(request_context& c) {
    const auto id = c.id<storage::entry_id>("id");
    if (!id) co_return std::unexpected(id.error());
    const auto events = co_await c.server.database.messages().list_events(c.account().id, id->value);
    if (!events) co_return c.refuse(events.error());
    co_return json_response(events_json(*events));
}

net::awaitable<outcome<response>> show_raw(request_context& c) {
    const auto entry = co_await find_entry(c);
    if (!entry) co_return std::unexpected(entry.error());
    auto octets = co_await read(c, entry->message);
    if (!octets) co_return std::unexpected(octets.error());
    co_return octets_response("message/rfc822", std::move(*octets), core::to_string(entry->message), c.server.workers);
}

net::awaitable<outcome<response>> show_attachment(request_context& c) {
    const auto number = c.id<attachment_number>("n");
    if (!number) co_return std::unexpected(number.error());
    const auto entry = co_await find_entry(c);
    if (!entry) co_return std::unexpected(entry.error());
    auto octets = co_await read(c, entry->message);
    if (!octets) co_return std::unexpected(octets.error());
    auto tag = core::to_string(entry->message) + "-" + core::to_string(*number);
    auto opened = co_await c.server.workers.run([octets = std::move(*octets), n = static_cast<std::size_t>(number->value)] {
        return message::open_attachment(octets, n);
    });
    if (!opened) co_return c.refuse({make_error_code(storage::errc::not_found), {}});
    auto r = octets_response(safe_content_type(std::move(opened->description.content_type)), std::move(opened->octets),
                             std::move(tag), c.server.workers);
    r.fields.emplace_back("Content-Disposition", content_disposition(opened->description.filename));
    co_return r;
}

}  // namespace postern::http
