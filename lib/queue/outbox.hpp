#pragma once

#include <array>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "message/composer.hpp"
#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"
#include "queue/consignment.hpp"
#include "queue/intake.hpp"
#include "queue/sending_rules.hpp"
#include "storage/message_store.hpp"

namespace postern::queue {

struct posted;

/// How a request that may come again, because its answer was lost, sends once: the answer is kept with the message.
struct once {
    std::string key;  ///< the client's, 1 to 255 octets
    std::array<unsigned char, 32> request_sha256{};
    int status = 202;                                     ///< of HTTP
    std::function<std::string(const posted&)> make_body;  ///< called while nothing is stored yet
};

/// A message a person sends without SMTP: what it says, and who is to have it.
struct letter {
    message::new_message message;              ///< its Date and Message-ID are filled in here
    std::string client;                        ///< the sender's IP address, for Received
    bool secure = false;                       ///< it came over TLS
    std::optional<storage::entry_id> draft{};  ///< what it was until now: goes in the same transaction
    std::optional<once> only_once{};
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
    core::error storage;  ///< set where storage refused it: over_quota, not_found (the draft), already_exists (only_once), ...
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
        const core::clock& clock;
        core::logger log;
        std::string hostname;        ///< ours, in Received
        std::uint64_t message_size;  ///< octets, at most
        std::size_t recipients;      ///< of a message, at most
        core::counter accepted{};    ///< messages
    };

    explicit outbox(dependencies uses) : uses_(std::move(uses)) {}

    /// Checks, composes and stores. Over `message_size`: 552 5.3.4.
    net::awaitable<std::expected<posted, not_posted>> send(storage::account from, letter what);

    /// Keeps it in Drafts, instead of `draft` where that is given: the entry stays the same. Nothing has to be complete.
    /// storage's errors; not_found: no such draft; over_quota also for one over `message_size`.
    net::awaitable<core::result<storage::entry_id>> keep(storage::account from, message::new_message draft,
                                                         std::optional<storage::entry_id> instead_of);

private:
    struct addressed {
        smtp::address reverse_path;
        std::vector<std::string> recipients;  // forward-paths, each once
        std::vector<std::string> local;       // those of them whose copies are made here
        consignment places;
        bool smtputf8 = false;
    };
    net::awaitable<std::expected<addressed, not_posted>> address(const storage::account& from, message::new_message& m);
    void complete(message::new_message& m, storage::message_id id, const storage::account& from) const;
    [[nodiscard]] std::string trace_fields(const letter& what, storage::message_id id, const addressed& to) const;
    [[nodiscard]] storage::delivery make_delivery(const storage::account& from, storage::message_id id,
                                                  const addressed& to) const;
    net::awaitable<std::expected<posted, not_posted>> store(storage::delivery d, posted done);
    using composed = std::tuple<std::shared_ptr<const core::content>, message::summary>;
    net::awaitable<composed> compose(std::string trace, message::new_message m);

    dependencies uses_;
};

}  // namespace postern::queue
