#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/content.hpp"
#include "core/id.hpp"
#include "message/summary.hpp"
#include "storage/outbound.hpp"

/// The rows of the database as plain structs. Times are UTC; sizes are octets; strings are UTF-8.
namespace postern::storage {

using core::account_id;
using core::alias_id;
using core::domain_id;
using core::entry_id;
using core::mailbox_id;
using core::message_id;
using core::queue_id;
using core::thread_id;

/// An address as it is stored and compared: local part case-folded (core::fold_case), domain as A-labels in lower case.
struct canonical_address {
    std::string local_part;  ///< empty for a domain's catch-all
    std::string domain;

    friend auto operator<=>(const canonical_address&, const canonical_address&) = default;
};

/// "local@domain"; "@domain" for a catch-all.
[[nodiscard]] inline std::string to_string(const canonical_address& a) { return a.local_part + '@' + a.domain; }

struct domain {
    domain_id id;
    std::string name;  ///< A-labels, lower case
    core::timestamp created_at;
    std::int64_t accounts = 0;
    std::int64_t aliases = 0;
};

struct account {
    account_id id;
    canonical_address address;
    std::string name;  ///< the person's
    bool admin = false;
    bool disabled = false;
    std::string password_hash;                ///< Argon2id in its own string form; empty: cannot sign in
    std::optional<std::int64_t> quota_limit;  ///< nullopt: unlimited
    std::int64_t quota_used = 0;              ///< sum of the sizes of all messages in its mailboxes
    core::timestamp created_at;
};

struct new_account {
    canonical_address address;
    std::string name;
    bool admin = false;
    std::string password_hash;
    std::optional<std::int64_t> quota_limit;
    core::timestamp created_at;
};

struct alias {
    alias_id id;
    canonical_address address;
    std::vector<canonical_address> targets;  ///< accounts, in order of address; never empty, never an alias: no loops
    core::timestamp created_at;
};

/// What an address leads to, before any policy: one row of the directory with its accounts.
struct route {
    canonical_address address;  ///< the row that matched: the address asked for, or the domain's catch-all
    bool alias = false;
    struct destination {
        account_id account;
        canonical_address address;
        bool disabled = false;
        bool has_password = false;
        bool admin = false;
        std::optional<std::int64_t> quota_limit;
        std::int64_t quota_used = 0;
    };
    std::vector<destination> destinations;  ///< one for an account; one or more for an alias
};

/// The answer for one domain and the candidate local parts asked for.
struct route_answer {
    bool domain_known = false;
    std::vector<route> routes;  ///< those candidates that exist (catch-all has local_part ""), in the order asked
};

enum class mailbox_role { none, inbox, sent, drafts, junk, trash, archive };

struct mailbox {
    mailbox_id id;
    account_id account;
    std::string name;
    mailbox_role role = mailbox_role::none;
    std::int64_t total = 0;
    std::int64_t unread = 0;
    std::int64_t uid_validity = 0;
    std::int64_t uid_next = 1;
    std::int64_t highest_modseq = 1;
    bool subscribed = true;  ///< see imap_store::subscribe
};

/// One step in a message's life, told to its sender, its recipients and its administrator.
struct message_event {
    core::timestamp at;
    std::string kind;       ///< "received", "delivered", "queued", "deferred", "relayed", "bounced", ...
    std::string recipient;  ///< empty when the step concerns the whole message
    std::string detail;     ///< a JSON object; "{}" when there is nothing to add
};

/// One account's copy to be made of a message.
struct local_delivery {
    account_id account;
    mailbox_role role = mailbox_role::inbox;
    std::string recipient;  ///< the envelope's forward-path address as given, kept as delivered_to
    bool seen = false;      ///< a sent copy is born read
};

/// A draft that a delivery takes the place of.
struct replaced_draft {
    account_id account;
    entry_id entry;  ///< in that account's Drafts
};

struct delivered;

/// What is answered to a request whose sender may not hear it and ask again (the header Idempotency-Key).
struct new_response {
    account_id account;
    std::string key;                                         ///< 1 to 255 octets
    std::array<unsigned char, 32> request_sha256{};          ///< the same key with another request is somebody's mistake
    int status = 202;                                        ///< of HTTP
    std::function<std::string(const delivered&)> make_body;  ///< called before anything is stored
    core::timestamp created_at;
};

/// An accepted message with everything that must become durable in one transaction.
struct delivery {
    message_id id;  ///< from message_store::next_id
    core::timestamp received_at;
    std::string reverse_path;             ///< "" for the null reverse-path
    std::vector<std::string> recipients;  ///< the envelope's, as given
    std::int64_t return_path_size = 0;    ///< octets of the Return-Path line at the front, which relaying leaves out
    message::summary summary;
    std::shared_ptr<const core::content> octets;  ///< the whole message, trace fields included
    std::vector<local_delivery> local;            ///< at most one per account and role; none where all recipients are remote
    std::optional<account_id> submitted_by;       ///< the account that sends it: it may follow what becomes of it
    storage::outbound outbound;                   ///< only with remote recipients
    std::vector<new_queue_item> remote;
    std::string lease_owner;      ///< whose the new queue items are from birth: who works on them at once. "": whoever claims
    core::timestamp lease_until;  ///< only with lease_owner
    std::vector<message_event> events;  ///< in this order; "delivered" per local and "queued" per remote recipient are added
    /// Goes with the transaction that stores this. Where this is itself for the account's Drafts, the entry stays, with this
    /// message in it and a new uid.
    std::optional<replaced_draft> replaces;
    std::optional<new_response> response;  ///< kept with it
};

/// What delivering gave names to.
struct delivered {
    std::vector<queue_id> queue;  ///< in order of delivery::remote
};

/// A row of a list: a message in a mailbox.
struct entry {
    entry_id id;
    message_id message;
    account_id account;
    mailbox_id mailbox;
    mailbox_role role = mailbox_role::none;
    std::string mailbox_name;
    std::int64_t uid = 0;
    std::int64_t modseq = 0;
    bool seen = false;
    bool flagged = false;
    bool answered = false;
    thread_id thread;  ///< while the delivery's wake has not been here yet: its own number, which then often becomes its thread
    core::timestamp received_at;
    std::string delivered_to;
    std::int64_t size = 0;
    message::summary summary;
};

struct entry_page {
    std::vector<entry> entries;            ///< newest first (uid descending)
    std::optional<std::int64_t> next_uid;  ///< ask for uids below this for the next page; nullopt: this was the last
    std::int64_t total = 0;                ///< in the mailbox, kept, not counted
};

/// A message as its administrator follows it.
struct message_trace {
    message_id id;
    core::timestamp received_at;
    std::string reverse_path;
    std::vector<std::string> recipients;
    std::int64_t size = 0;
    struct place {
        entry_id entry;
        canonical_address account;
        std::string mailbox;
        std::int64_t uid = 0;
        std::string delivered_to;
    };
    std::vector<place> places;
    std::vector<message_event> events;
};

}  // namespace postern::storage
