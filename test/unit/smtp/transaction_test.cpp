#include "smtp/transaction.hpp"

#include "smtp/replies.hpp"
#include "test/catch.hpp"

namespace transaction_test {

using namespace postern::smtp;

namespace {

constexpr std::size_t limit = 3;

address someone() { return parse_mailbox("a@b.test").value(); }

transaction greeted() {
    transaction t;
    t.greet("c.test", true);
    return t;
}

transaction with_sender(body_type body = body_type::seven_bit) {
    auto t = greeted();
    t.mail(someone(), {.body = body, .size = {}, .smtputf8 = false});
    return t;
}

transaction with_recipient(body_type body = body_type::seven_bit) {
    auto t = with_sender(body);
    t.rcpt(someone());
    return t;
}

}  // namespace

TEST_CASE("nothing of a transaction is in order before HELO or EHLO") {
    const transaction t;
    CHECK_FALSE(t.greeted());
    CHECK(t.refuse_mail() == replies::greet_first);
    CHECK(t.refuse_rcpt(limit) == replies::greet_first);
    CHECK(t.refuse_data() == replies::greet_first);
    CHECK(t.refuse_bdat() == replies::greet_first);
}

TEST_CASE("a greeted session waits for MAIL") {
    const auto t = greeted();
    CHECK(t.greeted());
    CHECK(t.esmtp());
    CHECK(t.helo() == "c.test");
    CHECK_FALSE(t.refuse_mail());
    CHECK(t.refuse_rcpt(limit) == replies::mail_first);
    CHECK(t.refuse_data() == replies::mail_first);
    CHECK(t.refuse_bdat() == replies::mail_first);
}

TEST_CASE("a transaction is not opened twice") { CHECK(with_sender().refuse_mail() == replies::nested_mail); }

TEST_CASE("data needs a recipient, and it makes a difference whether one was tried") {
    auto t = with_sender();
    CHECK(t.refuse_data() == replies::rcpt_first);
    CHECK(t.refuse_bdat() == replies::rcpt_first);
    t.rcpt_refused();
    CHECK(t.refuse_data() == replies::no_valid_recipients);
    CHECK(t.refuse_bdat() == replies::no_valid_recipients);
    t.rcpt(someone());
    CHECK_FALSE(t.refuse_data());
    CHECK_FALSE(t.refuse_bdat());
}

TEST_CASE("recipients are limited") {
    auto t = with_sender();
    for (std::size_t i = 0; i < limit; ++i) {
        CHECK_FALSE(t.refuse_rcpt(limit));
        t.rcpt(someone());
    }
    CHECK(t.refuse_rcpt(limit) == replies::too_many_recipients);
    CHECK_FALSE(t.refuse_data());  // those accepted are still served
}

TEST_CASE("a binary body does not go through DATA") {
    CHECK(with_recipient(body_type::binary).refuse_data() == replies::binary_needs_bdat);
    CHECK_FALSE(with_recipient(body_type::binary).refuse_bdat());
}

TEST_CASE("once BDAT has begun only BDAT follows") {
    auto t = with_recipient();
    t.bdat();
    CHECK(t.refuse_mail() == replies::nested_mail);
    CHECK(t.refuse_rcpt(limit) == replies::bdat_begun);
    CHECK(t.refuse_data() == replies::bdat_begun);
    CHECK_FALSE(t.refuse_bdat());
}

TEST_CASE("after a refused chunk every other one is refused, until RSET") {
    auto t = with_sender();
    t.bdat_failed();  // no recipient yet: if RCPT and BDAT were taken now, the message would lack its start
    CHECK(t.refuse_rcpt(limit));
    CHECK(t.refuse_bdat() == replies::bdat_failed);
    CHECK(t.refuse_data());
    t.reset();
    CHECK_FALSE(t.refuse_mail());

    auto idle = greeted();
    idle.bdat_failed();
    CHECK_FALSE(idle.refuse_mail());
}

TEST_CASE("a reset forgets the envelope but not the greeting") {
    auto t = with_recipient(body_type::binary);
    t.bdat();
    t.reset();
    CHECK(t.greeted());
    CHECK_FALSE(t.open());
    CHECK(t.recipients().empty());
    CHECK(t.reverse_path().is_null());
    CHECK(t.parameters().body == body_type::seven_bit);
    CHECK_FALSE(t.refuse_mail());
    CHECK(t.refuse_data() == replies::mail_first);
}

TEST_CASE("another greeting resets and renames") {
    auto t = with_recipient();
    t.greet("d.test", false);
    CHECK_FALSE(t.open());
    CHECK_FALSE(t.esmtp());
    CHECK(t.helo() == "d.test");
}

}  // namespace transaction_test
