#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/blocking_pool.hpp"
#include "net/stream.hpp"
#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"
#include "smtp/reply_reader.hpp"
#include "smtp_client/delivery_status.hpp"
#include "smtp_client/envelope.hpp"
#include "smtp_client/session_settings.hpp"
#include "smtp_client/transaction.hpp"

namespace postern::smtp_client {

/// Why open() failed.
struct open_failure {
    enum class stage {
        connection,  ///< no TCP connection
        greeting,    ///< refused or broken off before the session stood; includes EHLO
        tls,         ///< STARTTLS was begun and came to nothing, or was required and not offered
        login,       ///< the smarthost does not take our user and password
    };
    stage at = stage::connection;
    delivery_status status;
};

/// One connection to a remote server and the transactions on it, sending side (RFC 5321).
///
/// Flow: open() connects, greets, says EHLO (HELO where that is refused), begins TLS and logs in as the target says. Then
/// send() runs one transaction after the other: MAIL, RCPTs and DATA go out in groups where PIPELINING is offered, else one by
/// one; the message follows with BDAT where CHUNKING is offered, else after DATA with its dots doubled, 64 KiB at a time, read
/// by the pool where it does not lie in memory. No octet of it is sent before a recipient has been accepted. quit() takes
/// leave.
///
/// On failure: everything is a delivery_status for each recipient; nothing is thrown but cancellation. The remote's word counts
/// where there is one. A connection that breaks before the final dot was a temporary failure; after it, nobody knows whether
/// the message was taken, and it counts as not taken, since a second copy is better than none (RFC 1047). A server that answers
/// what was not asked, or not as a server does, is left at once. 421 ends the session, whenever it comes.
///
/// Bounds: every reply (smtp::reply_reader), every wait, and the time of a transaction in all, so that a server that wants to
/// hold us up costs one session for a limited time. A group is at most 50 commands and 16 KiB: its replies fit into the
/// machine's buffers, so neither side waits for the other to read (RFC 2920 3.1).
///
/// Loop thread only; one call at a time. What is passed by reference must live until the call returns.
class session {
public:
    /// `workers` and what it refers to outlive the session.
    session(net::executor loop, net::blocking_pool& workers, std::shared_ptr<const session_settings> settings, target to);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Once, first. After a failure at stage::tls with tls_use::opportunistic, a new session with tls_use::none may succeed.
    net::awaitable<std::expected<void, open_failure>> open();

    /// Whether send() may be called: open() succeeded, the connection stands, and the server's MAILMAX (RFC 9422) is not used
    /// up.
    [[nodiscard]] bool usable() const noexcept;

    /// What keeps a transaction with this envelope and these recipients from being sent here. For anything but `none`, convert
    /// the message or let send() refuse it for good: 5.6.3 (body) or 5.6.7 (SMTPUTF8).
    [[nodiscard]] shortcoming lacks(const envelope& e, std::span<const recipient> to) const;

    /// One transaction; a status for each recipient, in order, with host, address and TLS filled in.
    ///
    /// {4, 5, 3} means that the server takes no more recipients with this message: it took others, so send these again at once
    /// in a transaction of their own.
    net::awaitable<std::vector<delivery_status>> send(const envelope& e, std::span<const recipient> to,
                                                      const outgoing& message);

    /// Whether the last send() met a connection that had died since the one before it: nothing has been learned about the
    /// destination, so try again at once with a new session.
    [[nodiscard]] bool went_stale() const noexcept { return stale_; }

    /// QUIT, best effort, and the close.
    net::awaitable<void> quit();

    /// What the server offers now.
    [[nodiscard]] const smtp::extensions& offered() const noexcept { return offered_; }
    /// "TLSv1.3"; empty in the clear.
    [[nodiscard]] std::string tls() const;
    /// Transactions run.
    [[nodiscard]] std::size_t transactions() const noexcept { return transactions_; }
    [[nodiscard]] const target& to() const noexcept { return to_; }

private:
    using clock = std::chrono::steady_clock;

    /// Why there is no reply: ours to tell, in the words of a delivery_status without a remote's.
    struct trouble {
        smtp::enhanced_status status;
        std::string reason;
        bool maybe_taken = false;
    };
    template <class T>
    using attempt = std::expected<T, trouble>;
    using opened = std::expected<void, open_failure>;

    // session.cpp
    net::awaitable<attempt<smtp::reply>> read_reply(std::string_view to_what, clock::duration limit);
    net::awaitable<std::optional<core::error>> write(std::string_view octets, clock::duration limit);
    net::awaitable<attempt<smtp::reply>> ask(std::string command, std::string_view name, clock::duration limit);
    [[nodiscard]] attempt<void> expect_silence();
    [[nodiscard]] std::unexpected<trouble> lost(const core::error& why, std::string_view waiting_for);
    [[nodiscard]] std::unexpected<trouble> nonsense(std::string what);
    [[nodiscard]] delivery_status status_of(const trouble& t) const;
    [[nodiscard]] delivery_status complete(delivery_status s) const;
    void close();

    // session_open.cpp
    net::awaitable<opened> connect();
    net::awaitable<opened> greet();
    net::awaitable<opened> say_hello();
    net::awaitable<opened> secure();
    net::awaitable<opened> handshake();
    net::awaitable<opened> log_in();
    net::awaitable<attempt<smtp::reply>> log_in_plain();
    net::awaitable<attempt<smtp::reply>> log_in_step_by_step();
    [[nodiscard]] opened failed(open_failure::stage at, delivery_status s);

    // session_send.cpp
    net::awaitable<void> run(transaction& t, smtp::body_type body, const outgoing& message);
    net::awaitable<bool> converse(transaction& t);
    net::awaitable<bool> take_replies(transaction& t, std::span<const transaction::step> steps);
    net::awaitable<void> send_nothing(transaction& t);
    net::awaitable<void> send_dotted(transaction& t, const outgoing& message);
    net::awaitable<void> send_chunks(transaction& t, smtp::body_type body, const outgoing& message);
    net::awaitable<bool> send_piece(transaction& t, std::string_view octets, bool last);
    void abandon(transaction& t, const std::string& why);
    void abandon(transaction& t, smtp::octet_fault why);
    bool end(transaction& t, const trouble& why);
    [[nodiscard]] static trouble unknown(trouble why);

    net::executor loop_;
    net::blocking_pool& workers_;
    std::shared_ptr<const session_settings> settings_;
    target to_;
    std::unique_ptr<net::stream> stream_;  // none before open() and after the end
    std::string tls_;                      // kept beyond the stream's end, for reports
    smtp::reply_reader replies_;
    smtp::extensions offered_;
    clock::time_point end_ = clock::time_point::max();  // of the present transaction's time
    std::size_t transactions_ = 0;
    bool open_ = false;
    bool needs_reset_ = false;  // a transaction was begun on the server and not ended
    bool stale_ = false;
};

}  // namespace postern::smtp_client
