#pragma once

#include <chrono>
#include <optional>

#include "core/clock.hpp"
#include "message/delivery_report.hpp"
#include "queue/retry_schedule.hpp"
#include "smtp_client/delivery_status.hpp"
#include "storage/queue_records.hpp"

/// What an attempt means for its recipient: pure rules.
namespace postern::queue {

/// What one attempt came to.
struct attempt {
    smtp_client::delivery_status status;
    bool in_place = false;  ///< delivered to an account of our own
    bool confirms = false;  ///< the host took over the notices of success that were asked for (RFC 3461 5.2.1)
    bool made = true;       ///< false: nobody was asked, what is known of the destination decided
    core::timestamp at;     ///< its end
    std::chrono::milliseconds took{0};
};

/// What follows from it.
struct verdict {
    enum class kind {
        delivered,
        deferred,
        failed,   ///< for good
        expired,  ///< temporary failures until the time was up
    };
    kind what = kind::deferred;
    core::timestamp next_attempt_at;                    ///< of a deferred one
    std::optional<message::report_action> notice = {};  ///< what the sender is to be told
};

/// `delay_notice` is how long after acceptance a sender is told of a delay; 0: never. `not_before`: earlier than this there is
/// no use in trying again.
[[nodiscard]] verdict judge(const storage::queue_item& item, const attempt& a, const retry_schedule& schedule,
                            std::chrono::milliseconds delay_notice, core::timestamp not_before = {});

/// The notice an administrator's bounce asks for.
[[nodiscard]] std::optional<message::report_action> failure_notice(const storage::queue_item& item);

/// The notice for a copy delivered in place. `accounts`: how many the address stood for.
[[nodiscard]] message::report_action local_success_action(std::size_t accounts);

}  // namespace postern::queue
