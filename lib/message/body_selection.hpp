#pragma once

#include <cstddef>
#include <vector>

#include "message/part.hpp"

namespace postern::message {

/// What a part is to a person.
enum class part_role {
    container,   ///< a multipart
    text,        ///< read as the message's text
    html,        ///< read as the message's HTML
    inline_,     ///< shown within the HTML
    attachment,  ///< everything else
};

/// Tells the roles of a message's parts one after the other, so that a walk can end when enough is known.
///
/// Of a multipart/alternative's forms the first in plain text and the first in HTML count; forms we do not show are
/// attachments, so that nothing is out of reach.
class body_selector {
public:
    /// The role of `parts[index]`; to be asked for each index once, from 0 on.
    [[nodiscard]] part_role role_of(const std::vector<part>& parts, std::size_t index);

private:
    struct taken_form {
        std::size_t alternative;
        std::size_t form;
    };
    static bool takes(std::vector<taken_form>& taken, const std::vector<part>& parts, std::size_t index);

    std::vector<taken_form> text_;  // of each multipart/alternative the form taken for its text, and for its HTML
    std::vector<taken_form> html_;
};

/// The role of each part, in their order.
[[nodiscard]] std::vector<part_role> select_bodies(const std::vector<part>& parts);

/// Whether a list of messages shows that this part is there: a file somebody sent along. Images of the HTML and signatures are
/// not, and neither are nameless parts, other than whole messages, that programs add for each other.
[[nodiscard]] bool is_sent_along(const std::vector<part>& parts, std::size_t index, part_role role);

}  // namespace postern::message
