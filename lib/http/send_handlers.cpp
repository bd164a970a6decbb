// Sending and drafts: what a mail program does over SMTP and IMAP, in one request each.
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "http/content_type.hpp"
#include "http/handlers.hpp"
#include "http/letter_json.hpp"
#include "http/message_json.hpp"
#include "queue/outbox.hpp"
#include "storage/digest.hpp"

namespace postern::http {

namespace {

namespace json = boost::json;

constexpr std::size_t longest_key = 255;
constexpr auto rate_pause = "600";  // seconds: a sixth of an hour's allowance is back by then

/// The form's JSON and its files, or the body's JSON. Takes milliseconds for a large body: for a thread of the pool.
outcome<described_letter> read_body(const request_context& c) {
    if (c.document) return read_letter(c.json(), c.account(), {});
    auto parts = parse_form(c.request.field(boost::beast::http::field::content_type), c.request.body);
    if (!parts) return std::unexpected(std::move(parts.error()));
    std::vector<form_part> files;
    std::optional<form_part> description;
    for (auto& part : *parts) {
        if (part.name == "attachment") {
            files.push_back(std::move(part));
        } else if (part.name == "message" && !description) {
            description = std::move(part);
        } else {
            return refuse(status::bad_request, R"(The form takes one field "message" and files "attachment".)");
        }
    }
    if (!description) return refuse(status::bad_request, R"(The form has no field "message".)");
    const auto document = parse_json(description->octets, c.server.json_depth);
    if (!document) return std::unexpected(document.error());
    const auto* members = document->if_object();
    if (members == nullptr) return refuse(status::bad_request, R"(The field "message" is not a JSON object.)");
    return read_letter(json_object(*members), c.account(), files);
}

/// Fills in what an answer or a forwarded message says of the one it refers to: RFC 5322 3.6.4.
net::awaitable<outcome<void>> look_up(request_context& c, described_letter& letter) {
    for (const auto& [id, answer] : {std::pair{letter.answers, true}, {letter.forwards, false}}) {
        if (!id) continue;
        const auto entry = co_await c.server.database.messages().find_entry(c.account().id, id->value);
        if (!entry) co_return c.refuse(entry.error());
        const auto& original = entry->summary;
        if (original.message_id.empty()) continue;
        if (answer) letter.message.in_reply_to = original.message_id;
        auto& references = letter.message.references;
        references = original.references;
        if (references.empty() && !original.in_reply_to.empty()) references.push_back(original.in_reply_to);
        references.push_back(original.message_id);
    }
    co_return outcome<void>{};
}

net::awaitable<outcome<described_letter>> read_described(request_context& c) {
    auto letter = co_await c.server.workers.run([&c] { return read_body(c); });
    if (!letter) co_return letter;
    if (const auto found = co_await look_up(c, *letter); !found) co_return std::unexpected(found.error());
    co_return letter;
}

std::string posted_json(const queue::posted& p) {
    json::array queue;
    for (const auto& item : p.queue) queue.push_back({{"id", core::to_string(item.id)}, {"recipient", item.recipient}});
    return json::serialize(json::object{{"id", core::to_string(p.id)},
                                        {"message_id", p.message_id},
                                        {"queue", std::move(queue)},
                                        {"delivered", json::array(p.delivered.begin(), p.delivered.end())}});
}

/// What a refusal in SMTP's words means over HTTP.
problem to_problem(const request_context& c, const queue::not_posted& refused) {
    const auto& [why, recipient, storage] = refused;
    if (storage.code == storage::errc::over_quota)
        return {status::insufficient_storage, "There is no room left in your account for the copy of what you send.", {}};
    if (storage.code == storage::errc::some_over_quota)
        return {status::unprocessable_entity, "A recipient's mailbox is full. Nothing was sent.", {}};
    if (storage.code) return c.refuse(storage).error();
    if (why.code == 451) return try_later("This is not possible at the moment. Nothing was sent; please try again soon.");
    if (why.code == 552) return {status::payload_too_large, why.text + ". Nothing was sent.", {}};
    if (why.is_temporary() && recipient.empty())
        return {status::too_many_requests, why.text + ". Nothing was sent.", {}, {{"Retry-After", rate_pause}}};
    if (why.is_temporary() && why.status && why.status->subject == 7)
        return {status::too_many_requests, why.text + ". Nothing was sent.", {}, {{"Retry-After", rate_pause}}};
    problem p{status::unprocessable_entity, {}, {}};
    p.member = recipient.empty() ? "from" : "to";
    if (why.code == 554) p.member = "to";
    p.detail = recipient.empty() ? fmt::format("{}. Nothing was sent.", why.text)
                                 : fmt::format("{}: {}. Nothing was sent.", recipient, why.text);
    return p;
}

response accepted(std::string text, int code = 202) {
    auto r = json_response(std::move(text));
    r.code = static_cast<status>(code);
    return r;
}

/// The header Idempotency-Key, with what the request asks for: empty without one.
outcome<std::optional<queue::once>> read_once(const request_context& c) {
    const auto key = c.request.fields["Idempotency-Key"];
    if (key.empty()) return std::nullopt;
    const std::string_view text(key.data(), key.size());
    if (text.size() > longest_key || c.request.fields.count("Idempotency-Key") > 1 ||
        !std::ranges::all_of(text, [](char ch) { return ch > ' ' && ch < 0x7f; })) {
        return refuse(status::bad_request, "Idempotency-Key must be given once, with 1 to 255 visible characters.");
    }
    return queue::once{.key = std::string(text), .request_sha256 = {}, .status = 202, .make_body = posted_json};
}

/// What makes two requests the same: a form's boundary, which every try makes anew, is not part of it.
std::array<unsigned char, 32> request_digest(const request_context& c) {
    std::string same = c.request.target + '\n';
    const auto parts = c.document ? outcome<std::vector<form_part>>()
                                  : parse_form(c.request.field(boost::beast::http::field::content_type), c.request.body);
    if (parts && !parts->empty()) {
        for (const auto& p : *parts) {
            same += fmt::format("{}:{}{}:{}{}:", p.name.size(), p.name, p.filename.size(), p.filename, p.octets.size());
            same += p.octets;
        }
    } else {
        same += c.request.body;
    }
    return storage::sha256(core::memory_content(std::move(same)));
}

/// The answer that was given to this key before; nullopt: it is new. 422 when it came with something else.
net::awaitable<outcome<std::optional<response>>> answered_before(request_context& c, const queue::once& once) {
    const auto kept = co_await c.server.database.responses().find(c.account().id, once.key);
    if (!kept) co_return c.refuse(kept.error());
    if (!*kept) co_return std::optional<response>();
    if ((*kept)->request_sha256 != once.request_sha256)
        co_return refuse(status::unprocessable_entity, "This Idempotency-Key was used with another request.");
    co_return accepted((*kept)->body, (*kept)->status);
}

queue::letter addressed(const request_context& c, message::new_message m) {
    queue::letter letter;
    letter.message = std::move(m);
    letter.client = c.from.address.to_string();
    letter.secure = c.from.secure;
    return letter;
}

/// Something to be sent, and which message it answers, where that was said by its number.
struct outgoing {
    queue::letter letter;
    std::optional<storage::entry_id> answers{};
};

/// The sender's own copies of what was answered say so from now on. The answer is on its way: that this cannot be noted is no
/// reason to call it failed.
net::awaitable<void> mark_answered(request_context& c, std::optional<storage::entry_id> by_number, std::string message_id) {
    std::vector<storage::entry_id> entries;
    if (!message_id.empty()) {
        auto found = co_await c.server.database.messages().find_by_message_id(c.account().id, std::move(message_id));
        if (found) entries = std::move(*found);
    }
    if (by_number && std::ranges::find(entries, *by_number) == entries.end()) entries.push_back(*by_number);
    if (entries.empty()) co_return;
    const auto marked = co_await c.server.database.mailboxes().change(c.account().id, std::move(entries), {.answered = true},
                                                                      std::nullopt, c.server.clock.now());
    if (!marked) c.log.warning("not marked as answered", {{"reason", marked.error().message()}});
}

net::awaitable<outcome<response>> post(request_context& c, outgoing what) {
    const auto once = what.letter.only_once;
    auto answered = what.letter.message.in_reply_to;
    const auto sent = co_await c.server.outbox.send(c.account(), std::move(what.letter));
    if (sent) {
        co_await mark_answered(c, what.answers, std::move(answered));
        co_return accepted(posted_json(*sent));
    }
    // Two requests with one key at the same time: the other was first.
    if (once && sent.error().storage.code == storage::errc::already_exists) {
        auto before = co_await answered_before(c, *once);
        if (!before) co_return std::unexpected(std::move(before.error()));
        if (*before) co_return std::move(**before);
    }
    co_return std::unexpected(to_problem(c, sent.error()));
}

/// Looks first whether it was done already; then `make` says what is to be sent.
using maker = net::awaitable<outcome<outgoing>> (*)(request_context&);

net::awaitable<outcome<response>> post_once(request_context& c, maker make) {
    auto once = read_once(c);
    if (!once) co_return std::unexpected(std::move(once.error()));
    if (*once) {
        (*once)->request_sha256 = co_await c.server.workers.run([&c] { return request_digest(c); });
        auto before = co_await answered_before(c, **once);
        if (!before) co_return std::unexpected(std::move(before.error()));
        if (*before) co_return std::move(**before);
    }
    auto made = co_await make(c);
    if (!made) co_return std::unexpected(std::move(made.error()));
    made->letter.only_once = std::move(*once);
    co_return co_await post(c, std::move(*made));
}

net::awaitable<outcome<outgoing>> described(request_context& c) {
    auto read = co_await read_described(c);
    if (!read) co_return std::unexpected(std::move(read.error()));
    auto letter = addressed(c, std::move(read->message));
    letter.draft = read->draft;
    co_return outgoing{std::move(letter), read->answers};
}

net::awaitable<outcome<storage::entry>> find_draft(request_context& c) {
    const auto id = c.id<storage::entry_id>("id");
    if (!id) co_return std::unexpected(id.error());
    auto entry = co_await c.server.database.messages().find_entry(c.account().id, id->value);
    if (!entry) co_return c.refuse(entry.error());
    if (entry->role != storage::mailbox_role::drafts || entry->id != *id)
        co_return c.refuse({make_error_code(storage::errc::not_found), {}});
    co_return std::move(*entry);
}

net::awaitable<outcome<outgoing>> drafted(request_context& c) {
    const auto draft = co_await find_draft(c);
    if (!draft) co_return std::unexpected(draft.error());
    const auto octets = co_await c.server.database.messages().read_content(draft->message, c.server.memory_message_size);
    if (!octets) co_return c.refuse(octets.error());
    auto letter = addressed(c, co_await c.server.workers.run([octets = *octets] { return letter_of(octets); }));
    letter.draft = draft->id;
    co_return outgoing{std::move(letter)};
}

net::awaitable<outcome<response>> keep(request_context& c, std::optional<storage::entry_id> instead_of) {
    auto read = co_await read_described(c);
    if (!read) co_return std::unexpected(std::move(read.error()));
    const auto kept = co_await c.server.outbox.keep(c.account(), std::move(read->message), instead_of);
    if (!kept && kept.error().code == storage::errc::over_quota)
        co_return refuse(status::insufficient_storage, "There is no room left in your account for this draft.");
    if (!kept) co_return c.refuse(kept.error());
    const auto entry = co_await c.server.database.messages().find_entry(c.account().id, kept->value);
    if (!entry) co_return c.refuse(entry.error());
    co_return accepted(entry_json(*entry), instead_of ? 200 : 201);
}

}  // namespace

net::awaitable<outcome<response>> send_message(request_context& c) { co_return co_await post_once(c, described); }

net::awaitable<outcome<response>> send_draft(request_context& c) { co_return co_await post_once(c, drafted); }

net::awaitable<outcome<response>> create_draft(request_context& c) { co_return co_await keep(c, std::nullopt); }

net::awaitable<outcome<response>> replace_draft(request_context& c) {
    const auto draft = co_await find_draft(c);
    if (!draft) co_return std::unexpected(draft.error());
    co_return co_await keep(c, draft->id);
}

}  // namespace postern::http
