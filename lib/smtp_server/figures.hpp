#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/metrics.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp_server {

/// Why a client heard no, in few words.
enum class refusal : std::size_t {
    unknown_user,
    mailbox_disabled,
    mailbox_full,
    not_allowed,  ///< relaying from outside; from inside, under a name that is not one's own
    bad_address,
    bad_message,
    too_large,
    loop,
    limit,  ///< of connections, recipients, messages an hour, errors
    authentication,
    protocol,     ///< a command that is wrong, or comes at the wrong time
    unavailable,  ///< ours: the database, the disk
};
inline constexpr std::size_t refusals = static_cast<std::size_t>(refusal::unavailable) + 1;

/// nullopt: a reply that refuses nothing. RFC 3463's codes decide, as replies.hpp gives them.
[[nodiscard]] std::optional<refusal> refusal_of(const smtp::reply& r);

/// What a server counts. Made without metrics it counts nothing.
struct figures {
    core::gauge sessions;
    core::counter connections;
    core::counter accepted;  ///< messages

    figures() = default;
    /// `listener`: "smtp", "submission" or "submissions".
    figures(core::metrics& in, const std::string& listener);

    void count(const smtp::reply& r) const;
    void count(refusal why) const { refused_.at(static_cast<std::size_t>(why)).add(); }

private:
    std::array<core::counter, refusals> refused_;
};

}  // namespace postern::smtp_server
