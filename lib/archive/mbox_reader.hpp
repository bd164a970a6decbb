#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/maildir.hpp"
#include "core/clock.hpp"

namespace postern::archive {

/// What an mbox holds, one after the other: begin, octets as often as there are some, end.
struct mbox_event {
    enum class kind { begin, octets, end };
    kind what = kind::octets;
    std::string octets{};
    std::optional<core::timestamp> received_at{};  ///< begin: of the From_ line, where it has a date
    flags state{};                                 ///< end: as far as fields tell
};

/// Reads an mbox: ours to the octet, and those of other programs (mboxrd, mboxo, Thunderbird's, with CRLF or LF) with lines
/// that end in CRLF.
///
/// Feed it the file in pieces of any size. A line "From ... date" begins a message, also where no empty line stands before it;
/// one without a date does only at the very beginning, as some programs leave text as it is. One ">" of ">>...From " is taken
/// away. Flags are those of Status, X-Status and X-Mozilla-Status; where these stand in front of the message's own fields, as
/// we and Thunderbird put them, they are taken out, elsewhere they stay. Memory: a piece and about a line of 1,000 octets.
class mbox_reader {
public:
    [[nodiscard]] std::vector<mbox_event> feed(std::string_view piece);
    /// After the last piece.
    [[nodiscard]] std::vector<mbox_event> finish();
    /// Whether the file began as an mbox does. Known after the first piece of five octets or more.
    [[nodiscard]] bool is_mbox() const { return !strange_; }

private:
    enum class place { line_start, from_line, in_line };
    enum class head { leading, header, body };

    void line_start(char c);
    void from_line(char c);
    void begin_message(std::optional<core::timestamp> at, bool crlf);
    void end_message();
    void text(std::string_view octets);
    void line_end();
    void release_line_end();
    void message_octets(std::string_view octets);
    void leading_line();
    void header_octets(std::string_view octets);
    void header_line();
    void out(std::string_view octets);

    std::vector<mbox_event> events_;
    place place_ = place::line_start;
    bool in_message_ = false;
    bool strange_ = false;
    bool quote_ = false;       // a ">" is held back
    std::size_t matched_ = 0;  // octets of "From " that are held back
    std::string line_;         // of a From_ line, as far as it has come
    bool cr_ = false;          // a CR is held back
    bool crlf_held_ = false;   // which line end is held back
    bool end_held_ = false;
    bool held_line_empty_ = false;  // the line that it ends
    bool line_empty_ = true;        // since the last line end
    bool exact_ = false;            // ours: octets as they are

    head head_ = head::leading;
    std::string head_line_;
    bool head_line_long_ = false;
    bool status_first_ = false;
    int leading_ = 0;
    flags state_;
};

/// The time at the end of a From_ line: "Thu Jan  1 00:00:00 1970", with or without a zone; nullopt where there is none.
[[nodiscard]] std::optional<core::timestamp> date_of_from_line(std::string_view line);

}  // namespace postern::archive
