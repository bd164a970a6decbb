#pragma once

#include <charconv>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "test/smtp_dialogue.hpp"

namespace postern::test {

/// A client at an IMAP server's socket that says and expects what a script tells it; blocking, on the test's own thread.
///
///     client.play(R"(
///         S: * OK ~
///         C: a1 SELECT INBOX
///         S: ...
///         S: a1 OK [READ-WRITE] ~
///     )");
///
/// Neighbouring C lines go out in one segment, each with CRLF. An S line is the next response, literals and all, with each CRLF
/// within it as "|"; where it ends with "~" it is how that begins. "S: ..." passes over what comes before the next S line,
/// which must come; "S: <end>" expects the close; "C: <tls>" does a TLS handshake.
class imap_dialogue {
public:
    explicit imap_dialogue(const smtp_dialogue::endpoint& server) : raw(server) {}

    void play(const std::string& script) {
        std::istringstream lines(script);
        std::string said;
        std::string line;
        bool pass_over = false;
        while (std::getline(lines, line)) {
            line.erase(0, line.find_first_not_of(' '));
            if (line == "C: <tls>") {
                raw.send(std::exchange(said, {}));
                raw.start_tls();
            } else if (line.starts_with("C:")) {
                said += line.substr(std::min<std::size_t>(3, line.size())) + "\r\n";
            } else if (line == "S: ...") {
                raw.send(std::exchange(said, {}));
                pass_over = true;
            } else if (line.starts_with("S: ")) {
                raw.send(std::exchange(said, {}));
                expect(line.substr(3), std::exchange(pass_over, false));
            } else if (!line.empty()) {
                throw std::logic_error("not a line of a script: " + line);
            }
        }
        raw.send(said);
    }

    /// Says a command and gives all responses to it, each ended by a line feed, "A" in the place of the tag.
    std::string ask(std::string_view command) {
        const auto tag = next_tag();
        raw.send(tag + ' ' + std::string(command) + "\r\n");
        return answer_to(tag);
    }

    /// How the command ended, without what came before.
    std::string end_of(std::string_view command) {
        const auto all = ask(command);
        const auto from = all.rfind('\n', all.size() - 2);
        return all.substr(from == std::string::npos ? 0 : from + 1);
    }

    /// What comes up to the response with this tag, as ask() gives it.
    std::string answer_to(const std::string& tag) {
        std::string all;
        for (;;) {
            const auto one = response();
            if (one.starts_with(tag + ' ')) return all + "A" + one.substr(tag.size()) + "\n";
            all += one + "\n";
            if (one.starts_with("<end")) return all;
        }
    }

    /// The next response, literals and all, without the CRLF at its end; "<end>" when the server has closed.
    std::string response() {
        auto whole = raw.line();
        for (std::size_t from = 0;;) {
            const auto size = literal_at_end_of(std::string_view(whole).substr(from));
            if (!size) return whole;
            whole += "\r\n";
            from = whole.size() + *size;
            for (auto more = raw.line();; more = raw.line()) {
                if (more.starts_with("<end")) return more;
                whole += more;
                if (whole.size() >= from) break;
                whole += "\r\n";
            }
        }
    }

    std::string next_tag() { return "t" + std::to_string(++tags_); }

    smtp_dialogue raw;

private:
    static std::optional<std::size_t> literal_at_end_of(std::string_view line) {
        const auto open = line.rfind('{');
        if (!line.ends_with('}') || open == std::string_view::npos) return std::nullopt;
        std::size_t size = 0;
        const auto* end = line.data() + line.size() - 1;
        const auto read = std::from_chars(line.data() + open + 1, end, size);
        return read.ptr == end ? std::optional(size) : std::nullopt;
    }

    static bool fits(const std::string& heard, std::string_view wanted) {
        if (!wanted.ends_with('~')) return heard == wanted;
        return heard.starts_with(wanted.substr(0, wanted.size() - 1));
    }

    void expect(const std::string& wanted, bool pass_over) {
        std::string passed;
        for (;;) {
            auto heard = response();
            for (auto at = heard.find("\r\n"); at != std::string::npos; at = heard.find("\r\n", at)) heard.replace(at, 2, "|");
            if (fits(heard, wanted)) {
                CHECK(true);
                return;
            }
            passed += heard + "\n";
            if (pass_over && !heard.starts_with("<end")) continue;
            INFO("the server said:\n" << passed);
            CHECK(heard == wanted);
            if (heard.starts_with("<end")) throw std::runtime_error("the server has closed");
            return;
        }
    }

    int tags_ = 0;
};

}  // namespace postern::test
