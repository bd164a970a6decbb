#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "account/recipient_resolver.hpp"
#include "core/content.hpp"
#include "core/log.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "message/delivery_report.hpp"
#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"
#include "queue/job.hpp"
#include "storage/message_store.hpp"
#include "storage/records.hpp"

namespace postern::queue {

/// A message whose sender is to be told something.
struct report_request {
    storage::message_id message;
    std::string sender;  ///< reverse-path, not null
    storage::outbound outbound;
    core::timestamp accepted_at;
    std::int64_t return_path_size = 0;
    std::shared_ptr<const core::content> octets;  ///< null: they are read from the database
    std::vector<message::reported_recipient> recipients;
};

/// For the sender of this item's message; without octets and recipients.
[[nodiscard]] report_request request_about(const storage::queue_item& item);

/// What the notice says of an item; it must have one to get.
[[nodiscard]] message::reported_recipient report_of(const settled_item& s);

/// Makes notices: composes the report and decides where it goes, to an inbox of ours or through the queue with the null
/// reverse-path.
class report_writer {
public:
    /// All of these outlive the writer.
    struct dependencies {
        const core::clock& clock;
        core::random_source& random;
        storage::message_store& messages;
        account::recipient_resolver& recipients;
        net::blocking_pool& workers;
        core::logger log;
    };

    /// `hostname`: the reporting server's. `expire`: how long a notice for a remote sender is tried.
    report_writer(dependencies uses, std::string hostname, std::chrono::milliseconds expire);

    /// The notice, ready to be stored; nullopt, logged, where nobody takes it: a sender of a domain of ours that does not exist
    /// (any more), an address that cannot be mailed to. Storage's errors: it could not be found out.
    net::awaitable<core::result<std::optional<storage::delivery>>> write(report_request about);

private:
    net::awaitable<core::result<bool>> address(storage::delivery& notice, const std::string& sender);
    bool address_remotely(storage::delivery& notice, const std::string& sender);

    dependencies uses_;
    std::string hostname_;
    std::chrono::milliseconds expire_;
};

}  // namespace postern::queue
