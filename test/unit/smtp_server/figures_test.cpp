#include "smtp_server/figures.hpp"

#include "smtp/replies.hpp"
#include "test/catch.hpp"

namespace figures_test {

using namespace postern;
using smtp_server::refusal;
namespace replies = smtp::replies;

TEST_CASE("a refusal has one reason, and what refuses nothing has none") {
    const std::pair<smtp::reply, std::optional<refusal>> cases[] = {
        {replies::ok, std::nullopt},
        {replies::start_data, std::nullopt},
        {replies::goodbye, std::nullopt},
        {replies::shutting_down, std::nullopt},  // no fault of the client's
        {replies::idle_too_long, std::nullopt},  // nor a no
        {replies::unknown_user, refusal::unknown_user},
        {replies::user_disabled, refusal::mailbox_disabled},
        {replies::mailbox_full, refusal::mailbox_full},
        {replies::over_quota, refusal::mailbox_full},
        {replies::relaying_denied, refusal::not_allowed},
        {replies::sender_not_owned, refusal::not_allowed},
        {replies::bad_destination, refusal::bad_address},
        {replies::recipient_syntax, refusal::bad_address},
        {replies::recipient_needs_smtputf8, refusal::bad_address},
        {replies::faulty_message, refusal::bad_message},
        {replies::too_large(1000), refusal::too_large},
        {replies::mail_loop, refusal::loop},
        {replies::too_many_recipients, refusal::limit},
        {replies::too_many_messages_sent, refusal::limit},
        {replies::too_many_connections, refusal::limit},
        {replies::too_many_errors, refusal::limit},
        {replies::auth_failed, refusal::authentication},
        {replies::tls_required, refusal::authentication},
        {replies::auth_throttled(std::chrono::seconds(1)), refusal::authentication},
        {replies::unknown_command, refusal::protocol},
        {replies::talked_too_early, refusal::protocol},
        {replies::unavailable, refusal::unavailable},
        {replies::no_space, refusal::unavailable},
    };
    for (const auto& [reply, why] : cases) {
        CAPTURE(smtp::to_string(reply));
        CHECK(smtp_server::refusal_of(reply) == why);
    }
}

}  // namespace figures_test
