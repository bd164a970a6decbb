#include "smtp/octet_sink.hpp"

namespace postern::smtp {

void limited_sink::append(std::string_view octets) {
    const auto room = seen_ < limit_ ? limit_ - seen_ : 0;
    seen_ += octets.size();
    if (room > 0) out_.append(octets.substr(0, room));
}

}  // namespace postern::smtp
