#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "http/event_stream.hpp"
#include "net/task_group.hpp"
#include "storage/database.hpp"

/// What happens in an account, told to those who look at it: new mail, flags, moves, removals, and what becomes of what it
/// sent.
///
/// Flow: storage says that an account may have changed; each stream that follows it asks what changed since it asked last, and
/// sends that with the state it has reached as the event's id. A client that comes back with an id goes on from there, with any
/// process and after any restart, as ids say how far somebody has read and nothing of a connection.
/// On failure: while the database cannot be asked nothing is sent; the next change, or its return, makes up for it. What is not
/// known any more, or an id that is none of ours, is the event "reset": the client looks at everything anew.
namespace postern::http {

class live_updates : public std::enable_shared_from_this<live_updates> {
public:
    static constexpr std::size_t most_streams = 20;  ///< of one account

    /// `database` and `clock` outlive it.
    live_updates(net::executor loop, storage::database& database, const core::clock& clock, core::logger log);

    /// Begins to hear of changes. Once.
    void start();

    /// A stream of the account's events, after `since` or from now on. nullptr: it has most_streams already.
    [[nodiscard]] std::shared_ptr<event_stream> follow(storage::account_id account, std::optional<std::string_view> since);

    /// No more is asked; the streams end with their connections.
    net::awaitable<void> stop();

private:
    struct follower {
        storage::account_id account;
        std::weak_ptr<event_stream> stream;
        std::optional<storage::account_state> at{};  // nullopt: to be asked first
        bool lost = false;                           // came with an id that is none: reset first
        bool asking = false;
        bool again = false;  // something changed meanwhile
    };

    void changed(std::optional<storage::account_id> account);
    void wake(const std::shared_ptr<follower>& f);
    net::awaitable<void> catch_up(std::shared_ptr<live_updates> self, std::shared_ptr<follower> f);
    net::awaitable<bool> tell_once(follower& f);
    net::awaitable<bool> tell_mail(follower& f, std::string& text);
    net::awaitable<bool> tell_outcomes(follower& f, std::string& text);

    net::executor loop_;
    storage::database& database_;
    const core::clock& clock_;
    core::logger log_;
    net::task_group tasks_;
    std::list<std::shared_ptr<follower>> followers_;
};

}  // namespace postern::http
