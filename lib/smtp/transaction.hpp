#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "smtp/address.hpp"
#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"

namespace postern::smtp {

/// One accepted recipient.
struct recipient {
    address path;
    rcpt_parameters parameters;
};

/// Which command may come when, on the receiving side, and the envelope that grows meanwhile (RFC 5321 4.1.4, RFC 3030).
///
/// For each verb ask refuse_X() first: a reply means it is out of order (503 5.5.1, or 554 5.5.1 without valid recipients) and
/// nothing has changed. If the session accepts the command, tell it with the function of the verb. HELP, NOOP, VRFY, EXPN and
/// QUIT are always in order. A mail transaction ends with reset(): after RSET, and after DATA or the last chunk is answered,
/// whatever the answer.
class transaction {
public:
    /// HELO or EHLO was accepted: as RSET, and the session is greeted (RFC 5321 4.1.4).
    void greet(std::string helo, bool esmtp);
    [[nodiscard]] bool greeted() const noexcept { return !helo_.empty(); }
    [[nodiscard]] bool esmtp() const noexcept { return esmtp_; }
    [[nodiscard]] const std::string& helo() const noexcept { return helo_; }

    [[nodiscard]] std::optional<reply> refuse_mail() const;
    void mail(address reverse_path, mail_parameters parameters);

    /// `limit`: recipients in one transaction; 452 4.5.3 for the one too many (RFC 5321 4.5.3.1.10).
    [[nodiscard]] std::optional<reply> refuse_rcpt(std::size_t limit) const;
    /// A RCPT in order was refused for its own sake: DATA without any recipient is then answered 554, not 503 (RFC 5321 3.3).
    void rcpt_refused() noexcept { rcpt_seen_ = true; }
    void rcpt(address forward_path, rcpt_parameters parameters = {});

    [[nodiscard]] std::optional<reply> refuse_data() const;

    /// A refused BDAT's octets must be read all the same (bdat_reader). Then: reset() if it was the last, else bdat_failed().
    [[nodiscard]] std::optional<reply> refuse_bdat() const;
    /// A chunk begins: from now on only BDAT may follow.
    void bdat() noexcept { data_ = data_state::bdat; }
    /// A chunk that was not the last has been refused: so are all that follow, or a message would be accepted without it
    /// (RFC 3030 section 2). Nothing changes when no transaction is open.
    void bdat_failed() noexcept;

    /// Ends the mail transaction; the session stays greeted.
    void reset();

    [[nodiscard]] bool open() const noexcept { return open_; }
    [[nodiscard]] const address& reverse_path() const noexcept { return reverse_path_; }
    [[nodiscard]] const mail_parameters& parameters() const noexcept { return parameters_; }
    [[nodiscard]] const std::vector<recipient>& recipients() const noexcept { return recipients_; }

private:
    enum class data_state { none, bdat, bdat_failed };

    std::optional<reply> refuse_without_recipients() const;

    std::string helo_;
    bool esmtp_ = false;
    bool open_ = false;
    data_state data_ = data_state::none;
    address reverse_path_;
    mail_parameters parameters_;
    bool rcpt_seen_ = false;
    std::vector<recipient> recipients_;
};

}  // namespace postern::smtp
