#pragma once

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "mail.hpp"

namespace postern::test {

/// Mail with a queue: messages of alice's to remote recipients, and what workers do with them.
struct queue_mail : mail {
    explicit queue_mail(engine on) : mail(on), alice(account("alice")) {}

    static constexpr std::chrono::minutes lease{5};

    [[nodiscard]] core::timestamp now() const { return db.clock.now(); }
    storage::queue_store& queue() { return db->queue(); }

    static storage::new_queue_item to(const std::string& recipient, core::timestamp expires_at) {
        storage::new_queue_item item;
        item.recipient = recipient;
        item.destination = recipient.substr(recipient.find('@') + 1);
        item.expires_at = expires_at;
        return item;
    }

    /// A message of alice's, with her Sent copy.
    storage::delivery outgoing(const std::vector<std::string>& recipients, const std::string& subject = "out",
                               std::string octets = "Subject: out\r\n\r\nbody\r\n") {
        auto d = letter({}, subject, std::move(octets));
        d.reverse_path = "alice@example.test";
        d.submitted_by = alice.id;
        d.recipients = recipients;
        d.local = {{alice.id, storage::mailbox_role::sent, "", true}};
        for (const auto& recipient : recipients) d.remote.push_back(to(recipient, now() + std::chrono::days(4)));
        return d;
    }

    /// The same, on its way to whoever claims it.
    std::vector<storage::queue_id> submit(const std::vector<std::string>& recipients, const std::string& subject = "out") {
        return value(db.run(db->messages().deliver(outgoing(recipients, subject)))).queue;
    }

    storage::queue_store::claim_request request(const std::string& owner, std::size_t limit = 100) const {
        return {.owner = owner, .now = now(), .lease_until = now() + lease, .limit = limit, .not_to = {}};
    }

    std::vector<storage::queue_item> claim(const std::string& owner, std::size_t limit = 100) {
        return value(db.run(queue().claim(request(owner, limit))));
    }

    static storage::queue_outcome done(const storage::queue_item& item, const std::string& kind = "relayed") {
        storage::queue_outcome outcome;
        outcome.item = item.id;
        outcome.message = item.message;
        outcome.events = {{item.next_attempt_at, kind, item.recipient, R"({"reply": "250 2.0.0 ok"})"}};
        return outcome;
    }

    storage::queue_outcome deferred(const storage::queue_item& item, core::timestamp until) const {
        auto outcome = done(item, "deferred");
        outcome.what = storage::queue_outcome::kind::deferred;
        outcome.next_attempt_at = until;
        outcome.last_host = "mx.far.test";
        outcome.last_status = "4.2.0";
        outcome.last_reply = "450 4.2.0 later";
        return outcome;
    }

    core::result<storage::concluded> conclude(const std::string& owner, std::vector<storage::queue_outcome> outcomes,
                                              std::vector<storage::delivery> notices = {}) {
        return db.run(queue().conclude(owner, std::move(outcomes), std::move(notices)));
    }

    /// A bounce to alice's Inbox.
    storage::delivery bounce() {
        auto d = letter({alice}, "bounce");
        d.reverse_path = "";
        return d;
    }

    [[nodiscard]] std::int64_t count(const std::string& from) const { return place.number("SELECT count(*) FROM " + from); }

    std::vector<std::string> kinds(storage::message_id id) {
        std::vector<std::string> all;
        for (const auto& event : value(db.run(db->messages().trace(id))).events) all.push_back(event.kind);
        return all;
    }

    storage::account alice;
};

inline std::vector<storage::queue_id> ids(const std::vector<storage::queue_item>& items) {
    std::vector<storage::queue_id> all;
    for (const auto& item : items) all.push_back(item.id);
    std::ranges::sort(all);
    return all;
}

}  // namespace postern::test
