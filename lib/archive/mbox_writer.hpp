#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "archive/maildir.hpp"
#include "core/clock.hpp"

namespace postern::archive {

/// Makes a message one of an mbox: the From_ line (RFC 4155 A), its flags in two fields in front of its own, its octets with
/// mboxrd's reversible quoting, and one line end. What mbox_reader takes away again, to the octet.
///
/// begin(), octets() as often as there are some, end(). Each returns what is to be written.
class mbox_writer {
public:
    [[nodiscard]] std::string begin(std::string_view reverse_path, core::timestamp received_at, const flags& f);
    [[nodiscard]] std::string octets(std::string_view piece);
    [[nodiscard]] std::string end();

private:
    void end_of_match();

    bool at_start_ = true;     // of a line, after any number of ">"
    std::size_t matched_ = 0;  // octets of "From " that are held back
};

}  // namespace postern::archive
