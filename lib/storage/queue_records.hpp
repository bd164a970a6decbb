#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/outbound.hpp"
#include "storage/records.hpp"

/// The queue as plain structs.
namespace postern::storage {

enum class queue_state {
    waiting,
    held,  ///< by an administrator: not tried, and not given up either, until released
};

/// A remote recipient whose fate is not known yet, with what its transaction needs of the message.
struct queue_item {
    queue_id id;
    message_id message;
    std::string reverse_path;
    std::optional<account_id> submitted_by;
    std::int64_t size = 0;              ///< octets of the message as stored
    std::int64_t return_path_size = 0;  ///< of those, the Return-Path line at the front, which is not sent on
    storage::outbound outbound;

    std::string recipient;
    std::string destination;
    dsn_notify notify;
    std::optional<std::string> orcpt;

    queue_state state = queue_state::waiting;
    std::int64_t attempts = 0;
    core::timestamp created_at;
    core::timestamp next_attempt_at;
    core::timestamp expires_at;
    std::string lease_owner;                     ///< empty: nobody's
    std::optional<core::timestamp> lease_until;  ///< with lease_owner; in the past: anybody may claim it
    bool delay_notified = false;
    std::string last_host;
    std::string last_status;  ///< RFC 3463
    std::string last_reply;
};

/// What became of an item in one attempt, or by an administrator's word.
struct queue_outcome {
    enum class kind {
        done,      ///< delivered, bounced, expired or removed: the item goes
        deferred,  ///< stays, without a lease, and is due at next_attempt_at
    };
    queue_id item;
    message_id message;
    kind what = kind::done;
    std::vector<message_event> events;       ///< of the message
    std::optional<account_id> submitted_by;  ///< who may want to hear of it: see change_store::on_change

    // Only when deferred:
    bool attempted = true;  ///< counts as an attempt
    core::timestamp next_attempt_at;
    bool delay_notified = false;  ///< the sender is told of the delay; once true it stays so
    std::string last_host;
    std::string last_status;
    std::string last_reply;
};

/// What conclude() did.
struct concluded {
    std::vector<queue_id> lost;      ///< left out: gone, or another's meanwhile
    std::vector<delivered> notices;  ///< in the order given; none when they were left out
};

/// The queue in numbers.
struct queue_depth {
    std::int64_t waiting = 0;
    std::int64_t held = 0;
    std::optional<core::timestamp> oldest;  ///< when the oldest of both was accepted; nullopt: the queue is empty
};

}  // namespace postern::storage
