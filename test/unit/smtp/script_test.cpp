#include <string>
#include <vector>

#include "cuts.hpp"
#include "smtp/bdat_reader.hpp"
#include "smtp/dot_reader.hpp"
#include "smtp/extensions.hpp"
#include "smtp/header_filter.hpp"
#include "smtp/line_reader.hpp"
#include "smtp/replies.hpp"
#include "smtp/transaction.hpp"
#include "test/catch.hpp"

namespace script_test {

/// The protocol's parts put together as a session puts them, without a socket: what a client sends goes in, in pieces, and the
/// codes of the replies come out.

using namespace postern::smtp;
using namespace std::string_literals;

namespace {

class receiver {
public:
    void receive(std::string_view octets) {
        while (true) {
            if (mode_ == mode::dots) {
                const auto progress = dots_.feed(octets, message_);
                octets.remove_prefix(progress.consumed);
                if (!progress.finished) return;
                end_message(dots_.first_fault());
            } else if (mode_ == mode::chunk) {
                const auto progress = chunks_.feed(octets, chunk_sink());
                octets.remove_prefix(progress.consumed);
                if (!progress.finished) return;
                end_chunk();
            } else {
                const auto progress = lines_.feed(octets);
                octets.remove_prefix(progress.consumed);
                if (!progress.command) return;
                answer(*progress.command);
            }
        }
    }

    [[nodiscard]] const std::string& codes() const { return codes_; }

private:
    enum class mode { commands, dots, chunk };

    octet_sink& chunk_sink() { return chunk_refused_ ? static_cast<octet_sink&>(nowhere_) : message_; }

    void say(const reply& r) {
        if (!codes_.empty()) codes_ += ", ";
        codes_ += std::to_string(r.code) + (r.status ? " " + to_string(*r.status) : "");
    }

    void answer(const line_reader::line& line) {
        if (line.faulty == line_reader::fault::too_long) return say(replies::line_too_long);
        if (line.faulty != line_reader::fault::none) return say(replies::faulty_line);
        auto parsed = parse_command(line.text);
        if (!parsed) return say(parsed.error());
        std::visit([this](auto& c) { on(c); }, *parsed);
    }

    void on(helo_command& c) {
        offered_ = {};
        transaction_.greet(c.domain, false);
        say(replies::helo("mx.test", c.domain));
    }
    void on(ehlo_command& c) {
        offered_ = {.size = 1000, .eight_bit_mime = true, .smtputf8 = true, .chunking = true, .binary_mime = true};
        transaction_.greet(c.domain, true);
        say(offered_.ehlo_reply("mx.test", c.domain));
    }
    void on(mail_command& c) {
        if (const auto refused = transaction_.refuse_mail()) return say(*refused);
        const auto accepted = offered_.accept(c);
        if (!accepted) return say(accepted.error());
        transaction_.mail(std::move(c.reverse_path), *accepted);
        say(replies::sender_ok);
    }
    void on(rcpt_command& c) {
        if (const auto refused = transaction_.refuse_rcpt(2)) return say(*refused);
        auto accepted = offered_.accept(c, transaction_.parameters().smtputf8);
        auto refused = accepted ? std::nullopt : std::optional(accepted.error());
        if (!refused && c.forward_path.local_part == "nobody") refused = replies::unknown_user;
        if (refused) {
            transaction_.rcpt_refused();
            return say(*refused);
        }
        transaction_.rcpt(std::move(c.forward_path), std::move(*accepted));
        say(replies::recipient_ok);
    }
    void on(data_command&) {
        if (const auto refused = transaction_.refuse_data()) return say(*refused);
        dots_ = {};
        mode_ = mode::dots;
        say(replies::start_data);
    }
    void on(bdat_command& c) {
        chunk_ = c;
        chunk_refused_ = transaction_.refuse_bdat();
        if (!in_message_) chunks_ = bdat_reader(transaction_.parameters().body);
        in_message_ = !chunk_refused_;
        chunks_.begin(c.size, c.last);
        if (!chunk_refused_ && chunks_.announced() > 1000) chunk_refused_ = replies::too_large(1000);
        if (!chunk_refused_) transaction_.bdat();
        mode_ = mode::chunk;
    }
    void on(rset_command&) {
        transaction_.reset();
        in_message_ = false;
        say(replies::ok);
    }
    void on(quit_command&) { say(replies::goodbye); }
    void on(noop_command&) { say(replies::ok); }
    void on(help_command&) { say(replies::help); }
    void on(vrfy_command&) { say(replies::will_try); }
    template <class Other>
    void on(Other&) {
        say(replies::not_implemented);
    }

