#include "message/notification.hpp"

#include "message/octet_window.hpp"
#include "message/structure.hpp"

namespace postern::message {

bool is_notification(const core::content& octets) {
    octet_window window(octets);
    const structure message(window, 0);
    return message.parts().front().is("multipart", "report");
}

}  // namespace postern::message
