#pragma once

#include "core/metrics.hpp"
#include "queue/verdict.hpp"

namespace postern::queue {

/// What the queue counts: recipients whose outcome is durable. Made without metrics it counts nothing.
struct figures {
    core::counter relayed;
    core::counter deferred;  ///< attempts
    core::counter failed;
    core::counter expired;

    figures() = default;
    explicit figures(core::metrics& in)
        : relayed(in.count("postern_delivered_total", "Recipients who have their mail", {{"to", "remote"}})),
          deferred(in.count("postern_deferred_total", "Attempts to reach a recipient that are made again later")),
          failed(in.count("postern_bounced_total", "Recipients given up, by reason", {{"reason", "refused"}})),
          expired(in.count("postern_bounced_total", "Recipients given up, by reason", {{"reason", "expired"}})) {}

    /// What was delivered in place is a delivery here, which storage counts.
    void count(verdict::kind what, bool in_place) const {
        switch (what) {
            case verdict::kind::delivered:
                if (!in_place) relayed.add();
                break;
            case verdict::kind::deferred: deferred.add(); break;
            case verdict::kind::failed: failed.add(); break;
            case verdict::kind::expired: expired.add(); break;
        }
    }
};

}  // namespace postern::queue
