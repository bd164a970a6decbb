#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"
#include "smtp_client/delivery_status.hpp"
#include "smtp_client/envelope.hpp"

namespace postern::smtp_client {

/// What a server does not offer and a transaction needs.
enum class shortcoming { none, eight_bit_mime, binary_mime, smtputf8 };

[[nodiscard]] shortcoming lacks(const smtp::extensions& offered, const envelope& e, std::span<const recipient> to);

/// What the remote said, as an outcome: 2yz delivered, 4yz temporary, 5yz permanent, anything else temporary with {4, 5, 0}.
[[nodiscard]] delivery_status judge(const smtp::reply& r);

/// The same for a reply that is not the one hoped for: never delivered.
[[nodiscard]] delivery_status refused(const smtp::reply& r);

/// A failure of ours, or one the remote said nothing about.
[[nodiscard]] delivery_status failure(delivery_status::kind what, smtp::enhanced_status status, std::string reason);

/// The rules of one outbound transaction, without I/O: which commands are sent next, and what each reply means for whom.
///
/// The session asks for a group of commands, sends it and hands in the reply to each, in order, until next_group() is empty;
/// then the message goes out or not, as fate() says. What has been decided for a recipient stays: the first of its own refusal,
/// the refusal of all, or the end of the message.
class transaction {
public:
    /// One command of a group, and where its reply belongs.
    struct step {
        enum class kind { reset, mail, rcpt, data };
        kind what;
        std::size_t recipient = 0;
    };

    struct group {
        std::string octets;
        std::vector<step> steps;
    };

    static constexpr std::size_t max_group_commands = 50;
    static constexpr std::size_t max_group_octets = 16UL * 1024;

    /// Refuses at once what cannot be sent: a message over the server's SIZE (5.3.4), one it lacks an extension for
    /// (5.6.3, 5.6.7), and addresses that would break out of their command line (5.1.3, 5.1.7). `protected_now`: TLS is on.
    /// `reset_first`: an earlier transaction was left open.
    transaction(const smtp::extensions& offered, const envelope& e, std::span<const recipient> to, std::uint64_t size,
                bool protected_now, bool reset_first);

    /// The commands to send now: one, or with PIPELINING as many as fit. Empty when nothing is left to ask before the message.
    [[nodiscard]] group next_group();

    /// Takes the reply to a step of the last group.
    void take(const step& s, const smtp::reply& r);

    enum class fate {
        over,         ///< nobody is left who could get the message, and no data is expected
        send_dotted,  ///< the server waits for the message after DATA
        send_chunks,  ///< with BDAT
        send_nothing  ///< the server waits for a message nobody would get: end it at once (RFC 2920 3.1)
    };
    [[nodiscard]] fate next() const noexcept;

    /// The reply to the message: to the final dot, to BDAT LAST, or a refusal of a chunk before it.
    void take_end(const smtp::reply& r);

    /// Everybody who is not decided yet.
    void settle(const delivery_status& s);

    /// Whether anybody's fate is still open.
    [[nodiscard]] bool is_pending() const noexcept;
    /// Whether the server began a transaction that RSET must clear away before the next.
    [[nodiscard]] bool left_open() const noexcept { return open_; }
    /// Whether the server has answered anything but 421.
    [[nodiscard]] bool answered() const noexcept { return answered_; }
    [[nodiscard]] bool uses_chunks() const noexcept { return offered_.chunking; }

    /// For each recipient; everybody must be decided.
    [[nodiscard]] std::vector<delivery_status> outcomes() &&;

private:
    [[nodiscard]] std::string mail() const;
    [[nodiscard]] std::string rcpt(const recipient& r) const;
    void refuse_beforehand();
    void refuse_utf8();
    void take_mail(const smtp::reply& r);
    void take_rcpt(std::size_t who, const smtp::reply& r);
    void leave_the_rest(const delivery_status& s);
    [[nodiscard]] bool is_too_many(const smtp::reply& r) const;
    [[nodiscard]] bool may_add(const group& g, const std::string& command) const;

    const smtp::extensions& offered_;
    const envelope& envelope_;
    std::span<const recipient> recipients_;
    std::uint64_t size_;
    bool utf8_;
    bool protected_;
    bool reset_;             // RSET has to be sent
    bool mail_ = true;       // MAIL has to be sent
    bool data_ = false;      // DATA has been sent
    bool go_ahead_ = false;  // and answered with 354
    bool open_ = false;
    bool answered_ = false;
    std::size_t next_ = 0;  // the next recipient to be named
    std::size_t named_ = 0;
    std::size_t accepted_ = 0;
    std::vector<std::optional<delivery_status>> outcomes_;
};

}  // namespace postern::smtp_client
