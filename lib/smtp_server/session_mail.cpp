// The envelope: MAIL and RCPT (RFC 5321 3.3).
#include <utility>

#include "smtp/replies.hpp"
#include "smtp_server/session.hpp"

namespace postern::smtp_server {

/// MAIL FROM (RFC 5321 4.1.1.2, RFC 1870, RFC 6152, RFC 3030, RFC 6531, RFC 3461).
session::answered session::on(smtp::mail_command command) {
    if (auto out_of_order = transaction_.refuse_mail()) co_return out_of_order;
    if (messages_ >= shared_.limits.messages) co_return smtp::replies::too_many_messages;  // RFC 9422: MAILMAX
    if (shared_.uses.people && !account_) co_return may_sign_in() ? smtp::replies::auth_required : smtp::replies::tls_required;
    auto parameters = offered_.accept(command);  // a declared size over the limit is refused here, before an octet is sent
    auto refused = parameters ? std::nullopt : std::optional(parameters.error());
    if (!refused) refused = co_await shared_.uses.policy.sender(account_, command.reverse_path, *parameters);
    if (refused) {
        log_refusal("MAIL", "", *refused);
        co_return refused;
    }
    ++messages_;
    transaction_.mail(std::move(command.reverse_path), std::move(*parameters));
    co_return smtp::replies::sender_ok;
}

/// RCPT TO (RFC 5321 4.1.1.3, RFC 3461).
session::answered session::on(smtp::rcpt_command command) {
    if (auto out_of_order = transaction_.refuse_rcpt(shared_.limits.recipients)) co_return out_of_order;
    auto parameters = offered_.accept(command, transaction_.parameters().smtputf8);
    auto refused = parameters ? std::nullopt : std::optional(parameters.error());
    std::expected<queue::recipient_place, smtp::reply> found;
    if (!refused) {
        found =
            co_await shared_.uses.policy.recipient(account_, command.forward_path, transaction_.parameters().size.value_or(0));
        if (!found) refused = std::move(found.error());
    }
    if (refused) {
        transaction_.rcpt_refused();
        log_refusal("RCPT", command.forward_path.text, *refused);
        co_return refused;
    }
    places_.add(*found, command.forward_path.text, *parameters);
    transaction_.rcpt(std::move(command.forward_path), std::move(*parameters));
    co_return smtp::replies::recipient_ok;
}

}  // namespace postern::smtp_server
