#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "smtp/reply.hpp"

/// Every reply we give, in one place. Codes: RFC 5321 4.2.3; status codes: RFC 3463 and RFC 5248.
namespace postern::smtp::replies {

// A session's beginning and end.
[[nodiscard]] reply greeting(std::string_view hostname);
[[nodiscard]] reply helo(std::string_view hostname, std::string_view client);
inline const reply goodbye{221, {2, 0, 0}, "Goodbye"};
inline const reply shutting_down{421, {4, 3, 2}, "Service shutting down, try again soon"};
inline const reply idle_too_long{421, {4, 4, 2}, "Timeout, closing connection"};
inline const reply too_many_connections{421, {4, 7, 0}, "Too many connections, try again later"};
inline const reply too_many_errors{421, {4, 7, 0}, "Too many errors, closing connection"};
inline const reply too_many_idle_commands{421, {4, 7, 0}, "Too many commands without a message, closing connection"};
inline const reply too_many_messages{421, {4, 7, 0}, "Too many messages in this session, open another"};  // MAILMAX
inline const reply talked_too_early{554, {5, 5, 0}, "Refused: you talked before the greeting"};

// TLS and authentication (RFC 3207, RFC 4954 section 6).
inline const reply start_tls{220, {2, 0, 0}, "Ready to start TLS"};
inline const reply tls_active{503, {5, 5, 1}, "TLS is on already"};
inline const reply tls_unavailable{454, {4, 7, 0}, "TLS is not available now, try again later"};
inline const reply tls_required{530, {5, 7, 0}, "Send STARTTLS first"};
inline const reply authenticated{235, {2, 7, 0}, "Authenticated"};
[[nodiscard]] reply auth_challenge(std::string_view base64);  ///< 334; of any length
inline const reply auth_required{530, {5, 7, 0}, "Authentication required"};
inline const reply auth_failed{535, {5, 7, 8}, "Wrong address or password"};
inline const reply auth_unavailable{454, {4, 7, 0}, "Authentication is not possible now, try again later"};
[[nodiscard]] reply auth_throttled(std::chrono::seconds wait);  ///< 454 4.7.0: too many failures
inline const reply auth_needs_tls{538, {5, 7, 11}, "This mechanism needs TLS; send STARTTLS first"};
inline const reply auth_mechanism{504, {5, 5, 4}, "Authentication mechanism not offered"};
inline const reply auth_repeated{503, {5, 5, 1}, "You are authenticated already"};
inline const reply auth_cancelled{501, {5, 7, 0}, "Authentication cancelled"};
inline const reply auth_no_initial_response{501, {5, 7, 0}, "This mechanism takes no initial response"};
inline const reply auth_bad_base64{501, {5, 5, 2}, "Not base64"};
inline const reply auth_bad_message{501, {5, 5, 2}, "Not what the mechanism expects"};
inline const reply auth_line_too_long{500, {5, 5, 6}, "Authentication exchange line too long"};

// Success.
inline const reply ok{250, {2, 0, 0}, "OK"};
inline const reply sender_ok{250, {2, 1, 0}, "Sender OK"};
inline const reply recipient_ok{250, {2, 1, 5}, "Recipient OK"};
inline const reply start_data{354, "End data with <CRLF>.<CRLF>"};
inline const reply will_try{252, {2, 0, 0}, "Cannot verify, but will take a message and try"};  // VRFY, RFC 5321 3.5.3
inline const reply help{214, {2, 0, 0}, "See RFC 5321"};
[[nodiscard]] reply accepted(std::string_view id);         ///< "250 2.0.0 <id> accepted"
[[nodiscard]] reply chunk_received(std::uint64_t octets);  ///< to BDAT, not the last

// A command that is wrong in itself.
inline const reply unknown_command{500, {5, 5, 1}, "Command not recognized"};
inline const reply line_too_long{500, {5, 5, 2}, "Line too long"};
inline const reply faulty_line{500, {5, 5, 2}, "Bare CR, bare LF or NUL in a command; lines end with CRLF"};
inline const reply empty_line{500, {5, 5, 2}, "Empty command"};
inline const reply no_arguments{501, {5, 5, 4}, "This command takes no argument"};
inline const reply helo_argument{501, {5, 5, 4}, "Syntax: HELO or EHLO, then your host name or [address]"};
inline const reply mail_syntax{501, {5, 5, 4}, "Syntax: MAIL FROM:<address> [parameters]"};
inline const reply rcpt_syntax{501, {5, 5, 4}, "Syntax: RCPT TO:<address> [parameters]"};
inline const reply bdat_syntax{501, {5, 5, 4}, "Syntax: BDAT size [LAST]"};
inline const reply auth_syntax{501, {5, 5, 4}, "Syntax: AUTH mechanism [initial-response]"};
inline const reply argument_needed{501, {5, 5, 4}, "This command needs an argument"};
inline const reply sender_syntax{501, {5, 1, 7}, "Bad sender address syntax"};
inline const reply recipient_syntax{501, {5, 1, 3}, "Bad recipient address syntax"};
inline const reply sender_too_long{501, {5, 1, 7}, "Path too long"};  // RFC 5321 4.5.3.1.9
inline const reply recipient_too_long{501, {5, 1, 3}, "Path too long"};
inline const reply parameter_syntax{501, {5, 5, 4}, "Bad parameter syntax"};
[[nodiscard]] reply parameter_unknown(std::string_view keyword);   ///< 555 5.5.4
[[nodiscard]] reply parameter_repeated(std::string_view keyword);  ///< 501 5.5.4
[[nodiscard]] reply parameter_value(std::string_view keyword);     ///< 501 5.5.4
inline const reply not_implemented{502, {5, 5, 1}, "Command not implemented"};

// A command at the wrong time (RFC 5321 4.1.4).
inline const reply greet_first{503, {5, 5, 1}, "Send EHLO or HELO first"};
inline const reply ehlo_first{503, {5, 5, 1}, "Send EHLO first"};
inline const reply nested_mail{503, {5, 5, 1}, "A transaction is open already; RSET ends it"};
inline const reply mail_first{503, {5, 5, 1}, "Send MAIL first"};
inline const reply rcpt_first{503, {5, 5, 1}, "Send RCPT first"};
inline const reply no_valid_recipients{554, {5, 5, 1}, "No valid recipients"};
inline const reply bdat_begun{503, {5, 5, 1}, "BDAT has begun, only BDAT may follow; RSET ends it"};
inline const reply bdat_failed{503, {5, 5, 1}, "A chunk was refused; send RSET"};
inline const reply binary_needs_bdat{503, {5, 5, 1}, "BODY=BINARYMIME needs BDAT, not DATA"};

// Addresses and policy.
inline const reply sender_needs_smtputf8{550, {5, 6, 7}, "Non-ASCII address needs SMTPUTF8"};     // RFC 6531 3.5: MAIL is 550
inline const reply recipient_needs_smtputf8{553, {5, 6, 7}, "Non-ASCII address needs SMTPUTF8"};  // and RCPT is 553
inline const reply unknown_user{550, {5, 1, 1}, "No such user here"};
inline const reply user_disabled{550, {5, 2, 1}, "This mailbox is disabled"};
inline const reply relaying_denied{550, {5, 7, 1}, "Relaying denied"};
inline const reply sender_not_owned{550, {5, 7, 1}, "This sender address is not yours"};  // RFC 6409 6.1
inline const reply header_not_owned{550, {5, 7, 1}, "An address in From or Sender is not yours"};
inline const reply null_sender_not_taken{550, {5, 7, 1}, "The null sender is for notifications only"};
inline const reply bad_destination{550, {5, 1, 2}, "Nothing can be sent to this domain"};
inline const reply bad_author{550, {5, 6, 0}, "From and Sender must stand once and hold addresses"};
inline const reply header_too_large{552, {5, 3, 4}, "Header section is too large"};
inline const reply too_many_messages_sent{450, {4, 7, 1}, "Too many messages in an hour, try again later"};
inline const reply too_many_recipients_sent{450, {4, 7, 1}, "Too many recipients in an hour, try again later"};
inline const reply too_many_recipients{452, {4, 5, 3}, "Too many recipients"};  // RFC 5321 4.5.3.1.10
inline const reply mailbox_full{452, {4, 2, 2}, "Mailbox is full, try again later"};
inline const reply over_quota{552, {5, 2, 2}, "Message is larger than the mailbox may ever hold"};

// The message and our own state.
[[nodiscard]] reply too_large(std::uint64_t limit);  // in octets; people read it, so that they know what to leave out
inline const reply faulty_message{550, {5, 6, 0}, "Bare CR, bare LF or NUL in the message; lines end with CRLF"};
inline const reply mail_loop{554, {5, 4, 6}, "Too many hops: this message goes round in circles"};
inline const reply unavailable{451, {4, 3, 0}, "Temporarily unavailable, try again later"};
inline const reply no_space{452, {4, 3, 1}, "Out of storage, try again later"};

}  // namespace postern::smtp::replies
