#pragma once

#include <string>
#include <vector>

#include "test/engines.hpp"

namespace postern::test {

/// A directory with example.test and accounts, and messages to deliver to them.
struct mail {
    explicit mail(engine on) : place(on), db(place) {
        value(db.run(db->accounts().add_domain("example.test", db.clock.now())));
    }

    storage::account account(const std::string& local_part) {
        storage::new_account wanted;
        wanted.address = {local_part, "example.test"};
        wanted.created_at = db.clock.now();
        return value(db.run(db->accounts().add_account(wanted)));
    }

    storage::mailbox mailbox(const storage::account& of, storage::mailbox_role role) {
        for (auto& box : value(db.run(db->messages().list_mailboxes(of.id)))) {
            if (box.role == role) return box;
        }
        throw std::logic_error("no such mailbox");
    }

    /// A message to the Inboxes of `to`; every text in it is made from `subject`.
    storage::delivery letter(const std::vector<storage::account>& to, const std::string& subject,
                             std::string octets = "x\r\n") {
        storage::delivery d;
        d.id = value(db.run(db->messages().next_id()));
        d.received_at = db.clock.now();
        d.reverse_path = "sender@" + subject + ".test";
        d.summary.from = {"From " + subject, "from@" + subject + ".test"};
        d.summary.to = {{"To " + subject, "to@example.test"}, {"", "second@example.test"}};
        d.summary.subject = subject;
        d.summary.date = db.clock.now() - std::chrono::hours(1);
        d.summary.preview = "Preview of " + subject;
        d.summary.has_attachments = true;
        d.summary.message_id = subject + "@id.test";
        d.summary.in_reply_to = "earlier@id.test";
        d.summary.references = {"first@id.test", "earlier@id.test"};
        d.octets = std::make_shared<core::memory_content>(std::move(octets));
        for (const auto& account : to) {
            d.recipients.push_back(to_string(account.address));
            d.local.push_back({account.id, storage::mailbox_role::inbox, to_string(account.address), false});
        }
        d.events = {{db.clock.now(), "received", "", R"({"from": "192.0.2.1"})"}};
        return d;
    }

    storage::message_id send(const std::vector<storage::account>& to, const std::string& subject,
                             std::string octets = "x\r\n") {
        auto d = letter(to, subject, std::move(octets));
        const auto id = d.id;
        value(db.run(db->messages().deliver(std::move(d))));
        db.clock.advance(std::chrono::microseconds(1'000'001));
        return id;
    }

    fresh_database place;
    open_database db;
};

}  // namespace postern::test
