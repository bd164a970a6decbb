#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/metrics.hpp"
#include "net/awaitable.hpp"
#include "net/session_server.hpp"
#include "net/stream.hpp"
#include "queue/consignment.hpp"
#include "smtp/command.hpp"
#include "smtp/line_reader.hpp"
#include "smtp/reply.hpp"
#include "smtp/trace.hpp"
#include "smtp/transaction.hpp"
#include "smtp_server/incoming_message.hpp"
#include "smtp_server/service.hpp"
#include "storage/records.hpp"

namespace postern::smtp_server {

/// One client's SMTP session, receiving side (RFC 5321): another server's, or a person's who signs in and submits (RFC 6409).
///
/// Flow: commands are cut from the input and answered in order; replies gather in one string, which is written when the input
/// holds no whole command any more, so a pipelined batch is answered with one write (RFC 2920 3.2). The message of DATA or
/// BDAT goes through incoming_message; once it is whole it is summarised and stored, and only then is it acknowledged.
///
/// On failure: whatever the client does wrong is a reply; what we cannot do now is 451 or 452 and the session goes on; too
/// many errors, silence and shutdown are 421; a connection that breaks before the final dot leaves nothing behind.
class session final : public net::served_session {
public:
    /// `client`: who the other end is.
    session(std::shared_ptr<const service> shared, net::tcp_socket socket, const net::tcp_endpoint& client);
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// From the greeting to the close.
    net::awaitable<void> run() override;

    /// The server is stopping: between transactions say 421 at once, else after the transaction.
    void stop() override;

    /// No time is left: a 421 if the socket takes it, and the end.
    void cut_off() override;

private:
    // session.cpp
    void offer();
    net::awaitable<void> greet();
    net::awaitable<void> converse();
    net::awaitable<void> answer(smtp::line_reader::line line);
    net::awaitable<bool> receive(net::stream::duration limit);
    net::awaitable<bool> flush();
    void say(const smtp::reply& r);
    void end() noexcept { ended_ = true; }
    smtp::reply idle(smtp::reply r);

    /// One for each verb. nullopt: the connection is gone, or was told the rest already.
    using answered = net::awaitable<std::optional<smtp::reply>>;
    answered on(smtp::helo_command command);
    answered on(smtp::ehlo_command command);
    answered on(smtp::rset_command command);
    answered on(smtp::vrfy_command command);
    answered on(smtp::expn_command command);
    answered on(smtp::help_command command);
    answered on(smtp::noop_command command);
    answered on(smtp::quit_command command);
    answered on(smtp::starttls_command command);  // session_tls.cpp
    answered on(smtp::auth_command command);      // session_auth.cpp
    answered on(smtp::mail_command command);      // session_mail.cpp
    answered on(smtp::rcpt_command command);
    answered on(smtp::data_command command);  // session_data.cpp
    answered on(smtp::bdat_command command);  // session_bdat.cpp

    // session_tls.cpp
    net::awaitable<bool> start_tls();
    void log_tls() const;

    // session_auth.cpp
    [[nodiscard]] bool may_sign_in() const;
    [[nodiscard]] std::vector<std::string> mechanisms() const;
    [[nodiscard]] std::optional<std::string> channel_binding() const;
    [[nodiscard]] std::optional<smtp::reply> refuse_auth(const std::string& mechanism) const;
    answered authenticate(smtp::auth_command command);
    net::awaitable<std::optional<smtp::line_reader::line>> read_response();
    smtp::reply welcome(storage::account account, std::string_view mechanism);

    // session_data.cpp
    net::awaitable<std::optional<smtp::reply>> begin_message();
    answered receive_dotted();
    void add_trace();
    [[nodiscard]] std::optional<message::submission_defaults> completion(core::message_id id) const;
    net::awaitable<smtp::reply> complete(smtp::octet_fault fault);
    net::awaitable<bool> receive_data();
    void begin_data_time() noexcept;

    // session_store.cpp
    net::awaitable<std::optional<smtp::reply>> refuse_authors(std::shared_ptr<const core::content> octets);
    net::awaitable<smtp::reply> store(std::shared_ptr<const core::content> octets);
    net::awaitable<message::summary> summarize(std::shared_ptr<const core::content> octets);
    [[nodiscard]] storage::delivery make_delivery(std::shared_ptr<const core::content> octets) const;
    [[nodiscard]] storage::outbound outbound() const;
    [[nodiscard]] std::string received_detail(std::uint64_t size) const;
    void log_acceptance(std::uint64_t size) const;

    // session_bdat.cpp
    answered receive_chunk(smtp::bdat_command command);
    net::awaitable<bool> read_chunk(smtp::bdat_reader& reader, smtp::octet_sink& out);
    answered skip_chunk(smtp::bdat_command command, smtp::reply why);

    void end_transaction();
    [[nodiscard]] smtp::with_protocol protocol() const noexcept;
    void log_refusal(std::string_view what, std::string_view recipient, const smtp::reply& r) const;

    const std::shared_ptr<const service> held_;  // as it was when the session began
    const service& shared_ = *held_;
    const core::gauge_share counted_;
    net::stream stream_;
    std::string client_;  // the peer's address
    smtp::line_reader lines_;
    smtp::transaction transaction_;
    smtp::extensions offered_;  // RFC 5321 2.2.1: what was not offered is not taken. Nothing before EHLO and after HELO
    std::string replies_;       // not yet written

    submitter account_;  // who has signed in

    queue::consignment places_;  // the envelope's other half: where its recipients lead to
    std::unique_ptr<incoming_message> message_;
    smtp::bdat_reader chunks_;
    std::int64_t return_path_size_ = 0;
    std::chrono::steady_clock::time_point data_end_;  // when the time for the message's data in all is over

    std::size_t messages_ = 0;
    std::size_t errors_ = 0;
    std::size_t idle_commands_ = 0;
    bool between_commands_ = false;  // waiting for the client, and not in message data
    bool stopping_ = false;
    bool ended_ = false;
};

}  // namespace postern::smtp_server
