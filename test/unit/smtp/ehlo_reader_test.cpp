#include "smtp/ehlo_reader.hpp"

#include <string>

#include "test/catch.hpp"

namespace ehlo_reader_test {

using namespace postern::smtp;

namespace {

extensions offered(const std::string& line) { return read_ehlo({250, "mx.example.test at your service\n" + line}); }

}  // namespace

TEST_CASE("every extension we know is read from a server's answer to EHLO") {
    const auto all =
        read_ehlo({250,
                   "mx.example.test Hello\nPIPELINING\nSIZE 35882577\n8BITMIME\nBINARYMIME\nCHUNKING\nSMTPUTF8\nDSN\n"
                   "STARTTLS\nAUTH PLAIN LOGIN SCRAM-SHA-256\nENHANCEDSTATUSCODES\nLIMITS RCPTMAX=50 MAILMAX=7"});
    CHECK(all.pipelining);
    CHECK(all.size == 35'882'577);
    CHECK(all.eight_bit_mime);
    CHECK(all.binary_mime);
    CHECK(all.chunking);
    CHECK(all.smtputf8);
    CHECK(all.dsn);
    CHECK(all.starttls);
    CHECK(all.auth == std::vector<std::string>{"PLAIN", "LOGIN", "SCRAM-SHA-256"});
    CHECK(all.enhanced_status_codes);
    CHECK(all.rcpt_max == 50);
    CHECK(all.mail_max == 7);
}

TEST_CASE("what a server does not offer is not there") {
    const auto none = read_ehlo({250, "PIPELINING SIZE 8BITMIME"});  // the first line is its name
    CHECK_FALSE(none.pipelining);
    CHECK_FALSE(none.size);
    CHECK_FALSE(none.eight_bit_mime);
    CHECK(none.auth.empty());
    CHECK_FALSE(read_ehlo({250, ""}).pipelining);
    CHECK_FALSE(offered("XPIPELINING\nPIPELININGX\n\n \nDSN-X").pipelining);
}

TEST_CASE("keywords come in any case and parameters as servers write them") {
    CHECK(offered("pipelining").pipelining);
    CHECK(offered("PIPELINING ").pipelining);
    CHECK(offered("SIZE").size == 0);  // RFC 1870 section 4: no fixed limit
    CHECK(offered("SIZE 0").size == 0);
    CHECK_FALSE(offered("SIZE lots").size);
    CHECK(offered("SIZE 99999999999999999999999").size == std::nullopt);
    CHECK(offered("auth plain").auth == std::vector<std::string>{"PLAIN"});
    CHECK(offered("AUTH=PLAIN LOGIN").auth == std::vector<std::string>{"PLAIN", "LOGIN"});
    CHECK(offered("AUTH PLAIN\nAUTH=PLAIN LOGIN").auth == std::vector<std::string>{"PLAIN", "LOGIN"});  // both forms, once
    CHECK_FALSE(offered("BINARYMIME").binary_mime);  // RFC 3030 section 3: only together with CHUNKING
    CHECK(offered("LIMITS MAILMAX=5 NEW=1 RCPTMAX=x").mail_max == 5);
    CHECK_FALSE(offered("LIMITS RCPTMAX=0").rcpt_max);  // no limit makes sense that lets nothing through
}

TEST_CASE("a server cannot make us keep mechanisms without end") {
    std::string line = "AUTH";
    for (int i = 0; i < 300; ++i) line += " M" + std::to_string(i);
    CHECK(offered(line).auth.size() == 32);
    CHECK(offered("AUTH " + std::string(1000, 'X')).auth.empty());
}

TEST_CASE("what our own server announces is what its client reads") {
    extensions ours;
    ours.pipelining = ours.eight_bit_mime = ours.smtputf8 = ours.chunking = ours.binary_mime = true;
    ours.enhanced_status_codes = true;
    ours.size = 1'000'000;
    ours.rcpt_max = 100;
    ours.mail_max = 1000;
    const auto read = read_ehlo(ours.ehlo_reply("mx.example.test", "client.test"));
    CHECK(read.pipelining);
    CHECK(read.size == ours.size);
    CHECK(read.chunking);
    CHECK(read.binary_mime);
    CHECK(read.rcpt_max == ours.rcpt_max);
    CHECK(read.mail_max == ours.mail_max);
}

}  // namespace ehlo_reader_test
