#include "smtp/command.hpp"

#include "require.hpp"
#include "smtp/extensions.hpp"

using namespace postern::smtp;

namespace {

const extensions offered{.size = 1000,
                         .eight_bit_mime = true,
                         .smtputf8 = true,
                         .chunking = true,
                         .binary_mime = true,
                         .dsn = true,
                         .auth = {"PLAIN"}};

/// A refusal is well-formed on the wire whatever the client wrote.
void check(const reply& r) {
    require(r.is_permanent() && r.status && r.status->klass == 5);
    const auto wire = to_string(r);
    for (std::size_t from = 0; from < wire.size();) {
        const auto end = wire.find("\r\n", from);
        require(end != std::string::npos && end + 2 - from <= max_reply_line);
        require(wire.compare(from, 3, std::to_string(r.code)) == 0);
        require(wire[from + 3] == (end + 2 == wire.size() ? ' ' : '-'));
        from = end + 2;
    }
}

}  // namespace

/// Every line is a command or gets a refusal, and the parameters of MAIL and RCPT likewise.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = parse_command({reinterpret_cast<const char*>(data), size});
    if (!parsed) {
        check(parsed.error());
    } else if (const auto* mail = std::get_if<mail_command>(&*parsed)) {
        const auto accepted = offered.accept(*mail);
        if (!accepted) check(accepted.error());
    } else if (const auto* rcpt = std::get_if<rcpt_command>(&*parsed)) {
        const auto accepted = offered.accept(*rcpt, false);
        if (!accepted) check(accepted.error());
    }
    return 0;
}