    void end_message(octet_fault fault) {
        say(fault == octet_fault::none ? replies::accepted("1") : replies::faulty_message);
        transaction_.reset();
        in_message_ = false;
        mode_ = mode::commands;
    }
    void end_chunk() {
        mode_ = mode::commands;
        if (!chunk_refused_ && chunk_.last) return end_message(chunks_.first_fault());
        say(chunk_refused_.value_or(replies::chunk_received(chunk_.size)));
        if (!chunk_refused_) return;
        in_message_ = false;
        if (chunk_.last) {
            transaction_.reset();
        } else {
            transaction_.bdat_failed();
        }
    }

    mode mode_ = mode::commands;
    line_reader lines_;
    dot_reader dots_;
    bdat_reader chunks_;
    bdat_command chunk_;
    std::optional<reply> chunk_refused_;
    bool in_message_ = false;
    extensions offered_;
    transaction transaction_;
    string_sink message_;
    discarding_sink nowhere_;
    std::string codes_;
};

const std::string start = "EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\n";
const std::string started = "250, 250 2.1.0, 250 2.1.5, ";

}  // namespace

TEST_CASE("a session's replies follow from what the client sends, however it is cut") {
    struct row {
        std::string sent;
        std::string codes;
        std::string why;
    };
    const std::vector<row> rows{
        {start + "DATA\r\nx\r\n.\r\nQUIT\r\n", started + "354, 250 2.0.0, 221 2.0.0", "a message, pipelined"},
        {"NOOP\r\nRSET\r\nHELP\r\nVRFY a\r\nQUIT\r\n", "250 2.0.0, 250 2.0.0, 214 2.0.0, 252 2.0.0, 221 2.0.0",
         "what is in order before a greeting (4.1.4)"},
        {"MAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\nDATA\r\n", "503 5.5.1, 503 5.5.1, 503 5.5.1", "and what is not"},
        {"EHLO c\r\nDATA\r\nRCPT TO:<a@b>\r\n", "250, 503 5.5.1, 503 5.5.1", "before MAIL"},
        {"EHLO c\r\nMAIL FROM:<a@b>\r\nDATA\r\n", "250, 250 2.1.0, 503 5.5.1", "DATA before RCPT"},
        {"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<nobody@b>\r\nDATA\r\n", "250, 250 2.1.0, 550 5.1.1, 554 5.5.1",
         "DATA after only refused recipients: what follows are commands"},
        {"EHLO c\r\nMAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\nRCPT TO:<a@b>\r\n", "250, 250 2.1.0, 503 5.5.1, 250 2.1.5",
         "a second MAIL changes nothing"},
        {start + "RSET\r\nRCPT TO:<a@b>\r\n", started + "250 2.0.0, 503 5.5.1", "RSET ends the transaction"},
        {start + "EHLO d\r\nDATA\r\n", started + "250, 503 5.5.1", "so does EHLO"},
        {start + "EHLO a b\r\nDATA\r\n.\r\n", started + "501 5.5.4, 354, 250 2.0.0", "but not one that is refused"},
        {start + "RCPT TO:<a@b>\r\nRCPT TO:<a@b>\r\nDATA\r\n.\r\n", started + "250 2.1.5, 452 4.5.3, 354, 250 2.0.0",
         "a recipient too many, and the others are served"},
        {start + "DATA\r\nx\n.\nMAIL FROM:<e@vil>\r\n.\r\nNOOP\r\n", started + "354, 550 5.6.0, 250 2.0.0",
         "smuggling: LF dot LF ends nothing"},
        {start + "DATA\r\nx\r\n.\nMAIL FROM:<e@vil>\r\n.\r\nNOOP\r\n", started + "354, 550 5.6.0, 250 2.0.0",
         "smuggling: CRLF dot LF"},
        {start + "DATA\r\nx\r.\rMAIL FROM:<e@vil>\r\n.\r\nNOOP\r\n", started + "354, 550 5.6.0, 250 2.0.0",
         "smuggling: CR dot CR"},
        {start + "DATA\r\nx\0\r\n.\r\nNOOP\r\n"s, started + "354, 550 5.6.0, 250 2.0.0", "NUL"},
        {"NOOP\nQUIT\r\nNOOP\r\n", "500 5.5.2, 250 2.0.0", "smuggling: a command behind a bare LF"},
        {"NOOP " + std::string(3000, 'x') + "\r\nNOOP\r\n", "500 5.5.2, 250 2.0.0", "a line too long"},
        {start + "BDAT 3\r\nab\rBDAT 2 LAST\r\n\nxNOOP\r\n", started + "250 2.0.0, 250 2.0.0, 250 2.0.0", "chunks"},
        {start + "BDAT 1\r\naBDAT 0 LAST\r\nNOOP\r\n", started + "250 2.0.0, 250 2.0.0, 250 2.0.0", "BDAT 0 LAST"},
        {start + "BDAT 5 LAST\r\nQUIT\nNOOP\r\n", started + "550 5.6.0, 250 2.0.0", "a bare LF in a chunk"},
        {start + "BDAT 1\r\naDATA\r\nRCPT TO:<a@b>\r\nBDAT 1 LAST\r\nb", started + "250 2.0.0, 503 5.5.1, 503 5.5.1, 250 2.0.0",
         "DATA and RCPT amid BDAT (RFC 3030)"},
        {start + "BDAT 1 LAST\r\naBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", started + "250 2.0.0, 503 5.5.1, 250 2.0.0",
         "BDAT after LAST: refused, and its octets are no commands"},
        {"EHLO c\r\nBDAT 6\r\nQUIT\r\nNOOP\r\n", "250, 503 5.5.1, 250 2.0.0", "BDAT out of order, likewise"},
        {start + "BDAT 1001\r\n" + std::string(1001, 'x') + "BDAT 1\r\nxBDAT 1 LAST\r\nx" + "MAIL FROM:<a@b>\r\n",
         started + "552 5.3.4, 503 5.5.1, 503 5.5.1, 250 2.1.0",
         "a chunk too large: the rest of the pipeline is refused in step"},
        {"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<nobody@b>\r\nBDAT 1\r\naRCPT TO:<a@b>\r\nBDAT 1 LAST\r\nb",
         "250, 250 2.1.0, 550 5.1.1, 554 5.5.1, 503 5.5.1, 503 5.5.1", "a message cannot be accepted without its first chunk"},
        {"EHLO c\r\nMAIL FROM:<a@b> BODY=BINARYMIME\r\nRCPT TO:<a@b>\r\nDATA\r\nBDAT 4 LAST\r\n\r\n\n\0"s,
         "250, 250 2.1.0, 250 2.1.5, 503 5.5.1, 250 2.0.0", "a binary body: not DATA, and any octet"},
        {"HELO c\r\nMAIL FROM:<a@b> SIZE=1\r\nMAIL FROM:<a@b>\r\n", "250, 555 5.5.4, 250 2.1.0", "HELO offers no extension"},
        {"EHLO c\r\nMAIL FROM:<\xc3\xb6@b>\r\nMAIL FROM:<a@b>\r\nRCPT TO:<\xc3\xb6@b>\r\n",
         "250, 550 5.6.7, 250 2.1.0, 553 5.6.7", "UTF-8 addresses need SMTPUTF8"},
        {"EHLO c\r\nMAIL FROM:<a@b> SIZE=1001\r\nDATA\r\n", "250, 552 5.3.4, 503 5.5.1", "a size declared too large"},
    };
    for (const auto& [sent, codes, why] : rows) {
        for (const std::size_t piece : cuts) {
            INFO(why << ", in pieces of " << piece);
            receiver r;
            for (std::size_t from = 0; from < sent.size(); from += piece) r.receive(std::string_view(sent).substr(from, piece));
            CHECK(r.codes() == codes);
        }
    }
}

}  // namespace script_test
