#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "message/composer.hpp"
#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"
#include "queue/consignment.hpp"
#include "queue/intake.hpp"
#include "queue/sending_rules.hpp"
#include "storage/message_store.hpp"

namespace postern::queue {

/// A message a person sends without SMTP: what it says, and who is to have it.
struct letter {
    message::new_message message;  ///< its Date and Message-ID are filled in here
    std::string client;            ///< the sender's IP address, for Received
    bool secure = false;           ///< it came over TLS
};

/// What became of it: durable, in the sender's Sent mailbox, on its way.
struct posted {
    storage::message_id id;
    std::string message_id;  ///< its Message-ID, without angle brackets
    struct queued {
        storage::queue_id id;
        std::string recipient;
    };
    std::vector<queued> queue;           ///< remote recipients
    std::vector<std::string> delivered;  ///< recipients whose copy was made here
};

/// Why it was not sent: nothing was stored.
struct not_posted {
    smtp::reply why;        ///< its code tells whether the same may be tried again (RFC 5321 4.2.1)
    std::string recipient;  ///< whose fault it is, as given; empty: the whole message's
    core::error storage;    ///< set where storage refused it: over_quota, already_exists (the idempotency key), ...
};

/// Sends what is composed here rather than by a mail program: the same rules, the same transaction and the same queue as
/// submission (RFC 6409). All recipients are taken or none. Loop thread only.
class outbox {
public:
    struct dependencies {
        storage::message_store& messages;
        queue::intake& intake;
        sending_rules& rules;
        net::blocking_pool& workers;
        core::random_source& random;
        const core::clock& clock;
        core::logger log;
        std::string hostname;        ///< ours, in Received
        std::uint64_t message_size;  ///< octets, at most
        std::size_t recipients;      ///< of a message, at most
    };

    explicit outbox(dependencies uses) : uses_(std::move(uses)) {}

    /// Checks, composes and stores. Over `message_size`: 552 5.3.4.
    net::awaitable<std::expected<posted, not_posted>> send(storage::account from, letter what);

private:
    struct addressed {
        smtp::address reverse_path;
        std::vector<std::string> recipients;  // forward-paths, each once
        std::vector<std::string> local;       // those of them whose copies are made here
        consignment places;
        bool smtputf8 = false;
    };
    net::awaitable<std::expected<addressed, not_posted>> address(const storage::account& from, message::new_message& m);
    [[nodiscard]] std::string trace_fields(const letter& what, storage::message_id id, const addressed& to) const;
    [[nodiscard]] storage::delivery make_delivery(const storage::account& from, storage::message_id id,
                                                  const addressed& to) const;
    net::awaitable<std::expected<posted, not_posted>> store(storage::delivery d, std::string message_id,
                                                            std::vector<std::string> local);

    dependencies uses_;
};

}  // namespace postern::queue
